"""The one shared order inside a stage: integers a step apart, small on top, unique in the stage.

All functions run inside the caller's transaction; writers take turns, so what is read here stays true.
"""

from dataclasses import dataclass

from leadboard.db import execute, execute_many, one, rows

STEP = 65_536
WINDOW = 64
# Far from every real position: where neighbours wait while their final places are still taken.
PARKING = 1 << 60


@dataclass(frozen=True)
class Gap:
    """The space between two taken positions; None where the stage ends."""

    above: int | None
    below: int | None

    def holds(self, position: int) -> bool:
        return (self.above is None or self.above < position) and (self.below is None or position < self.below)


def find_gap(stage_id: int, *, lead_id: int | None = None, before_id: int | None = None, after_id: int | None = None) -> Gap:
    """The space directly above `before_id`, else directly below `after_id`, else on top; the moving card itself left out.

    A neighbour that is no longer in the stage is no error: the card goes beside the one that is left.
    """
    if before_id is not None and (found := _position(before_id, stage_id)) is not None:
        below = found if before_id != lead_id else _next(stage_id, found, lead_id, up=False)
        return Gap(_next(stage_id, found, lead_id, up=True), below)
    if after_id is not None and (found := _position(after_id, stage_id)) is not None:
        above = found if after_id != lead_id else _next(stage_id, found, lead_id, up=True)
        return Gap(above, _next(stage_id, found, lead_id, up=False))
    return Gap(None, _next(stage_id, -PARKING, lead_id, up=False))


def place(stage_id: int, *, lead_id: int | None = None, before_id: int | None = None, after_id: int | None = None) -> int:
    """A free position where find_gap() says."""
    return take(stage_id, find_gap(stage_id, lead_id=lead_id, before_id=before_id, after_id=after_id), lead_id=lead_id)


def take(stage_id: int, gap: Gap, *, lead_id: int | None = None) -> int:
    """A free position in the gap, made by re-spacing when it is used up; the caller then saves the card there."""
    above, below = gap.above, gap.below
    if above is None:
        return (below if below is not None else STEP) - STEP
    if below is None:
        return above + STEP
    if below - above < 2:
        above, below = _respace(stage_id, lead_id, above, below)
    return (above + below) // 2


def take_back(stage_id: int, position: int, *, lead_id: int) -> int:
    """The position that the card once had, or one directly above the card that has it now."""
    found = one("select id from lead where stage_id = ? and position = ? and id <> ?", (stage_id, position, lead_id))
    return position if found is None else place(stage_id, lead_id=lead_id, before_id=found[0])


def top(stage_id: int, count: int = 1) -> int:
    """The uppermost of `count` free positions on top of a stage; the others follow a STEP apart."""
    found = one("select min(position) from lead where stage_id = ?", (stage_id,))
    lowest = found[0] if found and found[0] is not None else STEP
    return int(lowest) - STEP * count


def _position(lead_id: int, stage_id: int) -> int | None:
    found = one("select position from lead where id = ? and stage_id = ?", (lead_id, stage_id))
    return int(found[0]) if found else None


def _next(stage_id: int, position: int, lead_id: int | None, *, up: bool) -> int | None:
    """The nearest taken position above or below, the moving card itself left out."""
    sql = (
        "select position from lead where stage_id = ? and position < ? and id <> ? order by position desc limit 1"
        if up
        else "select position from lead where stage_id = ? and position > ? and id <> ? order by position limit 1"
    )
    found = one(sql, (stage_id, position, lead_id or 0))
    return int(found[0]) if found else None


def _respace(stage_id: int, lead_id: int | None, above: int, below: int) -> tuple[int, int]:
    """Spread the neighbours of a used-up gap evenly; the gap's two sides afterwards."""
    count = WINDOW // 2
    while True:
        upper = rows(
            "select id, position from lead where stage_id = ? and position <= ? and id <> ? order by position desc limit ?",
            (stage_id, above, lead_id or 0, count + 1),
        )[::-1]
        lower = rows(
            "select id, position from lead where stage_id = ? and position >= ? and id <> ? order by position limit ?",
            (stage_id, below, lead_id or 0, count + 1),
        )
        # One row more than is moved on either side is the fence; without it the stage ends there.
        fence_above = upper.pop(0)[1] if len(upper) > count else None
        fence_below = lower.pop()[1] if len(lower) > count else None
        slots = len(upper) + len(lower) + 1  # the free place in the middle
        if fence_above is None:
            fence_above = upper[0][1] - STEP if fence_below is None else fence_below - STEP * (slots + 1)
        if fence_below is None:
            fence_below = fence_above + STEP * (slots + 1)
        gap = (fence_below - fence_above) // (slots + 1)
        if gap >= 2:
            break
        count *= 2
    places = [fence_above + gap * number for number in range(1, slots + 1)]
    middle = len(upper)
    moved = list(zip([row[0] for row in upper + lower], places[:middle] + places[middle + 1 :], strict=True))
    if lead_id is not None:
        # The moving card may stand on one of the places; it gets its own in the caller's update.
        execute("update lead set position = ? where id = ? and stage_id = ?", (PARKING, lead_id, stage_id))
    execute_many(
        "update lead set position = ? where id = ?", [(PARKING + number, row_id) for number, (row_id, _) in enumerate(moved, 1)]
    )
    execute_many("update lead set position = ? where id = ?", [(position, row_id) for row_id, position in moved])
    return places[middle - 1] if middle else fence_above, places[middle + 1] if middle + 1 < slots else fence_below
