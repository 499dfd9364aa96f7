"""Further e-mail addresses and telephone numbers of a lead, a contact or an organisation, changed as one list."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from leadboard.db import execute, insert_many, rows
from leadboard.domain.hosts import Host, host_of
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.emails import email_key
from leadboard.lib.phones import phone_keys
from leadboard.lib.text import clean_line
from leadboard.models.contact_points import PointKind
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.settings import instance

# An address book entry was seen with 340.
MOST_POINTS = 500
LABEL_LIMIT = 40


class Point(NamedTuple):
    """`label` says which one it is: work, private, reception."""

    kind: str
    text: str
    label: str = ""


def set_points(
    points: Iterable[Point],
    *,
    actor: Actor,
    lead_id: int | None = None,
    contact_id: int | None = None,
    organisation_id: int | None = None,
) -> int | None:
    """Replace the list; its change set, or None when nothing differs. Doubles are kept once. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "points.set") as step:
        host = host_of(actor, lead_id=lead_id, contact_id=contact_id, organisation_id=organisation_id)
        return step.change_set_id if write_points(step, host, [check_point(point) for point in points]) else None


def points_of(host: Host) -> list[Point]:
    """The list as it is."""
    found = rows(
        f"select kind, text, label from contact_point where {host.record_type}_id = ? order by position, id",  # noqa: S608 - ours
        (host.id,),
    )
    return [Point(*row) for row in found]


def write_points(step: Change, host: Host, points: Sequence[Point]) -> bool:
    """Write checked points with their event, inside a change; False when they are there already."""
    wanted = once_each(points)
    if len(wanted) > MOST_POINTS:
        raise Refused(N_("At most %(most)d addresses and numbers fit."), field="points", most=MOST_POINTS)
    before = points_of(host)
    if before == wanted:
        return False
    execute(f"delete from contact_point where {host.record_type}_id = ?", (host.id,))  # noqa: S608 - ours
    insert_points(host.record_type, [(host.id, wanted)], step.at)
    step.record(
        EventKind.POINTS_CHANGED, host.record_type, host.id, **host.place,
        values={"points": ([list(point) for point in before], [list(point) for point in wanted])},
    )  # fmt: skip
    return True


def once_each(points: Iterable[Point]) -> list[Point]:
    """The points without doubles; of two of one key the later label counts."""
    return list({(point.kind, keys_of(point.kind, point.text)[0] or point.text): point for point in points}.values())


def insert_points(record_type: str, records: Sequence[tuple[int, Sequence[Point]]], at: int) -> None:
    """Write checked points of many records that have none, without events."""
    insert_many(
        "contact_point",
        [f"{record_type}_id", "kind", "text", "label", "key", "reversed", "position", "created_at"],
        [
            (record_id, str(point.kind), point.text, point.label, *keys_of(point.kind, point.text), position, at)
            for record_id, points in records
            for position, point in enumerate(points)
        ],
    )


def revert_points(step: Change, host: Host, before: list[list[Any]], after: list[list[Any]]) -> None:
    """Put an earlier list back; part of domain/undo.py's change. Raises Conflict when it was changed since."""
    if [list(point) for point in points_of(host)] != after:
        raise Conflict(N_("It was changed since. Nothing was taken back."))
    write_points(step, host, [Point(*point) for point in before])


def check_point(point: Point) -> Point:
    """A point as it is kept. Raises Refused."""
    if point.kind not in list(PointKind):
        raise Refused(N_("Choose e-mail or phone."), field="points")
    try:
        text, label = clean_line(point.text, 254), clean_line(point.label, LABEL_LIMIT)
    except ValueError as error:
        raise Refused(N_("An address, a number or its label is too long."), field="points") from error
    if not text:
        raise Refused(N_("An address or a number is empty. Type it, or take the line away."), field="points")
    if point.kind == PointKind.EMAIL and email_key(text) is None:
        raise Refused(
            N_("%(text)s is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."),
            field="points",
            text=text[:60],
        )
    return Point(point.kind, text, label)


def keys_of(kind: str, text: str) -> tuple[str | None, str | None]:
    """What an address or a number is found by: its key, and its digits from the end."""
    if kind == PointKind.EMAIL:
        return email_key(text), None
    e164, digits = phone_keys(text, instance().phone_region)
    return e164, digits[:40] or None
