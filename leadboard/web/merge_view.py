"""Two records side by side, field by field, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from flask_babel import gettext, ngettext

from leadboard.domain.custom_values import value_of
from leadboard.domain.hosts import Host
from leadboard.domain.merging import default_values
from leadboard.domain.points import points_of
from leadboard.forms.custom_inputs import reader_context
from leadboard.forms.records import MONEY
from leadboard.http import current_actor, formats
from leadboard.lib.ids import as_id
from leadboard.models.record_fields import FieldKind, RecordField
from leadboard.permissions import may_delete, may_give
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.lead_page import one_lead
from leadboard.queries.merging import hanging_on
from leadboard.queries.party_page import one_party
from leadboard.web.field_texts import field_text
from leadboard.web.parties.kinds import KINDS, PartyKind, record_url

KEEP = "keep"


@dataclass(frozen=True)
class MergeRow:
    """A field that at least one of the two fills: the texts of both, and the id of the record whose value is ticked.

    `by` is who changed it while the page was open.
    """

    name: str
    label: str
    texts: tuple[str, str]
    chosen: int
    is_same: bool = False
    is_marked: bool = False
    by: str = ""


@dataclass(frozen=True)
class MergeSide:
    """One of the two records; `hanging` says what would come over from it."""

    id: int
    name: str
    url: str
    version: int
    added: str
    hanging: str
    points: tuple[str, ...]
    may_go: bool


@dataclass
class MergePage:
    """`kept` is the id of the one that stays."""

    kind: PartyKind
    sides: tuple[MergeSide, MergeSide]
    rows: list[MergeRow]
    kept: int
    url: str
    cancel_url: str
    error: str = ""
    marks: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def differing(self) -> list[MergeRow]:
        return [row for row in self.rows if not row.is_same]

    @property
    def same(self) -> list[MergeRow]:
        return [row for row in self.rows if row.is_same]

    @property
    def is_allowed(self) -> bool:
        """Whether one of the two may be merged away."""
        return any(side.may_go for side in self.sides)


def merge_row_of(record_type: str, record_id: int) -> dict[str, Any]:
    """A record's columns and the names that its ids stand for. Raises NotFound."""
    actor = current_actor()
    return one_lead(record_id, actor) if record_type == "lead" else one_party(record_type, record_id, actor)


def title_of(record_type: str, row: Mapping[str, Any]) -> str:
    return str(row["title" if record_type == "lead" else "name"])


def merge_page(
    kind: PartyKind, pair: tuple[dict[str, Any], dict[str, Any]], marks: Mapping[int, Mapping[str, str]] | None = None
) -> MergePage:
    """The page of these two; what was sent stays ticked. `marks` are the fields that somebody changed meanwhile, by record."""
    record_type, actor = kind.record_type, current_actor()
    ids = (int(pair[0]["id"]), int(pair[1]["id"]))
    may_go = [may_delete(actor, row["owner_id"]) for row in pair]
    kept = request.values.get(KEEP, type=as_id)
    if kept not in ids:
        kept = ids[0] if may_go[1] or not may_go[0] else ids[1]
    counts = hanging_on(record_type, ids)
    sides = [
        MergeSide(
            ids[at], title_of(record_type, row), record_url(record_type, ids[at]), row["version"],
            gettext("Added %(when)s", when=formats().moment(row["created_at"])), _hanging(counts[at]), _points(record_type, row), may_go[at],
        )
        for at, row in enumerate(pair)
    ]  # fmt: skip
    rows = _rows(kind, pair, kept, marks or {})
    url = compare_url(record_type, *ids)
    return MergePage(kind, (sides[0], sides[1]), rows, kept, url, sides[0].url, marks=marks or {})


def compare_url(record_type: str, record_id: int, other_id: int) -> str:
    """The page of these two."""
    if record_type == "lead":
        return url_for("leads.merge", lead_id=record_id, other_id=other_id)
    return KINDS[record_type].url("merge", record_id=record_id, other_id=other_id)


