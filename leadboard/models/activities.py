"""Calls, and later meetings and mails, that took place."""

from enum import StrEnum

from peewee import CharField, Check, ForeignKeyField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.leads import Lead
from leadboard.models.parties import ONE_RECORD, Contact, Organisation
from leadboard.models.users import User


class Direction(StrEnum):
    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Outcome(StrEnum):
    REACHED = "reached"
    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"
    WRONG_NUMBER = "wrong_number"


class Activity(BaseModel):
    """One thing that took place with a lead; `kind` is the key of an ActivityType. Durations are whole seconds."""

    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE", backref="activities")
    kind = CharField(max_length=60)
    subject = CharField(max_length=200, default="")
    at = MomentField(default=now_ms)
    duration_seconds = IntegerField(null=True)
    direction = CharField(max_length=8, default="")
    outcome = CharField(max_length=16, default="")
    body = TextField(default="")
    author = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+")
    created_at = MomentField(default=now_ms)
    deleted_at = MomentField(null=True)
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="activities", index=False)
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="activities", index=False)

    class Meta:
        constraints = [Check(ONE_RECORD)]
