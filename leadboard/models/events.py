"""The append-only log that is timeline, audit, undo and live feed at once."""

from peewee import BigIntegerField, CharField, ForeignKeyField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.users import User


class ChangeSet(BaseModel):
    """The events of one action, which can be undone together."""

    id = IdField()
    at = MomentField(default=now_ms)
    kind = CharField(max_length=40)
    actor_kind = CharField(max_length=8)
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    undone_at = MomentField(null=True)

    class Meta:
        table_name = "change_set"


class Event(BaseModel):
    """A committed fact. Without foreign keys: it outlives what it tells of. `data` is JSON without personal values.

    Readers may follow the ids: writers take turns (db.atomic), so the order of ids is the order of commits.
    """

    id = IdField()
    at = MomentField(default=now_ms)
    kind = CharField(max_length=40)
    actor_kind = CharField(max_length=8)
    actor_id = BigIntegerField(null=True)
    record_type = CharField(max_length=20)
    record_id = BigIntegerField()
    lead_id = BigIntegerField(null=True)
    contact_id = BigIntegerField(null=True)
    organisation_id = BigIntegerField(null=True)
    change_set_id = BigIntegerField(index=True)
    data = TextField(default="{}")

    class Meta:
        indexes = ((("lead_id", "id"), False), (("record_type", "record_id", "id"), False))


class EventValue(BaseModel):
    """What one field was and became, as JSON. The only part of the log that purge and erase may remove."""

    id = IdField()
    event = ForeignKeyField(Event, on_delete="RESTRICT", backref="values")
    field = CharField(max_length=40)
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        table_name = "event_value"


class EventDelivery(BaseModel):
    """How far a listener has read the log; `owner` is the worker that tells it just now, until `lease_until`."""

    listener = CharField(max_length=80, primary_key=True)
    last_event_id = BigIntegerField(default=0)
    owner = CharField(max_length=80, null=True)
    lease_until = MomentField(null=True)

    class Meta:
        table_name = "event_delivery"
