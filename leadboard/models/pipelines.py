"""Pipelines, their stages, and the lists that admins edit."""

from enum import StrEnum

from peewee import CharField, ForeignKeyField, IntegerField

from leadboard.db import BaseModel, IdField, MomentField


class StageKind(StrEnum):
    """What it means to be in a stage; the only place that says so, whatever the stage is called."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Pipeline(BaseModel):
    id = IdField()
    name = CharField(max_length=80)
    position = IntegerField(default=0)
    archived_at = MomentField(null=True)


class Stage(BaseModel):
    """A column of the board. `tone` is a name of the palette in static/css."""

    id = IdField()
    pipeline = ForeignKeyField(Pipeline, on_delete="RESTRICT", backref="stages")
    name = CharField(max_length=80)
    kind = CharField(max_length=8)
    position = IntegerField(default=0)
    probability = IntegerField(default=0)
    tone = CharField(max_length=16, default="blue")


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
