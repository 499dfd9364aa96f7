"""Which events a page of a timeline is made of: those of a record, of what was merged into it, of what belongs to it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from leadboard.db import Where, one, rows
from leadboard.events import decode
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.hosts import HostKey

# Edits fold into one entry, so more events are read than entries shown.
MOST_EVENTS = 90
# Of a wide page: the records with the newest events. Twice as many, since not every event has an entry.
MOST_RECORDS = 2 * MOST_EVENTS

# What has an entry of its own. Edits and pins show on the note itself; a deleted note or call leaves one line in the
# place of its deletion. A move without values only changed the order inside its stage.
_ALWAYS = (
    "lead_created", "lead_updated", "lead_snoozed", "lead_woken", "lead_deleted", "lead_restored", "lead_converted",
    "contact_created", "contact_updated", "contact_deleted", "contact_restored",
    "organisation_created", "organisation_updated", "organisation_deleted", "organisation_restored",
    "points_changed", "tags_changed", "record_linked", "link_refused", "record_merged", "record_split", "employment_changed",
    "task_added", "task_changed", "task_completed", "task_reopened", "task_deleted", "task_restored",
)  # fmt: skip
_SOMETIMES = ("lead_moved", "note_added", "note_deleted", "activity_logged", "activity_deleted")
SHOWN = (*_ALWAYS, *_SOMETIMES)
_KINDS = ", ".join(f"'{kind}'" for kind in _ALWAYS)


def _shown(event: str) -> str:
    """The condition for the events, called `event`, that have an entry."""
    note = f"select 1 from note n where n.id = {event}.record_id and"
    activity = f"select 1 from activity a where a.id = {event}.record_id and"
    return (
        f"({event}.kind in ({_KINDS})"
        f" or {event}.kind = 'lead_moved' and exists (select 1 from event_value v where v.event_id = {event}.id)"
        f" or {event}.kind = 'note_added' and exists ({note} n.deleted_at is null and not n.is_pinned)"
        f" or {event}.kind = 'note_deleted' and exists ({note} n.deleted_at = {event}.at)"
        f" or {event}.kind = 'activity_logged' and exists ({activity} a.deleted_at is null)"
        f" or {event}.kind = 'activity_deleted' and exists ({activity} a.deleted_at = {event}.at))"
    )


class EventRow(NamedTuple):
    """An event with the kind of its change set, the title of the step that it is about, and the records it belongs to."""

    id: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    record_type: str
    record_id: int
    data: str
    change_kind: str
    title: str
    lead_id: int | None
    contact_id: int | None
    organisation_id: int | None
    change_set_id: int | None
    is_undone: bool

    @property
    def hosts(self) -> list[HostKey]:
        """The records it belongs to; first the one that it is about, when it is about one."""
        found = [
            HostKey(name, record_id)
            for name, record_id in zip(RECORD_TYPES, (self.lead_id, self.contact_id, self.organisation_id), strict=True)
            if record_id is not None
        ]
        return sorted(found, key=lambda host: host != (self.record_type, self.record_id))


class Head(NamedTuple):
    """`currency` is that of a lead's value as it is now; `has_merged` when others were merged into the record."""

    currency: str
    has_merged: bool


# {record: the one that it was merged into, itself when it was not}
Roots = dict[HostKey, HostKey]


def head_of(host: HostKey, actor: Actor) -> Head:
    """What is known of the record itself. Raises NotFound."""
    name = host.record_type
    condition, params = visible_sql(actor, name)
    currency = "lead.value_currency" if name == "lead" else "''"
    found = one(
        f"select {currency}, exists (select 1 from {name} m where m.merged_into_id = {name}.id) from {name} where {name}.id = ? and {condition}",
        [host.id, *params],
    )
    if found is None:
        raise host.missing()
    return Head(str(found[0] or ""), bool(found[1]))


def merged_into(host: HostKey) -> Roots:
    """The record and all that were merged into it, also by way of others."""
    found = rows(
        f"with recursive {_with_merged('found', host.record_type, 'select cast(? as bigint) as id')} select id from found",
        (host.id,),
    )
    return {HostKey(host.record_type, record_id): host for (record_id,) in found}


def _with_merged(name: str, record_type: str, ids: str) -> str:
    """A part of `with recursive`: (id, root) of the records, and of those that were merged into them."""
    return (
        f"{name}(id, root) as (select id, id from ({ids}) {name}_first union select m.id, {name}.root from {name}"
        f" join {record_type} m on m.merged_into_id = {name}.id)"
    )


def events_of(hosts: Iterable[HostKey], before: int | None) -> list[EventRow]:
    """The newest events, older than `before`, of records of one type."""
    found = list(hosts)
    column, ids = found[0].column, [host.id for host in found]
    condition = f"e.{column} = ?" if len(ids) == 1 else f"e.{column} in ({', '.join('?' * len(ids))})"
    older, params = _older("e", before)
    return _read(f"{condition}{older} and {_shown('e')}", [*ids, *params])


def _older(event: str, before: int | None) -> Where:
    return (f" and {event}.id < ?", [before]) if before is not None else ("", [])


def _read(where: str, params: Sequence[Any]) -> list[EventRow]:
    return [
        EventRow(*row)
        for row in rows(
            "select e.id, e.at, e.kind, e.actor_kind, e.actor_id, e.record_type, e.record_id, e.data, coalesce(cs.kind, ''),"
            " coalesce(t.title, ''), e.lead_id, e.contact_id, e.organisation_id,"
            " e.change_set_id, cs.undone_at is not null from event e"
            " left join task t on t.id = e.record_id and e.record_type = 'task' left join change_set cs on cs.id = e.change_set_id"
            f" where {where} order by e.id desc limit {MOST_EVENTS}",
            params,
        )
    ]


