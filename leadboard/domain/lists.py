"""The short lists that admins keep: sources and lost reasons. An entry that leads name is archived, never deleted."""

from typing import Any

from leadboard.db import execute, execute_many, one, rows
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import EventKind, HasIdentity, change
from leadboard.lib.text import clean_line, fold
from leadboard.models.pipelines import LostReason, StageKind
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.pipelines import LISTS, list_entry

NAME_LIMIT = 80
NOT_STATED = "Not stated"
LAST = 1_000_000
DEFAULT_SOURCES = (N_("Website"), N_("Referral"), N_("Phone"), N_("E-mail"), N_("Event"), N_("Import"))
DEFAULT_LOST_REASONS = (N_("Price"), N_("Timing"), N_("Competitor"), N_("No answer"), N_("No need"))


def clean_entry_name(name: str, *, field: str = "name") -> str:
    """A name of a pipeline, stage, source or reason. Raises Refused."""
    try:
        text = clean_line(name, NAME_LIMIT)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), field=field, limit=NAME_LIMIT) from error
    if not text:
        raise Refused(N_("Type a name."), field=field)
    return text


def add_entry(table: str, name: str, *, actor: Actor) -> int:
    """A new source or lost reason at the end of the list. Raises NotAllowed, Refused."""
    require(actor, Permission.SETTINGS)
    name = clean_entry_name(name)
    with change(actor, "list.add") as step:
        _refuse_taken(table, name)
        found = one(
            f"insert into {_known(table)} (name, position)"  # noqa: S608 - a table of LISTS
            f" values (?, (select coalesce(max(position), 0) + 1 from {table})) returning id",
            (name,),
        )
        assert found is not None
        step.record(EventKind.LIST_CHANGED, table, found[0], values={"name": (None, name)})
        return int(found[0])


def rename_entry(table: str, entry_id: int, name: str, *, actor: Actor, seen: str | None = None) -> None:
    """Raises NotAllowed, NotFound, Refused, Conflict (somebody else renamed it since `seen` was shown)."""
    require(actor, Permission.SETTINGS)
    name = clean_entry_name(name)
    with change(actor, "list.rename") as step:
        entry = list_entry(table, entry_id)
        if name in (entry.name, seen):
            return
        _keep_not_stated(table, entry.name)
        if seen is not None and seen != entry.name:
            raise Conflict(
                N_("Somebody else changed this to “%(theirs)s” while you were typing. Save again to write your own."),
                field="name", theirs=entry.name,
            )  # fmt: skip
        _refuse_taken(table, name, but=entry_id)
        execute(f"update {_known(table)} set name = ? where id = ?", (name, entry_id))  # noqa: S608 - a table of LISTS
        step.record(EventKind.LIST_CHANGED, table, entry_id, values={"name": (entry.name, name)})


def archive_entry(table: str, entry_id: int, *, is_archived: bool, actor: Actor) -> None:
    """Stop offering an entry, or offer it again; leads keep it. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.SETTINGS)
    with change(actor, "list.archive") as step:
        entry = list_entry(table, entry_id)
        if entry.is_archived == is_archived:
            return
        if is_archived:
            _keep_not_stated(table, entry.name)
        execute(f"update {_known(table)} set archived_at = ? where id = ?", (step.at if is_archived else None, entry_id))  # noqa: S608 - a table of LISTS
        step.record(EventKind.LIST_CHANGED, table, entry_id, values={"is_archived": (entry.is_archived, is_archived)})


def move_entry(table: str, entry_id: int, *, by: int, actor: Actor) -> None:
    """One place up (-1) or down (1) among those in use. Raises NotAllowed, NotFound."""
    require(actor, Permission.SETTINGS)
    with change(actor, "list.order") as step:
        list_entry(table, entry_id)
        now = [row[0] for row in rows(f"select id from {_known(table)} where archived_at is null order by position, id")]  # noqa: S608 - a table of LISTS
        if entry_id not in now:
            return
        order = list(now)
        place = order.index(entry_id)
        order.insert(max(0, place + (1 if by > 0 else -1)), order.pop(place))
        if order != now:
            execute_many(f"update {table} set position = ? where id = ?", list(enumerate(order, 1)))  # noqa: S608 - a table of LISTS
            step.record(EventKind.LIST_CHANGED, table, entry_id, order=order)


def not_stated_id(*, actor: HasIdentity) -> int:
    """The lost reason of leads of which nobody said why; made when it is missing."""
    found = one("select id from lost_reason where name = ?", (NOT_STATED,))
    if found is None:
        with change(actor, "list.add") as step:
            made = LostReason.create(name=NOT_STATED, position=LAST)
            step.record(EventKind.LIST_CHANGED, "lost_reason", made.id, values={"name": (None, NOT_STATED)})
            return int(made.id)
    return int(found[0])


def close_as(kind: str, columns: dict[str, Any], *, at: int, actor: HasIdentity) -> None:
    """Make closed_at, lost_reason_id and lost_to of a lead fit the kind of the stage that it comes back to, in place.

    A stage may have become another kind since the lead left it.
    """
    columns["closed_at"] = None if kind == StageKind.OPEN else columns["closed_at"] or at
    if kind != StageKind.LOST:
        columns["lost_reason_id"], columns["lost_to"] = None, ""
    elif columns["lost_reason_id"] is None:
        columns["lost_reason_id"] = not_stated_id(actor=actor)


def fill_empty_lists(*, actor: Actor) -> None:
    """Give an instance that has none its first sources and lost reasons. Raises NotAllowed."""
    if one("select 1 from source limit 1") is None:
        for source in DEFAULT_SOURCES:
            add_entry("source", source, actor=actor)
    if one("select 1 from lost_reason where name <> ? limit 1", (NOT_STATED,)) is None:
        for reason in DEFAULT_LOST_REASONS:
            add_entry("lost_reason", reason, actor=actor)
        not_stated_id(actor=actor)


def _known(table: str) -> str:
    assert table in LISTS
    return table


def _keep_not_stated(table: str, name: str) -> None:
    if table == "lost_reason" and name == NOT_STATED:
        raise Refused(N_("“Not stated” stays as it is: imports and removed stages need it."))


def _refuse_taken(table: str, name: str, *, but: int = 0) -> None:
    for row_id, other in rows(f"select id, name from {_known(table)}"):  # noqa: S608 - a table of LISTS
        if row_id != but and fold(other) == fold(name):
            raise Refused(N_("There is an entry with this name already, perhaps among the archived ones."), field="name")
