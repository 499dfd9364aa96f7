"""Keeping, sharing, pinning and deleting saved views."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from leadboard.db import atomic, execute, is_sqlite, one
from leadboard.domain.settings import announce
from leadboard.errors import N_, Conflict, NotAllowed, NotFound, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line
from leadboard.permissions import Actor, Permission, may_change_view, may_share_views, require
from leadboard.queries.views import MOST_PINNED, NARROWEST, PLACES, WIDEST, read_widths

NAME_LIMIT = 80
MOST_VIEWS = 200
MOST_WIDTHS = 200
LONGEST_ARGS = 8000
# What an address has beside its view: where somebody is in it, what is counted of it, and the view itself.
PASSING = frozenset({"view", "after", "before", "counts", "csrf_token"})
CHANGEABLE = ("name", "args", "is_shared")


def save_view(
    name: str, place: str, args: Mapping[str, str], *, actor: Actor, pipeline_id: int | None = None, is_shared: bool = False
) -> int:
    """A new view of the actor's own, or for everybody. Raises NotAllowed, Refused."""
    require(actor, Permission.READ)
    if place not in PLACES or actor.user_id is None:
        raise Refused(N_("A view opens one of: %(known)s."), field="place", known=", ".join(PLACES))
    with change(actor, "view.save") as step:
        _check_sharing(is_shared, actor)
        name, kept = _name(name, actor), _args(args)
        count = one("select count(*) from saved_view where owner_id = ? and deleted_at is null", (actor.user_id,))
        if count is not None and count[0] >= MOST_VIEWS:
            raise Refused(N_("At most %(most)d views. Delete one that is no longer used."), field="name", most=MOST_VIEWS)
        if pipeline_id is not None and one("select 1 from pipeline where id = ?", (pipeline_id,)) is None:
            raise Refused(N_("This pipeline does not exist any more, or it is archived."), field="place")
        found = one(
            "insert into saved_view (version, name, place, pipeline_id, args, owner_id, is_shared, created_at, updated_at)"
            " values (1, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
            (name, place, pipeline_id if place == "board" else None, _json(kept), actor.user_id, is_shared, step.at, step.at),
        )  # fmt: skip
        assert found is not None
        _record(step, found[0], {"name": (None, name), "args": (None, kept), "is_shared": (None, is_shared)})
        return int(found[0])


def change_view(view_id: int, *, actor: Actor, **values: Any) -> int:
    """Change what is named of CHANGEABLE; the change set. Raises NotAllowed, NotFound, Refused."""
    assert values.keys() <= set(CHANGEABLE)
    with change(actor, "view.change") as step:
        row = load_view(view_id, actor)
        if "name" in values:
            values["name"] = _name(values["name"], actor, but=view_id)
        if "args" in values:
            values["args"] = _args(values["args"])
        if values.get("is_shared") and not row["is_shared"]:
            _check_sharing(True, actor)
        changed = {name: (row[name], value) for name, value in values.items() if row[name] != value}
        if changed:
            _write(view_id, {name: after for name, (_, after) in changed.items()}, step.at)
            _record(step, view_id, changed)
        return step.change_set_id


def delete_view(view_id: int, *, actor: Actor) -> int:
    """Take a view away, from everybody it was shared with; the change set, which brings it back. Raises NotAllowed, NotFound."""
    with change(actor, "view.delete") as step:
        load_view(view_id, actor)
        _write(view_id, {"deleted_at": step.at}, step.at)
        _record(step, view_id, {"deleted_at": (None, step.at)})
        return step.change_set_id


def pin_view(view_id: int, *, is_pinned: bool, actor: Actor) -> None:
    """Show a view in the actor's own navigation, or no longer. Raises NotFound, Refused."""
    with change(actor, "view.pin") as step:
        _see(view_id, actor)
        pinned = one(
            "select count(*) from view_use u join saved_view v on v.id = u.view_id where u.user_id = ? and u.is_pinned and u.view_id <> ?"
            " and v.deleted_at is null and (v.is_shared or v.owner_id = u.user_id)",
            (actor.user_id, view_id),
        )
        if is_pinned and pinned is not None and pinned[0] >= MOST_PINNED:
            raise Refused(N_("At most %(most)d views are pinned at once. Unpin another one first."), most=MOST_PINNED)
        _use(view_id, "is_pinned", is_pinned, actor)
        _record(step, view_id, {}, pinned=is_pinned)


