"""Taking an action back, from a toast or a page."""

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from leadboard.domain.bulk_undo import is_large, start_bulk_undo
from leadboard.domain.undo import undo_change
from leadboard.http import Toast, back_or, current_actor, go, is_fragment, needs, remember_toast, trigger, with_toast
from leadboard.permissions import Permission

bp = Blueprint("undo", __name__)


@bp.post("/undo/<int:change_set_id>")
@needs(Permission.WRITE)
def undo(change_set_id: int) -> Response:
    """Undo one action; the page that asked draws itself again. A large one is taken back by a job, with a page of its own."""
    if is_large(change_set_id):
        return go(url_for("bulk.show", run_id=start_bulk_undo(change_set_id, actor=current_actor())))
    undone = undo_change(change_set_id, actor=current_actor())
    text = gettext("Undone")
    if undone.kept:
        text = gettext("Undone, but for %(n)s changes that somebody made since", n=undone.kept)
    if is_fragment():
        response = Response(status=204)
        # A page other than the board draws itself again as a whole: the toast has to outlive that.
        if request.form.get("reload"):
            remember_toast(Toast(text, "good"))
        else:
            with_toast(response, Toast(text, "good"))
        return trigger(response, undone={"lead": undone.lead_id})
    return go(back_or("board.home"), toast=Toast(text, "good"))
