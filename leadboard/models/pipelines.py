"""Pipelines, their stages, and the lists that admins edit."""

from enum import StrEnum

from peewee import SQL, BigIntegerField, CharField, CompositeKey, ForeignKeyField, IntegerField, Node, TextField

from leadboard.db import BaseModel, IdField, MomentField
from leadboard.models.users import User


class StageKind(StrEnum):
    """What it means to be in a stage; the only place that says so, whatever the stage is called."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


_EMPTY: list[Node] = [SQL("default ''")]


class Pipeline(BaseModel):
    """`record_name` and `record_plural` are what its leads are called, empty for "Lead" and "Leads".

    `card_fields` are the names of what its cards show, parted by spaces; null is the usual.
    """

    id = IdField()
    name = CharField(max_length=80)
    position = IntegerField(default=0)
    archived_at = MomentField(null=True)
    record_name = CharField(max_length=40, default="", constraints=_EMPTY)
    record_plural = CharField(max_length=40, default="", constraints=_EMPTY)
    card_fields = TextField(null=True)


class Stage(BaseModel):
    """A column of the board. `tone` is a name of the palette in static/css.

    `touch_days` and `stay_days` are after how many days without contact, and in the stage, a lead is stale; `most_leads`
    is how many are well looked after at once. `needs` are the names of the fields that a lead must have to enter,
    `leads_to` the ids of the stages that it may go on to (all when empty), both parted by spaces.
    """

    id = IdField()
    pipeline = ForeignKeyField(Pipeline, on_delete="RESTRICT", backref="stages")
    name = CharField(max_length=80)
    kind = CharField(max_length=8)
    position = IntegerField(default=0)
    probability = IntegerField(default=0)
    tone = CharField(max_length=16, default="blue")
    touch_days = IntegerField(null=True)
    stay_days = IntegerField(null=True)
    most_leads = IntegerField(null=True)
    needs = TextField(default="", constraints=_EMPTY)
    leads_to = TextField(default="", constraints=_EMPTY)


class StageFlow(BaseModel):
    """How leads went through a stage lately: the median time, and how many in a hundred went on. Worked out by a job."""

    stage = ForeignKeyField(Stage, primary_key=True, on_delete="CASCADE", backref="+")
    median_ms = BigIntegerField()
    share = IntegerField()
    left_count = IntegerField()
    computed_at = MomentField()

    class Meta:
        table_name = "stage_flow"


class FoldedStage(BaseModel):
    """A column that somebody has folded away."""

    user = ForeignKeyField(User, on_delete="CASCADE", backref="+", index=False)
    stage = ForeignKeyField(Stage, on_delete="CASCADE", backref="+")

    class Meta:
        table_name = "folded_stage"
        primary_key = CompositeKey("user", "stage")


class Source(BaseModel):
    """Where leads come from."""

    id = IdField()
    name = CharField(max_length=80, unique=True)
    position = IntegerField(default=0)
    archived_at = MomentField(null=True)


class LostReason(BaseModel):
    id = IdField()
    name = CharField(max_length=80, unique=True)
    position = IntegerField(default=0)
    archived_at = MomentField(null=True)

    class Meta:
        table_name = "lost_reason"
