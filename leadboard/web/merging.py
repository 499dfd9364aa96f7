"""Merging two leads, two contacts or two organisations, and splitting them again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext

from leadboard.contributions import Draft
from leadboard.domain.merging import merge_records
from leadboard.domain.record_rows import LEAD
from leadboard.domain.undo import undo_change
from leadboard.domain.versions import kept_id
from leadboard.errors import N_, Conflict, NotAllowed, NotFound, Refused
from leadboard.http import Toast, current_actor, go, is_fragment, message_of, needs, render
from leadboard.lib.ids import as_id
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.permissions import Permission
from leadboard.queries.merging import Candidate, MergedRecord, is_in_bin, merge_by, search_records
from leadboard.queries.party_matches import REASON_LABELS, matching_contacts, matching_organisations
from leadboard.queries.suspects import find_duplicates
from leadboard.web import leads
from leadboard.web.errors import STATUS
from leadboard.web.merge_view import MergePage, chosen_values, compare_url, merge_page, merge_row_of, title_of
from leadboard.web.parties.kinds import KINDS, PartyKind, on_both, record_url

bp = Blueprint("merging", __name__)
LEADS = PartyKind(leads.bp, LEAD, N_("Lead"), N_("Leads"), "layout-list")
KINDS_OF_RECORDS = {**KINDS, "lead": LEADS}
View = Callable[..., Response]


def on_all(rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """As kinds.on_both(), and at the leads' own address, too."""

    def decorate(view: View) -> View:
        @wraps(view)
        def of_lead(lead_id: int, **values: Any) -> Response:
            return view(LEADS, lead_id, **values)

        on_both(f"/<int:record_id>{rule}", methods=methods)(view)
        leads.bp.add_url_rule(f"/leads/<int:lead_id>{rule}", view.__name__, of_lead, methods=list(methods))
        return view

    return decorate


@dataclass(frozen=True)
class OtherPage:
    """Which record to merge with: what looks like this one, and what was searched for."""

    kind: PartyKind
    record: Mapping[str, Any]
    name: str
    text: str
    suggested: list[Candidate]
    found: list[Candidate]
    url: str
    search_url: str

    def compare(self, candidate: Candidate) -> str:
        return compare_url(self.kind.record_type, self.record["id"], candidate.id)


@on_all("/merge")
@needs(Permission.WRITE)
def merge_with(kind: PartyKind, record_id: int) -> Response:
    """Choose the other record."""
    record = merge_row_of(kind.record_type, record_id)
    text = request.args.get("q", "").strip()
    found = search_records(kind.record_type, text, current_actor(), but=record_id)
    is_search = is_fragment() and "q" in request.args
    page = OtherPage(
        kind, record, title_of(kind.record_type, record), text, [] if is_search else _suggested(kind, record), found,
        record_url(kind.record_type, record_id), request.path,
    )  # fmt: skip
    return render("merging/_found.html" if is_search else "merging/with.html", page)


def _suggested(kind: PartyKind, record: Mapping[str, Any]) -> list[Candidate]:
    actor = current_actor()
    if kind is LEADS:
        values = {name: str(record[name])[:300] for name in LEAD_FIELDS if record.get(name)}
        suspects = find_duplicates(Draft(values=values, lead_id=record["id"]), actor)
        return [Candidate(one.lead.id, one.lead.title, reason=", ".join(one.reasons)) for one in suspects]
    known = {"name": record["name"], "email": record["email"], "phone": record["phone"], "but": record["id"]}
    if kind.record_type == "contact":
        matches = matching_contacts(actor, **known)
    else:
        matches = matching_organisations(actor, website=record["website"], **known)
    return [Candidate(one.id, one.name, one.detail, gettext(REASON_LABELS[one.reason])) for one in matches]


@on_all("/merge/<int:other_id>", methods=("GET", "POST"))
@needs(Permission.WRITE)
def merge(kind: PartyKind, record_id: int, other_id: int) -> Response:
    """Both, field by field; then one of them."""
    record_type = kind.record_type
    moved_on = _moved_on(kind, record_id, other_id)
    if moved_on is not None:
        return moved_on
    pair = (merge_row_of(record_type, record_id), merge_row_of(record_type, other_id))
    if record_id == other_id:
        raise Refused(N_("Choose two different records to merge."), field="other")
    page = merge_page(kind, pair)
    if request.method == "GET":
        if not page.is_allowed:
            page.error = gettext("You may merge away only what you may delete. Ask its owner or a manager.")
        return render("merging/compare.html", page)
    return _merged(page, pair)


