"""Next steps of a record: what is open, what was done lately, and who could take one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from leadboard.db import LARGEST_ID, as_day, one, rows
from leadboard.errors import N_, NotFound
from leadboard.lib.dates import DueState, due_state, today_in
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Actor, Permission, may_work_on, user_actor, visible_sql
from leadboard.queries.hosts import HOST_COLUMNS, HOST_JOINS, HostKey, host_in, visible_host
from leadboard.queries.settings import Instance, instance
from leadboard.queries.users import users_by_name

MOST_OPEN = 200
MOST_DONE = 5


@dataclass(frozen=True, slots=True)
class Assignee:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One step. `done_at` is in milliseconds."""

    id: int
    host: HostKey
    title: str
    due_on: date | None
    state: DueState
    assignee_id: int | None
    assignee_name: str
    version: int
    done_at: int | None


@dataclass(frozen=True, slots=True)
class TasksPanel:
    """Open steps, overdue first and those without a day last; the last few that were done; who can take one.

    `title` is what the record is called; `wants_step` when something should be planned: for an open lead.
    """

    host: HostKey
    title: str
    wants_step: bool
    open: tuple[TaskRow, ...]
    done: tuple[TaskRow, ...]
    assignees: tuple[Assignee, ...]
    may_write: bool


_COLUMNS = f"e.id, e.title, e.due_on, e.assignee_id, coalesce(u.name, ''), e.version, e.done_at, {HOST_COLUMNS}"
_FROM = 'from task e left join "user" u on u.id = e.assignee_id'
# title, owner, and the kind of its stage of a record
_RECORD = {
    "lead": "select lead.title, lead.owner_id, stage.kind from lead join stage on stage.id = lead.stage_id",
    "contact": "select contact.name, contact.owner_id, '' from contact",
    "organisation": "select organisation.name, organisation.owner_id, '' from organisation",
}


def tasks_panel(host: HostKey, actor: Actor, settings: Instance | None = None) -> TasksPanel:
    """A record's next steps. Four statements, five without the instance's settings. Raises NotFound."""
    settings = settings or instance()
    condition, params = visible_sql(actor, host.record_type)
    record = one(f"{_RECORD[host.record_type]} where {host.record_type}.id = ? and {condition}", [host.id, *params])
    if record is None:
        raise host.missing()
    today = today_in(settings.time_zone)
    of_host = f"select {_COLUMNS} {_FROM} where e.{host.column} = ? and e.deleted_at is null"
    open_rows = rows(f"{of_host} and e.done_at is null order by e.due_on is null, e.due_on, e.id limit {MOST_OPEN}", (host.id,))
    done_rows = rows(f"{of_host} and e.done_at is not null order by e.done_at desc, e.id desc limit {MOST_DONE}", (host.id,))
    may_write = actor.may(Permission.WRITE)
    return TasksPanel(
        host,
        str(record[0]),
        record[2] == StageKind.OPEN,
        tuple(_task(row, today) for row in open_rows),
        tuple(_task(row, today) for row in done_rows),
        assignees_of(record[1], settings) if may_write else (),
        may_write,
    )


def task_row(task_id: int, actor: Actor) -> TaskRow:
    """One step that is not deleted. Raises NotFound."""
    condition, params = visible_host(actor)
    found = one(
        f"select {_COLUMNS} {_FROM}{HOST_JOINS} where e.id = ? and e.deleted_at is null and {condition}",
        [task_id, *params],
    )
    if found is None:
        raise NotFound(N_("This entry does not exist any more, or you may not see it."))
    return _task(found, today_in(instance().time_zone))


def _task(row: tuple[Any, ...], today: date) -> TaskRow:
    task_id, title, due, assignee_id, assignee, version, done_at = row[:7]
    due_on = as_day(due)
    return TaskRow(task_id, host_in(row[7:]), title, due_on, due_state(due_on, today), assignee_id, assignee, version, done_at)


# ---------------------------------------------------------------------------------------------- who can take a step


def assignees_of(owner_id: int | None, settings: Instance) -> tuple[Assignee, ...]:
    """Everybody who sees a lead of this owner and may write to it, by name."""
    return tuple(
        Assignee(user.id, user.name)
        for user in users_by_name()
        if user.is_active and may_work_on(_as_actor(user.id, user.name, user.role, settings), owner_id)
    )


def may_take(user_id: int, owner_id: int | None) -> bool:
    """Whether a step of a lead of this owner can be given to somebody."""
    found = one('select id, name, role from "user" where id = ? and is_active', (user_id,)) if user_id <= LARGEST_ID else None
    return found is not None and may_work_on(_as_actor(found[0], found[1], found[2], instance()), owner_id)


def _as_actor(user_id: int, name: str, role: str, settings: Instance) -> Actor:
    return user_actor(user_id, name, role, member_visibility=settings.member_visibility)
