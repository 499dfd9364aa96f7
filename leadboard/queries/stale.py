"""Leads that wait too long, by the two limits of their stage: days without contact, days in the stage.

A planned next step stops the first clock; a lead that is off the board, won or lost has none.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from leadboard.db import Where, now_ms
from leadboard.errors import N_
from leadboard.queries.pipelines import StageRow

DAY_MS = 86_400_000
TOUCH, STAY, ANY = "touch", "stay", "yes"
# What a filter may ask for, as a person reads it.
STALE = {ANY: N_("Any limit"), TOUCH: N_("Without contact"), STAY: N_("Too long in its stage")}


def stale_days(stage: StageRow, lead: Mapping[str, Any], *, now: int, today: date) -> tuple[int | None, int | None]:
    """(days without contact, days in the stage), each only when it is over its limit.

    `lead` has last_touch_at, stage_entered_at, next_task_id and next_task_on.
    """
    quiet = stay = None
    if stage.touch_days is not None and not _has_plan(lead["next_task_id"], lead["next_task_on"], today):
        days = (now - lead["last_touch_at"]) // DAY_MS
        quiet = days if days >= stage.touch_days else None
    if stage.stay_days is not None:
        days = (now - lead["stage_entered_at"]) // DAY_MS
        stay = days if days >= stage.stay_days else None
    return quiet, stay


def _has_plan(task_id: int | None, day: date | None, today: date) -> bool:
    return task_id is not None and (day is None or day >= today)


def stale_sql(lead: str, which: str, today: date) -> Where:
    """The condition for stale leads of the board: by one clock, or by any of the two."""
    now = now_ms()
    touch = (
        f"st.touch_days is not null and {lead}.last_touch_at <= ? - cast(st.touch_days as bigint) * {DAY_MS}"
        f" and ({lead}.next_task_id is null or {lead}.next_task_on < ?)"
    )
    stay = f"st.stay_days is not null and {lead}.stage_entered_at <= ? - cast(st.stay_days as bigint) * {DAY_MS}"
    both: dict[str, tuple[str, list[Any]]] = {TOUCH: (touch, [now, today.isoformat()]), STAY: (stay, [now])}
    wanted = [both[name] for name in (TOUCH, STAY) if which in {ANY, name}]
    sql = " or ".join(f"({part})" for part, _ in wanted)
    return (
        f"({lead}.snoozed_until is null and exists (select 1 from stage st where st.id = {lead}.stage_id and st.kind = 'open' and ({sql})))",  # noqa: S608 - ours
        [value for _, values in wanted for value in values],
    )
