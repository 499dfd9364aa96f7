"""The list of pairs."""

from flask import Response, request, url_for

from leadboard.api import Permission, PluginBlueprint, Toast, current_actor, gettext, go, is_fragment, needs, render, with_toast

from . import pairs
from .finders import REASONS

bp = PluginBlueprint("duplicates")


@bp.get("/")
@needs(Permission.WRITE)
def index() -> Response:
    """Fifty pairs; `after` is score-id of the last one shown."""
    found = pairs.open_pairs(current_actor(), _place(request.args.get("after", "")))
    shown = found[: pairs.PAGE]
    more = f"{shown[-1].score}-{shown[-1].id}" if len(found) > pairs.PAGE else ""
    return render(
        "plugins/duplicates/index.html", pairs=shown, more=more, reasons={key: gettext(text) for key, (text, _) in REASONS.items()},
        is_first="after" not in request.args,
    )  # fmt: skip


def _place(text: str) -> tuple[int, int] | None:
    score, _, pair_id = text.partition("-")
    plain = all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (score, pair_id))
    return (int(score), int(pair_id)) if plain else None


@bp.post("/<int:pair_id>/dismiss")
@needs(Permission.WRITE)
def dismiss(pair_id: int) -> Response:
    """Not the same; with `undo` take that back."""
    is_dismissed = "undo" not in request.form
    pairs.dismiss(pair_id, actor=current_actor(), is_dismissed=is_dismissed)
    toast = Toast(gettext("Kept as two leads") if is_dismissed else gettext("Back on the list"), "good")
    if is_fragment() and is_dismissed:
        return with_toast(Response(""), toast)
    return go(url_for("p_duplicates.index"), toast=toast)