# ---------------------------------------------------------------------------------------------- with what belongs to it

# The people of a firm: those whose main firm it is, and those who are there too.
_PEOPLE = (
    "select contact.id from contact where contact.organisation_id = ? and {visible}"
    " union select contact.id from employment m join contact on contact.id = m.contact_id where m.organisation_id = ? and {visible}"
)


def wide_events(host: HostKey, actor: Actor, before: int | None) -> tuple[list[EventRow], Roots, int | None]:
    """The newest events of a contact or an organisation, its leads and its people; whose each record's are; and the horizon.

    The newest events are of the records with the newest ones. So first the newest event of each record is looked up, in its
    index alone, then the events of those records are read, none of them older than needed. Events before the horizon may
    be of other records: it is None when all records take part.
    """
    latest = _latest(host, actor, before)
    roots = {HostKey(kind, record_id): HostKey(kind, root) for kind, record_id, root, _ in latest}
    ids: dict[str, list[int]] = {}
    for key in roots:
        ids.setdefault(key.record_type, []).append(key.id)
    horizon = latest[-1][3] if len(latest) == MOST_RECORDS else None
    floor = horizon if horizon is not None else _floor(ids, before)
    parts, params = [], []
    for name, of_type in ids.items():
        older, values = _older("x", before)
        parts.append(
            f"select x.id from event x where x.{name}_id in ({', '.join('?' * len(of_type))}) and x.id >= ?{older} and {_shown('x')}"
        )
        params += [*of_type, floor, *values]
    if not parts:
        return [], roots, None
    newest = f"select id from ({' union '.join(parts)}) found order by id desc limit {MOST_EVENTS}"
    return _read(f"e.id in ({newest})", params), roots, horizon


def _latest(host: HostKey, actor: Actor, before: int | None) -> list[tuple[str, int, int, int]]:
    """(type, id, root, newest event) of the records that take part in a page."""
    visible, values = visible_sql(actor)
    parts: list[tuple[str, str, list[Any]]] = [
        (host.record_type, "select cast(? as bigint) as id", [host.id]),
        ("lead", f"select lead.id from lead where lead.{host.column} = ? and {visible}", [host.id, *values]),
    ]
    if host.record_type == "organisation":
        visible, values = visible_sql(actor, "contact")
        parts.append(("contact", _PEOPLE.format(visible=visible), [host.id, *values, host.id, *values]))
    older, last = _older("x", before)
    chains = ", ".join(_with_merged(f"of_{name}", name, ids) for name, ids, _ in parts)
    newest = " union all ".join(
        f"select '{name}' as kind, of_{name}.id, of_{name}.root,"
        f" (select max(x.id) from event x where x.{name}_id = of_{name}.id{older}) as last from of_{name}"
        for name, _, _ in parts
    )
    found = rows(
        f"with recursive {chains} select kind, id, root, last from ({newest}) found order by last desc nulls last, kind, id limit {MOST_RECORDS}",
        [*(value for _, _, params in parts for value in params), *(last * len(parts))],
    )
    # Not a condition of the statement: SQLite would look up every newest event twice.
    return [(kind, record_id, root, event_id) for kind, record_id, root, event_id in found if event_id is not None]


def _floor(ids: dict[str, list[int]], before: int | None) -> int:
    """Nothing older is needed: a single one of the records has enough events since. 0 when all are."""
    older, last = _older("x", before)
    parts, params = [], []
    for name, of_type in ids.items():
        parts.append(
            f"select (select x.id from event x where x.{name}_id = h.id{older} and {_shown('x')} order by x.id desc"
            f" limit 1 offset {MOST_EVENTS - 1}) as nth from {name} h where h.id in ({', '.join('?' * len(of_type))})"
        )
        params += [*last, *of_type]
    found = one(f"select max(nth) from ({' union all '.join(parts)}) found", params) if parts else None
    return int(found[0]) if found is not None and found[0] is not None else 0


# ---------------------------------------------------------------------------------------------- what the events hold

# {field: (before, after)} as JSON text: most of what is read to fold edits is not shown, so little is decoded.
Values = dict[str, tuple[str | None, str | None]]


def values_of(event_ids: Sequence[int]) -> dict[int, Values]:
    """The values of events, by event."""
    if not event_ids:
        return {}
    found: dict[int, Values] = {}
    for event_id, name, before, after in rows(
        f"select event_id, field, before, after from event_value where event_id in ({', '.join('?' * len(event_ids))}) order by id",
        event_ids,
    ):
        found.setdefault(event_id, {})[name] = (before, after)
    return found


def currencies_after(lead_ids: Iterable[int], event_id: int) -> dict[int, str]:
    """The currency that each lead's value had after an event."""
    ids = sorted(set(lead_ids))
    if not ids:
        return {}
    found = rows(
        "select lead.id, lead.value_currency, (select v.before from event x join event_value v on v.event_id = x.id and v.field = 'value_currency'"
        " where x.lead_id = lead.id and x.record_type = 'lead' and x.id > ? order by x.id limit 1)"
        f" from lead where lead.id in ({', '.join('?' * len(ids))})",
        [event_id, *ids],
    )
    return {lead_id: str((decode(changed) if changed is not None else now) or "") for lead_id, now, changed in found}
