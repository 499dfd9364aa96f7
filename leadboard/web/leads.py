"""What is done with one or several leads at once."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext

from leadboard.domain.leads import restore_leads
from leadboard.errors import N_, NotFound
from leadboard.http import Toast, back_or, current_actor, go, needs
from leadboard.permissions import Permission
from leadboard.queries.lead_page import one_lead
from leadboard.web.bulk import assigned, bulk_action, deleted

bp = Blueprint("leads", __name__)


@bp.post("/leads/bulk")
@needs(Permission.WRITE)
def bulk() -> Response:
    """Assign or delete the ticked leads, as one action that is undone as one."""
    return bulk_action("lead", back_or("leads.index"))


@bp.post("/leads/<int:lead_id>/assign")
@needs(Permission.WRITE)
def assign(lead_id: int) -> Response:
    one_lead(lead_id, current_actor())
    return assigned("lead", [lead_id], back_or("leads.detail", lead_id=lead_id))


@bp.post("/leads/<int:lead_id>/delete")
@needs(Permission.WRITE)
def delete(lead_id: int) -> Response:
    one_lead(lead_id, current_actor())
    return deleted("lead", [lead_id], back_or("leads.index"))


@bp.post("/leads/<int:lead_id>/restore")
@needs(Permission.WRITE)
def restore(lead_id: int) -> Response:
    """Out of the bin, to where the lead was."""
    change_set_id = restore_leads([lead_id], actor=current_actor())
    if change_set_id is None:
        raise NotFound(N_("This lead is not in the bin any more, or you may not see it."))
    return go(url_for("leads.detail", lead_id=lead_id), toast=Toast(gettext("Lead restored"), "good", change_set_id))
