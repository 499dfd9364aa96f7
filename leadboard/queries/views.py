"""Saved views. All of them are read at once and kept until one changes: pages then read nothing to show them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import database, rows
from leadboard.errors import N_, NotFound, Unknown
from leadboard.lib.ids import is_id
from leadboard.permissions import Actor
from leadboard.queries.settings import instance

PLACES = ("leads", "board", "contacts", "organisations")
RECORD_TYPE = {"leads": "lead", "board": "lead", "contacts": "contact", "organisations": "organisation"}
MOST_PINNED = 8
# Of a column, in pixels of its texts.
NARROWEST, WIDEST = 32, 1200


@dataclass(frozen=True)
class View:
    """`args` are the arguments of the address it opens at; a board's pipeline is None when it is gone."""

    id: int
    name: str
    place: str
    pipeline_id: int | None
    args: Mapping[str, str]
    owner_id: int
    is_shared: bool
    version: int


@dataclass(frozen=True)
class Layout:
    """How somebody has a list: the keys of its columns, None for the usual ones, and the widths of some of them."""

    columns: tuple[str, ...] | None = None
    widths: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Everything:
    # `layouts` by (person, place).
    views: Mapping[int, View]
    # {(person, view): (is_pinned, is_default)}, in the order in which they began with it.
    uses: Mapping[tuple[int, int], tuple[bool, bool]]
    layouts: Mapping[tuple[int, str], "Layout"]


_AS_USUAL = Layout()
_cache: tuple[object, int, _Everything] | None = None


def _everything() -> _Everything:
    global _cache
    source, revision = database.obj, instance().revision
    if _cache is not None and _cache[0] is source and _cache[1] == revision:
        return _cache[2]
    found = _Everything(
        {
            row[0]: View(row[0], row[1], row[2], row[3], _args(row[4]), row[5], bool(row[6]), row[7])
            for row in rows(
                "select id, name, place, pipeline_id, args, owner_id, is_shared, version from saved_view where deleted_at is null"
            )
        },
        {
            (row[0], row[1]): (bool(row[2]), bool(row[3]))
            for row in rows("select user_id, view_id, is_pinned, is_default from view_use order by id")
        },
        {
            (row[0], row[1]): Layout(tuple(row[2].split(",")) if row[2] else None, read_widths(row[3]))
            for row in rows("select user_id, place, columns, widths from list_layout")
        },
    )
    _cache = (source, revision, found)
    return found


def _args(value: Any) -> dict[str, str]:
    found = json.loads(value) if isinstance(value, str) else value
    return {str(name): str(text) for name, text in found.items()}


def views_of(actor: Actor, place: str = "", pipeline_id: int | None = None) -> list[View]:
    """Those that somebody may open, by name: their own and the shared ones; of one page, when it is named."""
    found = [
        view
        for view in _everything().views.values()
        if _is_visible(view, actor) and (not place or (view.place == place and view.pipeline_id in {pipeline_id, None}))
    ]
    return sorted(found, key=lambda view: (view.name.casefold(), view.id))


def find_view(view_id: int | str, actor: Actor) -> View:
    """By its number. Raises NotFound, also when it is somebody else's own."""
    number = int(view_id) if is_id(str(view_id)) else 0
    view = _everything().views.get(number)
    if view is None or not _is_visible(view, actor):
        raise NotFound(N_("This view does not exist any more, or it is not shared with you."))
    return view


def _is_visible(view: View, actor: Actor) -> bool:
    return view.is_shared or view.owner_id == actor.id or actor.kind == "system"


def pinned_views(actor: Actor) -> list[View]:
    """Those in somebody's navigation, in the order in which they were pinned; at most MOST_PINNED."""
    known = _everything()
    ids = [view_id for (user_id, view_id), (is_pinned, _) in known.uses.items() if is_pinned and user_id == actor.id]
    found = [known.views[view_id] for view_id in ids if view_id in known.views]
    return [view for view in found if _is_visible(view, actor)][:MOST_PINNED]


def default_view(actor: Actor, place: str, pipeline_id: int | None = None) -> View | None:
    """What the navigation opens a page with."""
    known = _everything()
    for (user_id, view_id), (_, is_default) in known.uses.items():
        view = known.views.get(view_id)
        if not is_default or user_id != actor.id or view is None or view.place != place or not _is_visible(view, actor):
            continue
        if place != "board" or view.pipeline_id == pipeline_id:
            return view
    return None


def layout_of(actor: Actor, place: str) -> Layout:
    """What somebody chose for a list."""
    return _everything().layouts.get((actor.id or 0, place), _AS_USUAL)


def read_widths(text: str) -> dict[str, int]:
    """{key: width} of what is kept."""
    pairs = (part.rpartition(":") for part in text.split(",") if part)
    return {key: int(width) for key, _, width in pairs}


def use_of(view_id: int, actor: Actor) -> tuple[bool, bool]:
    """(pinned, default) of somebody's view."""
    return _everything().uses.get((actor.id or 0, view_id), (False, False))


def with_view(args: Mapping[str, str], actor: Actor, record_type: str) -> Mapping[str, str]:
    """The arguments of an address and, below them, those of the view that it names. Raises Unknown."""
    number = args.get("view")
    if not number:
        return args
    try:
        view = find_view(number, actor)
    except NotFound as missing:
        raise Unknown(missing.message, field="view") from missing
    if RECORD_TYPE[view.place] != record_type:
        raise Unknown(N_("“%(name)s” is a view of other records."), field="view", name=view.name)
    board = (
        {"closed": "board", **({"pipeline": str(view.pipeline_id)} if view.pipeline_id else {})} if view.place == "board" else {}
    )
    return {**board, **view.args, **{name: args[name] for name in args if name != "view"}}