def make_default(view_id: int, *, is_default: bool, actor: Actor) -> None:
    """Open a page with a view when the actor comes from the navigation, or no longer. Raises NotFound."""
    with change(actor, "view.default") as step:
        row = _see(view_id, actor)
        execute(
            "update view_use set is_default = ? where user_id = ? and view_id in"
            " (select id from saved_view where place = ? and coalesce(pipeline_id, 0) = ?)",
            (False, actor.user_id, row["place"], row["pipeline_id"] or 0),
        )
        _use(view_id, "is_default", is_default, actor)
        _record(step, view_id, {}, default=is_default)


def keep_columns(
    place: str, columns: Sequence[str] | None, widths: Mapping[str, int | None] | None = None, *, actor: Actor
) -> None:
    """The columns of a list from now on, for this person; None for the usual ones, as wide as their texts.

    `widths` are changed with them, as keep_widths() does. No event tells of it. Raises NotAllowed, Refused.
    """
    with _layout(place, actor) as (_, kept):
        if columns is not None:
            _keep_layout(place, ",".join(columns), _changed_widths(kept, widths or {}), actor)


def keep_widths(place: str, widths: Mapping[str, int | None], *, actor: Actor) -> None:
    """How wide these columns of a list are from now on, for this person; None for as wide as their texts. Raises NotAllowed, Refused.

    No event tells of it: it is nobody else's business.
    """
    with _layout(place, actor) as (columns, kept):
        _keep_layout(place, columns, _changed_widths(kept, widths), actor)


@contextmanager
def _layout(place: str, actor: Actor) -> Iterator[tuple[str, dict[str, int]]]:
    """What somebody has chosen for a list so far, taken away to be written anew."""
    require(actor, Permission.READ)
    if place not in PLACES or place == "board" or actor.user_id is None:
        raise Refused(N_("Only lists have columns to choose."), field="columns")
    with atomic():
        # First, because all wait here for each other: two windows of one person then forget no width of the other's.
        announce()
        found = one("select columns, widths from list_layout where user_id = ? and place = ?", (actor.user_id, place))
        execute("delete from list_layout where user_id = ? and place = ?", (actor.user_id, place))
        yield (found[0], read_widths(found[1])) if found else ("", {})


def _keep_layout(place: str, columns: str, widths: Mapping[str, int], actor: Actor) -> None:
    if columns or widths:
        execute(
            "insert into list_layout (user_id, place, columns, widths) values (?, ?, ?, ?)",
            (actor.user_id, place, columns, ",".join(f"{key}:{width}" for key, width in widths.items())),
        )


def _changed_widths(kept: Mapping[str, int], widths: Mapping[str, int | None]) -> dict[str, int]:
    for key, width in widths.items():
        if width is not None and not NARROWEST <= width <= WIDEST:
            raise Refused(
                N_("A column is from %(least)d to %(most)d pixels wide. Leave it empty to have it as wide as its texts."),
                field=f"width:{key}", least=NARROWEST, most=WIDEST,
            )  # fmt: skip
    found = {key: width for key, width in {**kept, **widths}.items() if width is not None}
    # The last ones: what an archived field leaves behind goes in time.
    return dict(list(found.items())[-MOST_WIDTHS:])


def revert_view(step: Change, view_id: int, values: Mapping[str, tuple[Any, Any]], actor: Actor) -> None:
    """Take one change back. Raises Conflict when the view was changed again since."""
    row = load_view(view_id, actor, deleted=values.get("deleted_at", (None, None))[1] is not None)
    wanted = {name: before for name, (before, after) in values.items() if row[name] == after}
    if len(wanted) < len(values):
        raise Conflict(N_("It was changed since. Nothing was taken back."))
    if "name" in wanted and wanted["name"] is None:
        # It was new: it goes again.
        wanted = {"deleted_at": step.at}
    _write(view_id, wanted, step.at)
    _record(step, view_id, {name: (row[name], value) for name, value in wanted.items()})


