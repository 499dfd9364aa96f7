"""Recording what a write did, in the write's own transaction.

Every write is one `change(...)`: a transaction, a change set (the handle for undo) and its events. A change inside a
change joins it, so that a bulk action is undone as one.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from json.encoder import encode_basestring
from typing import Any, Protocol

from leadboard.db import atomic, execute_many, now_ms, one, rows


class EventKind(StrEnum):
    """Facts, in the past tense. The value is stored: never rename one."""

    LEAD_CREATED = "lead_created"
    LEAD_UPDATED = "lead_updated"
    LEAD_MOVED = "lead_moved"
    LEAD_SNOOZED = "lead_snoozed"
    LEAD_WOKEN = "lead_woken"
    LEAD_DELETED = "lead_deleted"
    LEAD_RESTORED = "lead_restored"
    LEAD_CONVERTED = "lead_converted"
    TAGS_CHANGED = "tags_changed"
    NOTE_ADDED = "note_added"
    NOTE_EDITED = "note_edited"
    NOTE_PINNED = "note_pinned"
    NOTE_DELETED = "note_deleted"
    NOTE_RESTORED = "note_restored"
    TASK_ADDED = "task_added"
    TASK_CHANGED = "task_changed"
    TASK_COMPLETED = "task_completed"
    TASK_REOPENED = "task_reopened"
    TASK_DELETED = "task_deleted"
    TASK_RESTORED = "task_restored"
    ACTIVITY_LOGGED = "activity_logged"
    ACTIVITY_CHANGED = "activity_changed"
    ACTIVITY_DELETED = "activity_deleted"
    ACTIVITY_RESTORED = "activity_restored"
    PIPELINE_CHANGED = "pipeline_changed"
    STAGE_CHANGED = "stage_changed"
    LIST_CHANGED = "list_changed"
    SETTING_CHANGED = "setting_changed"
    PLUGIN_CHANGED = "plugin_changed"
    FIELD_CHANGED = "field_changed"
    VIEW_CHANGED = "view_changed"
    USER_CHANGED = "user_changed"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    TOKEN_ADDED = "token_added"  # noqa: S105 - a fact, not a secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a fact, not a secret
    CONTACT_CREATED = "contact_created"
    CONTACT_UPDATED = "contact_updated"
    CONTACT_DELETED = "contact_deleted"
    CONTACT_RESTORED = "contact_restored"
    ORGANISATION_CREATED = "organisation_created"
    ORGANISATION_UPDATED = "organisation_updated"
    ORGANISATION_DELETED = "organisation_deleted"
    ORGANISATION_RESTORED = "organisation_restored"
    POINTS_CHANGED = "points_changed"
    RECORD_LINKED = "record_linked"
    LINK_REFUSED = "link_refused"
    RECORD_MERGED = "record_merged"
    RECORD_SPLIT = "record_split"
    EMPLOYMENT_CHANGED = "employment_changed"
    IMPORT_FINISHED = "import_finished"
    IMPORT_UNDONE = "import_undone"
    EXPORTED = "exported"
    SAMPLE_DATA_ADDED = "sample_data_added"
    SAMPLE_DATA_REMOVED = "sample_data_removed"


class HasIdentity(Protocol):
    """What an event needs to know of an actor: permissions.Actor is one."""

    @property
    def kind(self) -> str: ...
    @property
    def log_id(self) -> int | None: ...
    @property
    def user_id(self) -> int | None: ...


def encode(value: Any) -> str | None:
    """A field's value as the JSON text kept in event_value; None stays None (empty)."""
    if value is None:
        return None
    # Text and whole numbers are nearly all there is: the general encoder takes five times as long.
    if type(value) is str:
        return encode_basestring(value)
    if type(value) is int:
        return str(value)
    if isinstance(value, datetime):
        value = round(value.timestamp() * 1000)
    elif isinstance(value, date):
        value = value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def decode(text: str | None) -> Any:
    """The inverse of encode(), but for dates (ISO text) and moments (milliseconds): the reader knows the field."""
    return None if text is None else json.loads(text)


