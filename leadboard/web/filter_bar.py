"""The bar over lists, boards and exports: the whole filter as one line of text, a chip for each part of it, and what went wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext

from leadboard.errors import Refused
from leadboard.http import message_of
from leadboard.lib.querytext import query_text
from leadboard.queries.record_filter import RecordFilter
from leadboard.web.field_chips import ActiveChip
from leadboard.web.filter_words import said
from leadboard.web.view_opening import Opened

# The longest text that is shown again whole.
MOST_SHOWN = 2000


@dataclass(frozen=True)
class Mistake:
    """What cannot be read: `before` and `rest` are the text around the place, which begins with `marked`."""

    message: str
    before: str
    marked: str
    rest: str


@dataclass
class FilterBar:
    """`kept` are the arguments that stay when the filter is replaced by what is typed."""

    record_type: str
    path: str
    text: str
    kept: Mapping[str, str] = field(default_factory=dict)
    mistake: Mistake | None = None
    opened: Opened | None = None
    # Where the columns of a list are chosen.
    columns_url: str = ""
    # (key, label, address) of everything a list can be grouped by, and which it is.
    groups: Sequence[tuple[str, str, str]] = ()
    group: str = ""

    @property
    def ungrouped_url(self) -> str:
        rest = {name: text for name, text in self.kept.items() if name != "group"}
        return with_args(self.path, {**rest, **({"query": self.text} if self.text else {})})

    @property
    def example(self) -> str:
        return "stage:new owner:me value>=5000" if self.record_type == "lead" else "owner:me touched<-30d"

    @property
    def back(self) -> str:
        return with_args(self.path, self.kept)

    @property
    def condition_url(self) -> str:
        return url_for("filters.condition", record_type=self.record_type, text=self.text[:MOST_SHOWN], back=self.back)

    @property
    def help_url(self) -> str:
        return url_for(
            "filters.explain", record_type=self.record_type, back=with_args(self.path, {**self.kept, "query": self.text[:200]})
        )

    @property
    def suggest_url(self) -> str:
        return url_for("filters.suggest", record_type=self.record_type)


def with_args(path: str, args: Mapping[str, Any]) -> str:
    """An address. With nothing but a view it would show that view's filter, not none."""
    return f"{path}?{urlencode(args)}" if args.keys() - {"view"} else path


def part_chips(
    wanted: RecordFilter, path: str, extra: Mapping[str, str], args: Mapping[str, str] | None = None
) -> list[ActiveChip]:
    """A chip for each part of what was typed that has none of its own. `extra` are arguments beside those of the filter."""
    query = wanted.query
    if query.reader is None or query.language is None:
        return []
    found = []
    for number, part in enumerate(query.parts):
        rest = query_text(one for at, one in enumerate(query.parts) if at != number)
        left = {**(wanted.to_args() if args is None else args), "query": rest, **extra}
        words = said(part, query.language, query.reader)
        found.append(ActiveChip(words.label, words.asks, with_args(path, {name: text for name, text in left.items() if text})))
    return found


def mistake_of(refusal: Refused, text: str) -> Mistake:
    """Where a text that was refused cannot be read; raises what is about something else."""
    if refusal.field != "query" or "at" not in refusal.params:
        raise refusal
    at = min(max(0, int(refusal.params["at"])), len(text))
    end = next((number for number in range(at + 1, len(text)) if text[number].isspace()), len(text))
    before = text[:at]
    return Mistake(
        gettext("%(message)s (at character %(place)s)", message=message_of(refusal), place=at + 1),
        before if len(before) <= 80 else "…" + before[-80:],
        text[at : min(end, at + 60)],
        text[min(end, at + 60) :][:80],
    )
