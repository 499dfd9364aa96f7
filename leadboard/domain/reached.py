"""By what a record is reached, as one list: its own e-mail and phone are the first of each kind, the others further ones."""

from collections.abc import Sequence

from leadboard.db import one
from leadboard.domain.hosts import host_of
from leadboard.domain.leads import update_lead
from leadboard.domain.parties import update_party
from leadboard.domain.points import Point, points_of, set_points
from leadboard.errors import N_, Conflict
from leadboard.events import change
from leadboard.models.contact_points import PointKind
from leadboard.permissions import Actor, Permission, require


def reached_by(record_type: str, record_id: int, actor: Actor) -> list[Point]:
    """The whole list of a record that the actor may see, the first of each kind in front. Raises NotFound."""
    host = host_of(actor, **{f"{record_type}_id": record_id})
    found = one(f"select email, phone from {record_type} where id = ?", (record_id,))  # noqa: S608 - one of three names
    assert found is not None
    own = [Point(kind, text) for kind, text in zip((PointKind.EMAIL, PointKind.PHONE), found, strict=True) if text]
    return [*own, *points_of(host)]


def set_reached(
    record_type: str, record_id: int, points: Sequence[Point], *, actor: Actor, was: Sequence[Point] | None = None
) -> int | None:
    """Replace the list; its change set, or None when nothing differs. The label of a first one is not kept.

    `was` is the list that the caller saw. Raises Refused, NotFound, NotAllowed, and Conflict with the list as it is now.
    """
    require(actor, Permission.WRITE)
    with change(actor, "points.set") as step:
        now = reached_by(record_type, record_id, actor)
        if was is not None and list(was) != now and list(points) != now:
            raise Conflict(N_("Somebody changed these in the meantime. Look at both lists, then save again."), details=now)
        own: dict[str, str] = {}
        further = []
        for point in points:
            if point.kind in own:
                further.append(point)
            else:
                own[point.kind] = point.text
        values = {kind.value: own.get(kind, "") for kind in PointKind}
        if record_type == "lead":
            update_lead(record_id, values, actor=actor)
        else:
            update_party(record_type, record_id, values, actor=actor)
        set_points(further, actor=actor, **{f"{record_type}_id": record_id})
        return step.change_set_id if step.recorded else None