# The person behind an event `e`, also one that a token made for somebody.
BY_USER = (
    " left join \"user\" u on u.id = case e.actor_kind when 'user' then e.actor_id"
    " when 'token' then (select api_token.user_id from api_token where api_token.id = e.actor_id) end"
)


@dataclass
class Change:
    """One write in progress; see change()."""

    actor: HasIdentity
    kind: str
    at: int = field(default_factory=now_ms)
    _change_set_id: int | None = None

    @property
    def change_set_id(self) -> int:
        """The handle for undo; the row is made when first asked for."""
        if self._change_set_id is None:
            self._change_set_id = _insert(
                "insert into change_set (at, kind, actor_kind, user_id) values (?, ?, ?, ?)",
                (self.at, self.kind, self.actor.kind, self.actor.user_id),
            )
        return self._change_set_id

    @property
    def recorded(self) -> bool:
        return self._change_set_id is not None

    def record(
        self,
        kind: EventKind | str,
        record_type: str,
        record_id: int,
        *,
        lead_id: int | None = None,
        contact_id: int | None = None,
        organisation_id: int | None = None,
        values: Mapping[str, tuple[Any, Any]] | None = None,
        **data: Any,
    ) -> int:
        """Write one event with its old and new values; returns its id. A plugin's own kinds begin with its name and a dot.

        `values` is {field: (before, after)} and holds everything personal; `data` holds ids and numbers only.
        `lead_id`, `contact_id` and `organisation_id` put it on the timelines of these (for one of them itself it is the record).
        """
        event_id = _insert(
            "insert into event (at, kind, actor_kind, actor_id, record_type, record_id, lead_id, contact_id, organisation_id,"
            " change_set_id, data) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self.at, str(kind), self.actor.kind, self.actor.log_id, record_type, record_id,
                record_id if record_type == "lead" else lead_id,
                record_id if record_type == "contact" else contact_id,
                record_id if record_type == "organisation" else organisation_id,
                self.change_set_id, json.dumps(data) if data else "{}",
            ),
        )  # fmt: skip
        if values:
            execute_many(
                "insert into event_value (event_id, field, before, after) values (?, ?, ?, ?)",
                [(event_id, name, encode(before), encode(after)) for name, (before, after) in values.items()],
            )
        return event_id


def _insert(sql: str, params: tuple[Any, ...]) -> int:
    found = one(sql + " returning id", params)
    assert found is not None
    return int(found[0])


_current: ContextVar[Change | None] = ContextVar("change", default=None)


@contextmanager
def change(actor: HasIdentity, kind: str, *, change_set_id: int | None = None) -> Iterator[Change]:
    """The transaction of one domain function. Inside another change it becomes part of that one.

    Work in several transactions names the change set of its first one, so that all of it stays one action.
    """
    outer = _current.get()
    with atomic():
        if outer is not None:
            begun = outer._change_set_id
            try:
                yield outer
            except BaseException:
                outer._change_set_id = begun  # its row goes with the savepoint
                raise
            return
        step = Change(actor, kind, _change_set_id=change_set_id)
        token = _current.set(step)
        try:
            yield step
        finally:
            _current.reset(token)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A committed fact as a listener gets it: ids and numbers, never model objects. `at` is in milliseconds."""

    id: int
    at: int
    kind: str
    actor_kind: str
    actor_id: int | None
    record_type: str
    record_id: int
    lead_id: int | None
    change_set_id: int
    data: Mapping[str, Any]
    contact_id: int | None = None
    organisation_id: int | None = None


def events_after(event_id: int, *, limit: int) -> list[Event]:
    """Events in commit order."""
    found = rows(
        "select id, at, kind, actor_kind, actor_id, record_type, record_id, lead_id, change_set_id, data, contact_id, organisation_id"
        " from event where id > ? order by id limit ?",
        (event_id, limit),
    )
    return [
        Event(
            id=row[0], at=row[1], kind=row[2], actor_kind=row[3], actor_id=row[4],
            record_type=row[5], record_id=row[6], lead_id=row[7], change_set_id=row[8], data=json.loads(row[9]),
            contact_id=row[10], organisation_id=row[11],
        )
        for row in found
    ]  # fmt: skip
