"""Forms of the panel: plan, stop, been there."""

from flask import Response, request, url_for

from leadboard.api import N_, Permission, PluginBlueprint, Refused, Toast, current_actor, find_lead, gettext, go, needs

from . import plans

bp = PluginBlueprint("visit_plan")


@bp.post("/leads/<int:lead_id>/plan")
@needs(Permission.WRITE)
def plan(lead_id: int) -> Response:
    """Set the weeks, or with `stop` end the plan."""
    find_lead(lead_id, current_actor())
    if "stop" in request.form:
        plans.set_plan(lead_id, None, actor=current_actor())
        return _back(lead_id, Toast(gettext("No more visits planned"), "good"))
    text = request.form.get("weeks", "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise Refused(N_("Weeks are a whole number between 1 and 104."), field="weeks")
    plans.set_plan(lead_id, int(text), actor=current_actor())
    return _back(lead_id, Toast(gettext("Visits planned"), "good"))


@bp.post("/leads/<int:lead_id>/visit")
@needs(Permission.WRITE)
def visited(lead_id: int) -> Response:
    plans.visit(lead_id, text=request.form.get("text", ""), actor=current_actor())
    return _back(lead_id, Toast(gettext("Visit saved"), "good"))


def _back(lead_id: int, toast: Toast) -> Response:
    return go(url_for("leads.detail", lead_id=lead_id), toast=toast)
