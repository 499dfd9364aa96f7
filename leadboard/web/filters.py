"""What helps to write a filter: a condition put together in a form, suggestions while somebody types, and what there is to ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import Blueprint, Response, request
from flask_babel import gettext

from leadboard.errors import N_, LeadboardError, NotFound, Refused
from leadboard.http import current_actor, go, is_fragment, is_own_path, message_of, render
from leadboard.lib.querytext import Group, Node, Term, Value, parse_query, query_text
from leadboard.queries.languages import language_of, reader_for
from leadboard.queries.query_columns import Column, Reader
from leadboard.queries.typed_query import Language, read_query
from leadboard.web.filter_bar import with_args
from leadboard.web.filter_suggestions import suggested
from leadboard.web.filter_terms import ComparedBy, Offered, comparisons_of, example_of, offered_values
from leadboard.web.filter_words import kind_of, said

bp = Blueprint("filters", __name__, url_prefix="/filter/<any('lead','contact','organisation'):record_type>")

LONGEST = 2000
MOST_VALUES = 20


class Choice(NamedTuple):
    key: str
    label: str


@dataclass
class ConditionPage:
    """The form; without a `key` it asks for the field first."""

    record_type: str
    text: str
    back: str
    fields: Sequence[Choice]
    key: str = ""
    label: str = ""
    kind: str = ""
    comparisons: Sequence[ComparedBy] = ()
    offered: Offered = field(default_factory=Offered)
    parts: Sequence[str] = ()
    sign: str = ""
    values: Sequence[str] = ()
    last: str = ""
    beside: str = ""
    error: str = ""


class HelpRow(NamedTuple):
    key: str
    label: str
    example: str


@dataclass
class HelpPage:
    back: str
    rows: Sequence[HelpRow]


@bp.get("/condition")
def condition(record_type: str) -> Response:
    """A condition to add: first its field, then how it compares and with what."""
    page = _page(record_type, request.args.get("key", ""))
    return _show(page)


@bp.get("/add")
def add(record_type: str) -> Response:
    """The filter with one condition more, back where it was asked for; the form again with what is wrong."""
    args = request.args
    page = _page(record_type, args.get("key", ""))
    page.sign, page.values, page.last = args.get("sign", ":"), args.getlist("value")[:MOST_VALUES], args.get("last", "")
    page.beside = args.get("beside", "")
    language, reader = language_of(record_type), reader_for(record_type, current_actor())
    try:
        text = query_text(_joined(_typed_parts(page.text), _term(page), page.beside))
        read_query(text, reader, language)
    except Refused as refusal:
        page.error = message_of(refusal)
        return _show(page, status=422)
    path, _, kept = page.back.partition("?")
    return go(f"{path}?{kept}&{with_args('', {'query': text})[1:]}" if kept else with_args(path, {"query": text}))


@bp.get("/suggest")
def suggest(record_type: str) -> Response:
    """What may come next in `query`, as whole texts: keys, then the values of a key."""
    found = suggested(request.args.get("query", "")[:LONGEST], language_of(record_type), reader_for(record_type, current_actor()))
    return render("filters/_suggestions.html", found=found)


@bp.get("/help")
def explain(record_type: str) -> Response:
    """Every key that may be typed, with an example that works here."""
    language, reader = language_of(record_type), reader_for(record_type, current_actor())
    rows = [HelpRow(key, label, example_of(key, language, reader)) for key, label in _fields(language)]
    template = "filters/_help.html" if is_fragment() else "filters/help.html"
    return render(template, HelpPage(_back(), rows))


# ---------------------------------------------------------------------------------------------- the form


def _page(record_type: str, key: str) -> ConditionPage:
    language, reader = language_of(record_type), reader_for(record_type, current_actor())
    page = ConditionPage(record_type, request.args.get("text", "")[:LONGEST], _back(), _fields(language), key)
    if not key:
        return page
    found = language.find(key)
    if found is None or (not isinstance(found, Column) and found.definition.is_archived):
        raise NotFound(N_("There is no such field to filter by. Choose another one."))
    page.label = gettext(found.label) if isinstance(found, Column) else found.label
    page.kind, page.comparisons = kind_of(found), comparisons_of(found)
    page.offered = offered_values(found, reader)
    page.parts = _said_parts(page.text, language, reader)
    return page


def _show(page: ConditionPage, *, status: int = 200) -> Response:
    return render("filters/_condition.html" if is_fragment() else "filters/condition.html", page, status=status)


def _back() -> str:
    target = request.args.get("back", "")
    return target if is_own_path(target) else "/leads"


def _fields(language: Language) -> list[Choice]:
    columns = [Choice(one.key, gettext(one.label)) for one in language.columns.values()]
    return columns + [Choice(language.key_of(one), one.label) for one in language.custom.active if one.type is not None]


def _typed_parts(text: str) -> list[Node]:
    """The filter as it is; one that cannot be read is left out: its place was marked already."""
    try:
        return list(parse_query(text))
    except ValueError:
        return []


def _said_parts(text: str, language: Language, reader: Reader) -> list[str]:
    found = []
    for part in _typed_parts(text):
        try:
            found.append(str(said(part, language, reader)))
        except LeadboardError:
            return []
    return found


def _term(page: ConditionPage) -> Term:
    """What was put together. Raises Refused."""
    sign = page.sign
    if sign not in {one.sign for one in page.comparisons}:
        raise Refused(N_("Choose how to compare."), field="sign")
    if sign in {"none", "any"}:
        return Term(page.key, ":", (Value(sign),))
    texts = [text.strip() for text in page.values if text.strip()]
    if sign == "..":
        if not texts and not page.last.strip():
            raise Refused(N_("Type from where, or up to where."), field="value")
        first = texts[0] if texts else ""
        if any(mark in first + page.last for mark in ' "(),'):
            raise Refused(N_("The ends of a range are written without spaces, such as 100 and 2.5k."), field="value")
        return Term(page.key, ":", (Value(first, page.last.strip()),))
    if not texts:
        raise Refused(N_("Type or choose a value."), field="value")
    is_free = page.kind == "text" and not page.offered.choices
    return Term(page.key, sign, tuple(Value(text, is_quoted=is_free) for text in texts))


def _joined(parts: list[Node], term: Term, beside: str) -> list[Node]:
    """With the condition at the end, or as an alternative to the part with the number `beside`."""
    if not (beside.isascii() and beside.isdecimal() and len(beside) < 4 and int(beside) < len(parts)):
        return [*parts, term]
    found = parts[int(beside)]
    others = found.parts if isinstance(found, Group) and found.kind == "any" else (found,)
    return [*parts[: int(beside)], Group("any", (*others, term)), *parts[int(beside) + 1 :]]
