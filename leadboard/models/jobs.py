"""Work for later, kept in the database beside the data it is about."""

from enum import StrEnum

from peewee import CharField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(BaseModel):
    """At least once: a job whose lease ran out is taken by another worker. `key` is unique, e.g. one per periodic slot."""

    id = IdField()
    kind = CharField(max_length=60)
    payload = TextField(default="{}")
    state = CharField(max_length=8, default=JobState.QUEUED)
    key = CharField(max_length=120, null=True, unique=True)
    run_at = MomentField(default=now_ms)
    lease_until = MomentField(null=True)
    owner = CharField(max_length=80, null=True)
    attempts = IntegerField(default=0)
    max_attempts = IntegerField(default=5)
    error = TextField(null=True)
    created_at = MomentField(default=now_ms)
    finished_at = MomentField(null=True)

    class Meta:
        indexes = ((("state", "run_at"), False),)
