"""What is kept about plugins, and kinds of activities that they bring. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, Model, TextField

from leadboard.db import IdField


class PluginState(Model):
    name = CharField(max_length=40, primary_key=True)
    is_on = BooleanField(default=False)
    settings = TextField(default="{}")
    secrets = TextField(default="")
    changed_at = BigIntegerField()

    class Meta:
        table_name = "plugin_state"


class PluginFailure(Model):
    id = IdField()
    plugin = CharField(max_length=40)
    place = CharField(max_length=80)
    page = CharField(max_length=200, default="")
    message = TextField()
    traceback = TextField()
    count = IntegerField(default=1)
    streak = IntegerField(default=1)
    first_at = BigIntegerField()
    last_at = BigIntegerField()
    tripped_at = BigIntegerField(null=True)

    class Meta:
        table_name = "plugin_failure"
        indexes = ((("plugin", "place"), True),)


class PluginTiming(Model):
    id = IdField()
    plugin = CharField(max_length=40)
    place = CharField(max_length=80)
    calls = IntegerField(default=0)
    total_us = BigIntegerField(default=0)
    worst_us = IntegerField(default=0)

    class Meta:
        table_name = "plugin_timing"
        indexes = ((("plugin", "place"), True),)


TABLES = [PluginState, PluginFailure, PluginTiming]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)
    migrator.migrate(
        migrator.add_column("activity", "subject", CharField(max_length=200, default="")),
        migrator.alter_column_type("activity", "kind", CharField(max_length=60)),
    )