def _merged(page: MergePage, pair: tuple[dict[str, Any], dict[str, Any]]) -> Response:
    record_type = page.kind.record_type
    other = next(side for side in page.sides if side.id != page.kept)
    versions = {side.id: request.form.get(f"version-{side.id}", side.version, type=as_id) for side in page.sides}
    try:
        done = merge_records(
            record_type, page.kept, other.id, values=chosen_values(page, pair), versions=versions, actor=current_actor()
        )
    except Conflict as conflict:
        page = merge_page(page.kind, pair, conflict.details)
        page.error = message_of(conflict)
        return render("merging/compare.html", page, status=STATUS[Conflict])
    except (Refused, NotAllowed) as refusal:
        page.error = message_of(refusal)
        return render("merging/compare.html", page, status=STATUS[Refused])
    kept = merge_row_of(record_type, page.kept)
    name = title_of(record_type, kept)
    text = gettext(
        "%(other)s is merged into %(kept)s", other=other.name if other.name != name else f"{name} #{other.id}", kept=name
    )
    return go(record_url(record_type, page.kept), toast=Toast(text, "good", done.change_set_id))


def _moved_on(kind: PartyKind, record_id: int, other_id: int) -> Response | None:
    """Where to go when one of the two was merged meanwhile: they are one by now, or the one it went into takes its place."""
    ends = [kept_id(kind.record_type, number) for number in (record_id, other_id)]
    if ends == [record_id, other_id]:
        return None
    names = [title_of(kind.record_type, merge_row_of(kind.record_type, end)) for end in ends]
    if ends[0] == ends[1]:
        return go(record_url(kind.record_type, ends[0]), toast=Toast(gettext("The two are one already: %(name)s", name=names[0])))
    text = gettext("One of the two was merged in the meantime. These are what is there now.")
    return go(compare_url(kind.record_type, *ends), toast=Toast(text))


def follow_merged(record_type: str, record_id: int) -> Response:
    """The address of a record that was merged away leads to the one that was kept. Raises NotFound."""
    end = kept_id(record_type, record_id)
    # Read also when nothing was merged: the error is the record's own.
    name = title_of(record_type, merge_row_of(record_type, end))
    text = gettext("What you opened was merged into %(name)s.", name=name)
    return go(record_url(record_type, end), toast=Toast(text))


# ---------------------------------------------------------------------------------------------- split


@dataclass(frozen=True)
class SplitPage:
    merged: MergedRecord
    kept_name: str
    back: str


@bp.get("/merges/<int:change_set_id>/split")
@needs(Permission.WRITE)
def ask_split(change_set_id: int) -> Response:
    page = _split_page(change_set_id)
    return render("merging/_split.html" if is_fragment() else "merging/split.html", page)


@bp.post("/merges/<int:change_set_id>/split")
@needs(Permission.WRITE)
def split(change_set_id: int) -> Response:
    """Take the merge back: both are there again."""
    page = _split_page(change_set_id)
    undone = undo_change(change_set_id, actor=current_actor())
    text = gettext("%(other)s is a record of its own again", other=page.merged.name)
    if undone.kept:
        text = gettext("%(text)s. What was changed since the merge stays as it is.", text=text)
    return go(page.back, toast=Toast(text, "good"))


def _split_page(change_set_id: int) -> SplitPage:
    """Raises NotFound; Refused when the record that was kept is not there itself."""
    merged = merge_by(change_set_id, current_actor())
    if not merged.name:
        merged = merged._replace(name=f"#{merged.id}")
    record_type, kept = merged.record_type, merged.kept_id
    try:
        row = merge_row_of(record_type, kept)
    except NotFound:
        end = kept_id(record_type, kept)
        if end != kept:
            name = title_of(record_type, merge_row_of(record_type, end))
            raise Refused(N_("It was merged into %(name)s since. Split that one first."), name=name) from None
        if is_in_bin(record_type, kept, current_actor()):
            raise Refused(N_("What it was merged into is in the bin. Restore it first, then split it.")) from None
        raise
    return SplitPage(merged, title_of(record_type, row), record_url(record_type, kept))
