"""Work on many records at once: what is to be done with which of them, how far it is, and what could not be done."""

from enum import StrEnum

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.users import User


class BulkState(StrEnum):
    """Where a run stands. A draft has changed nothing; while it collects, it writes down which records it is about."""

    DRAFT = "draft"
    COLLECTING = "collecting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class BulkRun(BaseModel):
    """One action on many records. `record_type` is "event" when it takes another action back.

    `selection`, `task` and `counts` are JSON. Every batch writes `done_rows` and `counts` in its own
    transaction, so that a run goes on where it stopped and does nothing twice. `job` is the key of its latest job.
    """

    id = IdField()
    user = ForeignKeyField(User, null=True, on_delete="CASCADE", backref="+")
    record_type = CharField(max_length=20)
    state = CharField(max_length=12)
    selection = TextField(default="{}")
    task = TextField(default="{}")
    counts = TextField(default="{}")
    total_rows = IntegerField(default=0)
    done_rows = IntegerField(default=0)
    change_set_id = BigIntegerField(null=True)
    job = CharField(max_length=120, default="")
    error = TextField(null=True)
    created_at = MomentField(default=now_ms)
    finished_at = MomentField(null=True)

    class Meta:
        table_name = "bulk_run"


class BulkPart(BaseModel):
    """Some of a run's records, as their ids in JSON: a row for each of a million would take longer than the work."""

    id = IdField()
    run = ForeignKeyField(BulkRun, on_delete="CASCADE", backref="parts", index=False)
    number = IntegerField()
    ids = TextField()

    class Meta:
        table_name = "bulk_part"
        indexes = ((("run", "number"), True),)


class BulkRefusal(BaseModel):
    """A record that a run left as it was, with the reason: a marked message and its values as JSON."""

    id = IdField()
    run = ForeignKeyField(BulkRun, on_delete="CASCADE", backref="refusals")
    record_id = BigIntegerField()
    message = TextField()
    params = TextField(default="{}")

    class Meta:
        table_name = "bulk_refusal"
