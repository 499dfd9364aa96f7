"""The bin: deleted leads, contacts and organisations, until they are purged."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.domain.purge import KEPT_DAYS
from leadboard.errors import N_
from leadboard.http import current_actor, formats, needs, render
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, Permission, may_delete
from leadboard.queries.bins import BinRow, bin_page, binned_types
from leadboard.queries.lead_filter import known_values
from leadboard.queries.record_filter import one_word
from leadboard.web.bulk import none_ticked, restored, selected
from leadboard.web.parties.kinds import KINDS, record_url
from leadboard.web.shell import NavItem

bp = Blueprint("bin", __name__)

_LABELS = {"lead": (N_("Leads"), "address-book")} | {kind.record_type: (kind.label_plural, kind.icon) for kind in KINDS.values()}


@dataclass
class BinPage:
    """What is in the bin of one type of records; `full` are the types with something in it."""

    record_type: str
    rows: list[BinRow]
    mark: str
    full: set[str]
    stages: Mapping[int, tuple[str, str]]
    actor: Actor

    def may_restore(self, row: BinRow) -> bool:
        """What was merged comes back by a split only."""
        return row.merged_into is None and (self.actor.may(Permission.RESTORE) or may_delete(self.actor, row.owner_id))

    def days_left(self, row: BinRow) -> str:
        """What was merged stays as long as the record it was merged into."""
        if row.merged_into is not None:
            return ""
        days = max(0, KEPT_DAYS - formats().days_since(row.deleted_at))
        return ngettext("%(num)d day", "%(num)d days", days) if days else gettext("today")

    def merged(self, row: BinRow) -> tuple[str, str]:
        """Text and address of the record that took the place of this one; no address for who may not see it."""
        if row.merged_title is None:
            return gettext("#%(id)s", id=row.merged_into), ""
        return row.merged_title, record_url(self.record_type, row.merged_into or 0)

    @property
    def next_url(self) -> str:
        return url_for("bin.index", type=self.record_type, after=self.mark) if self.mark else ""

    @property
    def list_url(self) -> str:
        return url_for("leads.index") if self.record_type == "lead" else KINDS[self.record_type].url("index")

    @property
    def heading(self) -> str:
        return gettext(_LABELS[self.record_type][0])

    @property
    def tabs(self) -> list[NavItem]:
        """The types; leads are always there, the others as soon as there is one in the bin."""
        return [
            NavItem(_bin_url(name), gettext(label), icon, active=name == self.record_type)
            for name, (label, icon) in _LABELS.items()
            if name in self.full or name in {"lead", self.record_type}
        ]


@bp.get("/bin")
@needs(Permission.WRITE)
def index() -> Response:
    actor = current_actor()
    record_type = one_word("type", request.args.get("type"), RECORD_TYPES) or "lead"
    found, mark = bin_page(actor, record_type, after=request.args.get("after"))
    stages = known_values().stage_labels if record_type == "lead" else {}
    page = BinPage(record_type, found, mark, binned_types(actor), stages, actor)
    return render("bin/index.html", page, kept_days=KEPT_DAYS)


@bp.post("/bin/restore")
@needs(Permission.WRITE)
def restore() -> Response:
    """Take records out of the bin: the ticked ones, or the one whose button was pressed."""
    record_type = one_word("type", request.form.get("type"), RECORD_TYPES) or "lead"
    ids = selected()
    return restored(record_type, ids, _bin_url(record_type)) if ids else none_ticked(record_type, _bin_url(record_type))


def _bin_url(record_type: str) -> str:
    return url_for("bin.index", type=None if record_type == "lead" else record_type)
