"""What is kept about plugins. Which of them exist is never stored: the folders and packages say so."""

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms


class PluginState(BaseModel):
    """Whether a plugin is on, and its settings as JSON; `secrets` is encrypted with the instance's key."""

    name = CharField(max_length=40, primary_key=True)
    is_on = BooleanField(default=False)
    settings = TextField(default="{}")
    secrets = TextField(default="")
    changed_at = MomentField(default=now_ms)

    class Meta:
        table_name = "plugin_state"


class PluginFailure(BaseModel):
    """What went wrong in one place of one plugin. `streak` counts failures in a row; `tripped_at` is when it was given up."""

    id = IdField()
    plugin = CharField(max_length=40)
    place = CharField(max_length=80)
    page = CharField(max_length=200, default="")
    message = TextField()
    traceback = TextField()
    count = IntegerField(default=1)
    streak = IntegerField(default=1)
    first_at = MomentField(default=now_ms)
    last_at = MomentField(default=now_ms)
    tripped_at = MomentField(null=True)

    class Meta:
        table_name = "plugin_failure"
        indexes = ((("plugin", "place"), True),)


class PluginTiming(BaseModel):
    """How long the calls of one hook of one plugin took, in microseconds, added up."""

    id = IdField()
    plugin = CharField(max_length=40)
    place = CharField(max_length=80)
    calls = IntegerField(default=0)
    total_us = BigIntegerField(default=0)
    worst_us = IntegerField(default=0)

    class Meta:
        table_name = "plugin_timing"
        indexes = ((("plugin", "place"), True),)
