"""Saved views: kept, shared, pinned, made the default, and how many records each pinned one finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext

from leadboard.domain.views import change_view, delete_view, make_default, pin_view, require_change, save_view
from leadboard.errors import Refused
from leadboard.http import Toast, back_or, current_actor, formats, go, is_fragment, message_of, render
from leadboard.lib.ids import as_id
from leadboard.permissions import Actor, Permission, may_change_view, may_share_views
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.limits import within
from leadboard.queries.party_filter import FILTERS
from leadboard.queries.record_filter import RecordFilter, known_owners
from leadboard.queries.record_list import MOST_COUNTED, counted
from leadboard.queries.views import MOST_PINNED, PLACES, RECORD_TYPE, View, find_view, pinned_views, use_of, views_of
from leadboard.web.view_opening import address_of, without_what_is_gone

bp = Blueprint("views", __name__, url_prefix="/views")

COUNT_LIMIT_MS = 300


@dataclass
class ViewForm:
    """A new view, or a change of one; `view` is None for a new one."""

    place: str
    pipeline: int | None
    args: str
    may_share: bool
    back: str
    view: View | None = None
    name: str = ""
    is_shared: bool = False
    is_pinned: bool = True
    error: str = ""


class ViewLine(NamedTuple):
    view: View
    url: str
    place: str
    is_pinned: bool
    is_default: bool
    may_change: bool


class PinnedLink(NamedTuple):
    id: int
    name: str
    url: str
    found: str = ""


@bp.get("")
def index() -> Response:
    """All views that somebody may open."""
    actor = current_actor()
    words = {
        "leads": gettext("Leads"), "board": gettext("Board"), "contacts": gettext("Contacts"), "organisations": gettext("Organisations"),
    }  # fmt: skip
    lines = [
        ViewLine(view, address_of(view), words[view.place], *use_of(view.id, actor), may_change_view(actor, view.owner_id))
        for view in views_of(actor)
    ]
    return render("views/index.html", lines)


@bp.get("/<int:view_id>")
def show(view_id: int) -> Response:
    return go(address_of(find_view(view_id, current_actor())))


@bp.get("/new")
def new() -> Response:
    place = request.args.get("place", "")
    form = ViewForm(
        place if place in PLACES else "leads", request.args.get("pipeline", type=as_id), request.args.get("args", "")[:8000],
        may_share_views(current_actor()), "",
    )  # fmt: skip
    return _form(form)


@bp.post("/new")
def add() -> Response:
    actor, form = current_actor(), request.form
    pipeline, is_shared = form.get("pipeline", type=as_id), form.get("is_shared") == "1"
    sent = ViewForm(
        form.get("place", ""), pipeline, form.get("args", "")[:10_000], may_share_views(actor), "", None, form.get("name", ""), is_shared,
        form.get("is_pinned") == "1",
    )  # fmt: skip
    try:
        view_id = save_view(
            sent.name, sent.place, dict(parse_qsl(sent.args)), actor=actor, pipeline_id=pipeline, is_shared=is_shared
        )  # fmt: skip
    except Refused as refusal:
        sent.error = message_of(refusal)
        sent.place = sent.place if sent.place in PLACES else "leads"
        return _form(sent, status=422)
    if sent.is_pinned and len(pinned_views(actor)) < MOST_PINNED:
        pin_view(view_id, is_pinned=True, actor=actor)
    return go(address_of(find_view(view_id, actor)), toast=Toast(gettext("The view is saved"), "good"))


@bp.get("/<int:view_id>/edit")
def edit(view_id: int) -> Response:
    actor = current_actor()
    view = find_view(view_id, actor)
    require_change(view.owner_id, actor)
    return _form(
        ViewForm(view.place, view.pipeline_id, "", may_share_views(actor), address_of(view), view, view.name, view.is_shared)
    )


@bp.post("/<int:view_id>/edit")
def rename(view_id: int) -> Response:
    actor, form = current_actor(), request.form
    view = find_view(view_id, actor)
    is_shared = form.get("is_shared") == "1" if may_share_views(actor) else view.is_shared
    try:
        done = change_view(view_id, actor=actor, name=form.get("name", ""), is_shared=is_shared)
    except Refused as refusal:
        sent = ViewForm(
            view.place, view.pipeline_id, "", may_share_views(actor), address_of(view), view, form.get("name", ""), is_shared
        )  # fmt: skip
        sent.error = message_of(refusal)
        return _form(sent, status=422)
    return go(address_of(view), toast=_done(gettext("The view is saved"), done, actor))


@bp.post("/<int:view_id>/update")
def update(view_id: int) -> Response:
    """What is shown now becomes what the view shows."""
    actor = current_actor()
    done = change_view(view_id, actor=actor, args=dict(parse_qsl(request.form.get("args", "")[:10_000])))
    return go(address_of(find_view(view_id, actor)), toast=_done(gettext("The view is updated"), done, actor))


@bp.post("/<int:view_id>/pin")
def pin(view_id: int) -> Response:
    actor = current_actor()
    pin_view(view_id, is_pinned=request.form.get("on") == "1", actor=actor)
    return go(back_or("views.index"))


@bp.post("/<int:view_id>/default")
def default(view_id: int) -> Response:
    actor = current_actor()
    make_default(view_id, is_default=request.form.get("on") == "1", actor=actor)
    return go(back_or("views.index"))


@bp.post("/<int:view_id>/delete")
def delete(view_id: int) -> Response:
    actor = current_actor()
    view = find_view(view_id, actor)
    done = delete_view(view_id, actor=actor)
    back = "board.home" if view.place == "board" else f"{view.place}.index"
    return go(url_for(back), toast=_done(gettext("The view is deleted"), done, actor))


@bp.get("/counts")
def counts() -> Response:
    """The links in the navigation, each with how many records it finds; one statement each."""
    actor = current_actor()
    found = [PinnedLink(view.id, view.name, address_of(view), _count(view, actor)) for view in pinned_views(actor)]
    return render("views/_pinned.html" if is_fragment() else "views/counts.html", found)


def pinned_links() -> Sequence[PinnedLink]:
    """For the navigation of every page. No statement while no view changes."""
    actor = g.get("actor")
    return [PinnedLink(view.id, view.name, address_of(view)) for view in pinned_views(actor)] if actor is not None else []


def _form(form: ViewForm, *, status: int = 200) -> Response:
    return render("views/_form.html" if is_fragment() else "views/form.html", form, status=status)


def _done(text: str, change_set_id: int, actor: Actor) -> Toast:
    return Toast(text, "good", undo=change_set_id if actor.may(Permission.WRITE) else None)


# ---------------------------------------------------------------------------------------------- counting


def filter_of(view: View, args: Mapping[str, str], actor: Actor) -> RecordFilter:
    """What a page filters by under these arguments. Raises Refused."""
    g.setdefault("view_known", {})
    known: dict[str, Any] = g.view_known
    record_type = RECORD_TYPE[view.place]
    if record_type == "lead":
        values = known.get("lead") or known.setdefault("lead", known_values())
        wanted = LeadFilter.from_args({**args, "stage": args.get("stage", "") if view.place == "leads" else ""}, actor, values)
        return (
            replace(wanted, pipeline_id=view.pipeline_id, closed="board") if view.place == "board" else wanted.without("deleted")
        )
    owners = known.get("owners") or known.setdefault("owners", known_owners())
    return FILTERS[record_type].from_args(args, actor, owners).without("deleted")


def _count(view: View, actor: Actor) -> str:
    """As far as it is counted, and nothing when that takes too long."""
    args, _ = without_what_is_gone(
        {name: text for name, text in view.args.items() if name != "sort"}, lambda args: filter_of(view, args, actor)
    )
    wanted = filter_of(view, args, actor)
    condition = wanted.where(actor, wanted.record_type, formats().today)
    total = within(COUNT_LIMIT_MS, lambda: counted(wanted.record_type, condition))
    if total is None:
        return ""
    return formats().number(min(total, MOST_COUNTED)) + ("+" if total > MOST_COUNTED else "")
