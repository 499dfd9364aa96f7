"""Next steps of a lead: what is open, what was done lately, and who could take one."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from leadboard.db import LARGEST_ID, as_day, one, rows
from leadboard.errors import N_, NotFound
from leadboard.lib.dates import DueState, due_state, today_in
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Actor, Permission, may_work_on, user_actor, visible_sql
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
    lead_id: int
    title: str
    due_on: date | None
    state: DueState
    assignee_id: int | None
    assignee_name: str
    version: int
    done_at: int | None


@dataclass(frozen=True, slots=True)
class TasksPanel:
    """Open steps, overdue first and those without a day last; the last few that were done; who can take one."""

    lead_id: int
    lead_title: str
    is_closed: bool
    open: tuple[TaskRow, ...]
    done: tuple[TaskRow, ...]
    assignees: tuple[Assignee, ...]
    may_write: bool


_COLUMNS = "t.id, t.lead_id, t.title, t.due_on, t.assignee_id, coalesce(u.name, ''), t.version, t.done_at"
_FROM = 'from task t left join "user" u on u.id = t.assignee_id'


def tasks_panel(lead_id: int, actor: Actor, settings: Instance | None = None) -> TasksPanel:
    """A lead's next steps. Four statements, five without the instance's settings. Raises NotFound."""
    settings = settings or instance()
    condition, params = visible_sql(actor)
    lead = one(
        f"select lead.title, lead.owner_id, stage.kind from lead join stage on stage.id = lead.stage_id where lead.id = ? and {condition}",
        [lead_id, *params],
    )
    if lead is None:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    today = today_in(settings.time_zone)
    of_lead = f"select {_COLUMNS} {_FROM} where t.lead_id = ? and t.deleted_at is null"
    open_rows = rows(f"{of_lead} and t.done_at is null order by t.due_on is null, t.due_on, t.id limit {MOST_OPEN}", (lead_id,))
    done_rows = rows(f"{of_lead} and t.done_at is not null order by t.done_at desc, t.id desc limit {MOST_DONE}", (lead_id,))
    may_write = actor.may(Permission.WRITE)
    return TasksPanel(
        lead_id,
        str(lead[0]),
        lead[2] != StageKind.OPEN,
        tuple(_task(row, today) for row in open_rows),
        tuple(_task(row, today) for row in done_rows),
        assignees_of(lead[1], settings) if may_write else (),
        may_write,
    )


def task_row(task_id: int, actor: Actor) -> TaskRow:
    """One step that is not deleted. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = one(
        f"select {_COLUMNS} {_FROM} join lead on lead.id = t.lead_id where t.id = ? and t.deleted_at is null and {condition}",
        [task_id, *params],
    )
    if found is None:
        raise NotFound(N_("This entry does not exist any more, or you may not see it."))
    return _task(found, today_in(instance().time_zone))


def _task(row: tuple[Any, ...], today: date) -> TaskRow:
    due_on = as_day(row[3])
    return TaskRow(row[0], row[1], row[2], due_on, due_state(due_on, today), row[4], row[5], row[6], row[7])


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
