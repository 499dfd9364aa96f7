"""The bin: deleted leads, until they are purged."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.domain.leads import restore_leads
from leadboard.domain.purge import KEPT_DAYS
from leadboard.http import Toast, current_actor, formats, go, needs, render
from leadboard.permissions import Actor, Permission, may_delete
from leadboard.queries.lead_filter import known_values
from leadboard.queries.leads import BinRow, bin_page, leads_changed
from leadboard.web.leads import selected

bp = Blueprint("bin", __name__)


@dataclass
class BinPage:
    rows: list[BinRow]
    next_url: str
    stages: Mapping[int, tuple[str, str]]
    actor: Actor

    def may_restore(self, row: BinRow) -> bool:
        return self.actor.may(Permission.RESTORE) or may_delete(self.actor, row.owner_id)

    def days_left(self, row: BinRow) -> str:
        days = max(0, KEPT_DAYS - formats().days_since(row.deleted_at))
        return ngettext("%(num)d day", "%(num)d days", days) if days else gettext("today")


@bp.get("/bin")
@needs(Permission.WRITE)
def index() -> Response:
    actor = current_actor()
    found, mark = bin_page(actor, after=request.args.get("after"))
    stages = known_values().stage_labels
    return render(
        "bin/index.html", BinPage(found, url_for("bin.index", after=mark) if mark else "", stages, actor), kept_days=KEPT_DAYS
    )


@bp.post("/bin/restore")
@needs(Permission.WRITE)
def restore() -> Response:
    """Take the ticked leads out of the bin."""
    ids = selected()
    if not ids:
        return go(url_for("bin.index"), toast=Toast(gettext("Tick the leads first."), "error"))
    change_set_id = restore_leads(ids, actor=current_actor())
    if change_set_id is None:
        return go(url_for("bin.index"), toast=Toast(gettext("Nothing changed")))
    count = leads_changed(change_set_id)
    text = ngettext("%(num)d lead restored", "%(num)d leads restored", count)
    return go(url_for("bin.index"), toast=Toast(text, "good", change_set_id))