def chosen_values(page: MergePage, pair: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """{field: value} of what the kept record takes from the other one."""
    other = next(row for row in pair if row["id"] != page.kept)
    fields = page.kind.table.fields
    values: dict[str, Any] = {}
    for row in page.differing:
        if row.chosen != page.kept:
            values[row.name] = other[fields[row.name].column] if row.name in fields else value_of(other, row.name)
    if MONEY[0] in values:
        # An amount means nothing without its currency.
        values[MONEY[1]] = other[MONEY[1]]
    return values


def _rows(
    kind: PartyKind, pair: Sequence[Mapping[str, Any]], kept: int, marks: Mapping[int, Mapping[str, str]]
) -> list[MergeRow]:
    keep, other = sorted(pair, key=lambda row: row["id"] != kept)
    defaults = default_values(kind.record_type, keep, other, current_actor())
    changed = {name: by for fields in marks.values() for name, by in fields.items()}
    found = []
    for name, label, values, texts in _compared(kind, pair):
        if not any(texts):
            continue
        sent = request.form.get(f"v-{name}", type=as_id)
        usual = int(other["id"] if name in defaults and values[0] != values[1] else kept)
        chosen = sent if sent in {keep["id"], other["id"]} else usual
        found.append(
            MergeRow(name, label, texts, int(chosen or 0), values[0] == values[1], name in changed, changed.get(name, ""))
        )
    return found


def _compared(kind: PartyKind, pair: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, tuple[Any, Any], tuple[str, str]]]:
    """(name, label, both values, both texts) of every field."""
    found: list[tuple[str, str, tuple[Any, Any], tuple[str, str]]] = []
    for name, known in kind.table.fields.items():
        values = (pair[0][known.column], pair[1][known.column])
        if name == MONEY[1] or (name == "owner" and not _may_choose_owner(pair)):
            continue
        if name == MONEY[0]:
            values = tuple((row[name], row[MONEY[1]]) for row in pair)  # type: ignore[assignment]
        texts = [_text(known, row) for row in pair]
        found.append((name, gettext(known.label), values, (texts[0], texts[1])))
    for bound in custom_fields(None, kind.record_type).editable.values():
        own = [value_of(row, bound.name) for row in pair]
        shown = [bound.shown(value, reader_context()).text for value in own]
        found.append((bound.name, bound.label, (own[0], own[1]), (shown[0], shown[1])))
    return found


def _may_choose_owner(pair: Sequence[Mapping[str, Any]]) -> bool:
    actor, (first, second) = current_actor(), (row["owner_id"] for row in pair)
    return may_give(actor, first, second) and may_give(actor, second, first)


def _text(known: RecordField, row: Mapping[str, Any]) -> str:
    value = row[known.column]
    if value in (None, ""):
        return ""
    if known.kind is FieldKind.MONEY:
        return formats().money(value, row[MONEY[1]] or None)
    if known.kind in {FieldKind.USER, FieldKind.SOURCE, FieldKind.ORGANISATION}:
        return str(row[f"{known.name}_name"] or gettext("one in the bin"))
    return field_text(known, value, formats())


def _points(record_type: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    further = points_of(Host(record_type, row["id"], row["owner_id"]))
    return tuple(dict.fromkeys(text for text in (row["email"], row["phone"], *(point.text for point in further)) if text))


def _hanging(counts: Mapping[str, int]) -> str:
    number = formats().number
    words = {
        "notes": lambda n: ngettext("%(n)s note", "%(n)s notes", n, n=number(n)),
        "steps": lambda n: ngettext("%(n)s step", "%(n)s steps", n, n=number(n)),
        "calls": lambda n: ngettext("%(n)s call or mail", "%(n)s calls and mails", n, n=number(n)),
        "leads": lambda n: ngettext("%(n)s lead", "%(n)s leads", n, n=number(n)),
        "people": lambda n: ngettext("%(n)s person", "%(n)s people", n, n=number(n)),
    }
    return ", ".join(words[name](count) for name, count in counts.items() if count) or gettext("nothing yet")
