"""How leads went through each stage lately: worked out now and then by a job, so that no page has to."""

import json
from collections.abc import Mapping
from statistics import median

from leadboard.db import atomic, execute, execute_many, now_ms, one, rows
from leadboard.events import decode
from leadboard.models.pipelines import StageKind

DAY_MS = 86_400_000
LOOK_BACK_MS = 180 * DAY_MS
# The newest part of the log is enough: how it went long ago says little.
MOST_EVENTS = 500_000
FEWEST = 5


def measure_stages() -> None:
    """Median time in a stage, and how many of a hundred that left it went on. A stage with too few leavings has no figures."""
    now = now_ms()
    stages = {row[0]: (row[1], row[2], row[3]) for row in rows("select id, pipeline_id, position, kind from stage")}
    times: dict[int, list[int]] = {}
    onward: dict[int, int] = {}
    newest = one("select coalesce(max(id), 0) from event")
    last = max(0, int(newest[0]) - MOST_EVENTS) if newest else 0
    while batch := rows(
        "select e.id, e.at, e.data, v.before from event e join change_set c on c.id = e.change_set_id"
        " join event_value v on v.event_id = e.id and v.field = 'stage_entered_at'"
        " where e.id > ? and e.kind = 'lead_moved' and e.at > ? and c.undone_at is null and c.kind not in ('undo', 'stage.delete')"
        " order by e.id limit 5000",
        (last, now - LOOK_BACK_MS),
    ):
        last = batch[-1][0]
        for _, at, data, before in batch:
            facts = json.loads(data)
            left, to, entered = facts.get("from_stage"), facts["stage"], decode(before)
            if left == to or left not in stages or not isinstance(entered, int):
                continue
            times.setdefault(left, []).append(max(0, at - entered))
            onward[left] = onward.get(left, 0) + _goes_on(stages, left, to)
    _write(now, times, onward)


def _goes_on(stages: Mapping[int, tuple[int, int, str]], left: int, to: int) -> bool:
    """Further to the right, won, or over to another pipeline; not back and not lost."""
    if to not in stages:
        return False
    (from_pipeline, from_position, _), (to_pipeline, to_position, kind) = stages[left], stages[to]
    if kind != StageKind.OPEN:
        return kind == StageKind.WON
    return to_pipeline != from_pipeline or to_position > from_position


def _write(now: int, times: Mapping[int, list[int]], onward: Mapping[int, int]) -> None:
    found = [
        (stage_id, round(median(spent)), round(100 * onward[stage_id] / len(spent)), len(spent), now)
        for stage_id, spent in times.items()
        if len(spent) >= FEWEST
    ]
    with atomic():
        execute("delete from stage_flow")
        there = {row[0] for row in rows("select id from stage")}
        execute_many(
            "insert into stage_flow (stage_id, median_ms, share, left_count, computed_at) values (?, ?, ?, ?, ?)",
            [row for row in found if row[0] in there],
        )