def load_view(view_id: int, actor: Actor, *, deleted: bool = False) -> dict[str, Any]:
    """A view that the actor may change. Raises NotFound, NotAllowed."""
    row = _see(view_id, actor, deleted=deleted)
    require_change(row["owner_id"], actor)
    return row


def require_change(owner_id: int, actor: Actor) -> None:
    """Raises NotAllowed for a view of somebody else."""
    if not may_change_view(actor, owner_id):
        raise NotAllowed(N_("Only whoever keeps this view, or an admin, changes it. Save it as a new one of your own."))


# ---------------------------------------------------------------------------------------------- rows

_COLUMNS = ("name", "args", "is_shared", "owner_id", "place", "pipeline_id", "deleted_at")


def _see(view_id: int, actor: Actor, *, deleted: bool = False) -> dict[str, Any]:
    found = one(f"select {', '.join(_COLUMNS)} from saved_view where id = ?", (view_id,))  # noqa: S608 - our own columns
    row = dict(zip(_COLUMNS, found, strict=True)) if found else {}
    if not row or (row["deleted_at"] is not None) != deleted or not (row["is_shared"] or row["owner_id"] == actor.id):
        raise NotFound(N_("This view does not exist any more, or it is not shared with you."))
    row["is_shared"] = bool(row["is_shared"])
    row["args"] = json.loads(row["args"]) if isinstance(row["args"], str) else row["args"]
    return row


def _write(view_id: int, values: Mapping[str, Any], at: int) -> None:
    kept = {name: _json(value) if name == "args" else value for name, value in values.items()}
    columns = ", ".join(f"{name} = {'?' if name != 'args' or is_sqlite() else 'cast(? as jsonb)'}" for name in kept)
    execute(
        f"update saved_view set {columns}, version = version + 1, updated_at = ? where id = ?",  # noqa: S608 - our own columns
        (*kept.values(), at, view_id),
    )


def _use(view_id: int, column: str, value: bool, actor: Actor) -> None:
    assert column in {"is_pinned", "is_default"}
    execute(
        "insert into view_use (user_id, view_id, is_pinned, is_default) values (?, ?, ?, ?)"  # noqa: S608 - one of two columns
        f" on conflict (user_id, view_id) do update set {column} = excluded.{column}",
        (actor.user_id, view_id, value and column == "is_pinned", value and column == "is_default"),
    )


def _record(step: Change, view_id: int, values: Mapping[str, tuple[Any, Any]], **data: Any) -> None:
    """The end of every change: every process reads the views again."""
    announce()
    step.record(EventKind.VIEW_CHANGED, "saved_view", view_id, values=values, **data)


def _json(args: Mapping[str, str]) -> str:
    return json.dumps(args, ensure_ascii=False)


def _check_sharing(is_shared: bool, actor: Actor) -> None:
    if is_shared and not may_share_views(actor):
        raise NotAllowed(N_("Managers and admins share views. Save it for yourself, and ask one of them."))


def _name(text: str, actor: Actor, *, but: int = 0) -> str:
    try:
        name = clean_line(text, NAME_LIMIT)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), field="name", limit=NAME_LIMIT) from error
    if not name:
        raise Refused(N_("Type a name."), field="name")
    same = one(
        "select 1 from saved_view where owner_id = ? and lower(name) = lower(?) and id <> ? and deleted_at is null",
        (actor.user_id, name, but),
    )
    if same is not None:
        raise Refused(N_("You have a view with this name already. Update that one, or choose another name."), field="name")
    return name


def _args(args: Mapping[str, str]) -> dict[str, str]:
    kept = {str(name): str(text) for name, text in args.items() if text and name not in PASSING}
    if len(_json(kept)) > LONGEST_ARGS:
        raise Refused(N_("This filter is too long to be kept. Shorten it."), field="args")
    return kept
