"""The tags of a lead, edited in place by typing them with commas between."""

from flask import Response, request, url_for
from flask_babel import gettext

from leadboard.domain.tags import NAME_LIMIT, set_tags
from leadboard.errors import Refused
from leadboard.http import Toast, current_actor, go, is_fragment, message_of, needs, render, with_toast
from leadboard.permissions import Permission
from leadboard.queries.tags import offered_tags
from leadboard.web import leads
from leadboard.web.lead_view import TagsPage, page_of

bp = leads.bp


@bp.get("/leads/<int:lead_id>/tags")
@needs(Permission.WRITE)
def tags(lead_id: int) -> Response:
    """The input, in place; a page of its own without scripts. With ?show=1 back to the tags alone."""
    page = page_of(lead_id).tags
    if not request.args.get("show"):
        _ask(page, ", ".join(tag.name for tag in page.tags))
    return _show(page)


@bp.post("/leads/<int:lead_id>/tags")
@needs(Permission.WRITE)
def save_tags(lead_id: int) -> Response:
    text = request.form.get("tags", "")[: 40 * NAME_LIMIT]
    try:
        change_set_id = set_tags(lead_id, [part for part in text.split(",") if part.strip()], actor=current_actor())
    except Refused as refusal:
        page = page_of(lead_id).tags
        _ask(page, text)
        page.error = message_of(refusal)
        return _show(page, 422)
    toast = Toast(gettext("Saved."), "good", change_set_id)
    if not is_fragment():
        return go(url_for("leads.detail", lead_id=lead_id), toast=toast)
    response = _show(page_of(lead_id).tags)
    return with_toast(response, toast) if change_set_id is not None else response


def _ask(page: TagsPage, text: str) -> None:
    page.text, page.offered = text, offered_tags()


def _show(page: TagsPage, status: int = 200) -> Response:
    return render("leads/_tags.html" if is_fragment() else "leads/tags.html", page, status=status)
