"""Plans of visits: set, carried out, shown, and turned into next steps when they fall due."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from leadboard.api import (
    N_,
    SYSTEM,
    Actor,
    Badge,
    Conflict,
    LeadRef,
    NotFound,
    Permission,
    Refused,
    Tone,
    add_task,
    as_day,
    change,
    execute,
    find_lead,
    formats,
    gettext,
    log_activity,
    one,
    require,
    rows,
    settings_for,
    today,
)

VISIT = "visit_plan.visit"
MOST_WEEKS = 104
BATCH = 200


def set_plan(lead_id: int, weeks: int | None, *, actor: Actor) -> None:
    """Visit every `weeks` weeks from today on, or never with None. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    if weeks is not None and not 1 <= weeks <= MOST_WEEKS:
        raise Refused(N_("Between 1 and 104 weeks."), field="weeks")
    with change(actor, "visit_plan.plan") as step:
        find_lead(lead_id, actor)
        before = one("select weeks, last_on from p_visit_plan_plan where lead_id = ?", (lead_id,))
        if weeks is None:
            execute("delete from p_visit_plan_plan where lead_id = ?", (lead_id,))
        else:
            last_on = as_day(before[1]) if before else today()
            assert last_on is not None
            execute(
                "insert into p_visit_plan_plan (lead_id, weeks, last_on, next_on) values (?, ?, ?, ?)"
                " on conflict (lead_id) do update set weeks = excluded.weeks, next_on = excluded.next_on",
                (lead_id, weeks, last_on, last_on + timedelta(weeks=weeks)),
            )
        was = before[0] if before else None
        if was != weeks:
            step.record("visit_plan.planned", "lead", lead_id, values={"visit_plan.weeks": (was, weeks)})


def visit(lead_id: int, *, actor: Actor, text: str = "") -> int:
    """Somebody was there today: log it, and count the next visit from here. The change set. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "visit_plan.visit") as step:
        find_lead(lead_id, actor)
        found = one("select weeks from p_visit_plan_plan where lead_id = ?", (lead_id,))
        if found is None:
            raise Conflict(N_("This lead has no visit plan any more."))
        execute(
            "update p_visit_plan_plan set last_on = ?, next_on = ? where lead_id = ?",
            (today(), today() + timedelta(weeks=found[0]), lead_id),
        )
        log_activity(lead_id, kind=VISIT, body=text, actor=actor)
        return step.change_set_id


def plan_due_visits() -> int:
    """Make a next step for every visit that is near, once a visit; how many. The job of every few hours."""
    until = today() + timedelta(days=settings_for("visit_plan").days_before)
    made = 0
    while found := rows(
        "select p.lead_id, p.next_on from p_visit_plan_plan p join lead l on l.id = p.lead_id and l.deleted_at is null and l.closed_at is null"
        " where p.next_on <= ? and (p.asked_on is null or p.asked_on <> p.next_on) order by p.next_on, p.lead_id limit ?",
        (until, BATCH),
    ):
        for lead_id, next_on in found:
            made += _ask(lead_id, as_day(next_on))
    return made


def _ask(lead_id: int, day: date | None) -> int:
    """Make the step; the mark is written with it, so that a worker that dies makes none twice."""
    with change(SYSTEM, "visit_plan.ask"):
        if not execute(
            "update p_visit_plan_plan set asked_on = next_on where lead_id = ? and next_on = ? and (asked_on is null or asked_on <> next_on)",
            (lead_id, day),
        ):
            return 0
        try:
            add_task(lead_id, title=N_("Visit"), due_on=day, actor=SYSTEM, to_owner=True)
        except NotFound:
            return 0
    return 1


# ---------------------------------------------------------------------------------------------- shown


def badges(lead_ids: Sequence[int]) -> dict[int, Badge]:
    """A word on each card with a plan, in one statement for all of them."""
    if not lead_ids:
        return {}
    now = today()
    found = rows(
        f"select lead_id, next_on from p_visit_plan_plan where lead_id in ({', '.join('?' * len(lead_ids))})",  # noqa: S608 - places only
        lead_ids,
    )
    return {lead_id: _badge(day, now) for lead_id, text in found if (day := as_day(text)) is not None}


def _badge(day: date, now: date) -> Badge:
    if day < now:
        return Badge(gettext("Visit overdue"), Tone.RED)
    if day == now:
        return Badge(gettext("Visit today"), Tone.ORANGE)
    return Badge(gettext("Visit %(day)s", day=formats().day(day))[:24], Tone.TEAL)


def panel(lead: LeadRef, actor: Actor) -> Mapping[str, Any] | None:
    """The plan of a lead, for its panel; viewers see none where there is none."""
    found = one("select weeks, last_on, next_on from p_visit_plan_plan where lead_id = ?", (lead.id,))
    may_write = actor.may(Permission.WRITE)
    if found is None and not may_write:
        return None
    weeks, last_on, next_on = found or (None, None, None)
    due = as_day(next_on)
    return {
        "weeks": weeks,
        "suggested": weeks or settings_for("visit_plan").weeks,
        "last_on": as_day(last_on),
        "next_on": due,
        "is_overdue": due is not None and due < today(),
        "may_write": may_write,
    }


def hold_overdue(lead: LeadRef, from_stage_id: int, to_stage_id: int, actor: Actor) -> None:
    """The stage rule: with the setting on, an overdue visit keeps the lead where it is. Raises Refused."""
    if settings_for("visit_plan").holds_moves and one(
        "select 1 from p_visit_plan_plan where lead_id = ? and next_on < ?", (lead.id, today())
    ):
        raise Refused(N_("%(title)s is waiting for a visit. Log the visit first."), field="stage", title=lead.title)
