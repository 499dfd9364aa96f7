"""What may come next in a filter that somebody is typing."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from flask_babel import gettext

from leadboard.lib.folding import fold
from leadboard.lib.querytext import Term, Value, query_text
from leadboard.queries.query_columns import Column, Reader
from leadboard.queries.typed_query import Language
from leadboard.web.filter_terms import offered_values

MOST = 8
# The last word of a text: the text before it, a minus or parenthesis, and after a key the value as far as it is typed.
_LAST = re.compile(
    r"(?P<before>(?:.*[\s(])?-?)(?:(?P<key>[^\W\d][\w.-]*)(?P<sign>>=|<=|!=|[:=<>])(?P<more>(?:[^\s(),\"]+,)*)(?P<value>\"?[^\"(),]*)|(?P<word>[^\s()\":=<>]+))",
    re.DOTALL,
)


class Suggestion(NamedTuple):
    """`text` is the whole filter with it; `shown` what it adds."""

    text: str
    shown: str
    label: str


def suggested(text: str, language: Language, reader: Reader) -> list[Suggestion]:
    """At most MOST; none behind a space, where anything may begin."""
    match = _LAST.fullmatch(text)
    if match is None:
        return []
    if match["word"]:
        return _keys(match["before"], match["word"], language)
    value = match["value"]
    if (" " in value and not value.startswith('"')) or value.endswith(" "):
        return _keys_of_last_word(text, language)
    return _values(match, language, reader)


def _keys_of_last_word(text: str, language: Language) -> list[Suggestion]:
    before, _, word = text.rpartition(" ")
    return _keys(f"{before} ", word, language) if word and word[0] not in "\"'" else []


def _keys(before: str, word: str, language: Language) -> list[Suggestion]:
    """Fields whose key or label begins with the word."""
    asked = fold(word)
    known: list[tuple[str, str]] = [(one.key, gettext(one.label)) for one in language.columns.values()]
    known += [(language.key_of(one), one.label) for one in language.custom.active if one.type is not None]
    found = [(key, label) for key, label in known if fold(key).startswith(asked)]
    found += [(key, label) for key, label in known if (key, label) not in found and fold(label).startswith(asked)]
    return [Suggestion(f"{before}{key}:", f"{key}:", label) for key, label in found[:MOST]]


def _values(match: "re.Match[str]", language: Language, reader: Reader) -> list[Suggestion]:
    found = language.find(match["key"].lower())
    if found is None or (not isinstance(found, Column) and (found.definition.is_archived or found.type is None)):
        return []
    offered = offered_values(found, reader)
    known: list[tuple[str, str]] = [*offered.choices, *offered.hints]
    if not isinstance(found, Column) or found.has_empty:
        known += [("none", gettext("empty")), ("any", gettext("filled"))]
    asked = fold(match["value"].strip('" '))
    if any(fold(text) == asked for text, _ in known):
        return []
    begun = f"{match['before']}{match['key']}{match['sign']}{match['more']}"
    return [Suggestion(f"{begun}{_written(text)} ", _written(text), label) for text, label in _beginning(known, asked)][:MOST]


def _beginning(known: Iterable[tuple[str, str]], asked: str) -> list[tuple[str, str]]:
    first, later = [], []
    for text, label in known:
        names = (fold(text), fold(label))
        if any(name.startswith(asked) for name in names):
            first.append((text, label))
        elif any(asked in name for name in names):
            later.append((text, label))
    return list(dict.fromkeys(first + later))


def _written(text: str) -> str:
    """As it stands behind a key."""
    return query_text([Term("x", ":", (Value(text),))]).removeprefix("x:")
