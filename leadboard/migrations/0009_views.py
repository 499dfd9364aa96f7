"""Saved views. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, JSONField, Model

from leadboard.db import IdField


class User(Model):
    id = IdField()

    class Meta:
        table_name = "user"


class Pipeline(Model):
    id = IdField()

    class Meta:
        table_name = "pipeline"


class SavedView(Model):
    id = IdField()
    version = IntegerField()
    name = CharField(max_length=80)
    place = CharField(max_length=16)
    pipeline = ForeignKeyField(Pipeline, null=True, on_delete="SET NULL", index=False)
    args = JSONField()
    owner = ForeignKeyField(User, on_delete="CASCADE")
    is_shared = BooleanField()
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "saved_view"


class ViewUse(Model):
    id = IdField()
    user = ForeignKeyField(User, on_delete="CASCADE", index=False)
    view = ForeignKeyField(SavedView, on_delete="CASCADE")
    is_pinned = BooleanField()
    is_default = BooleanField()

    class Meta:
        table_name = "view_use"
        indexes = ((("user", "view"), True),)


TABLES = [SavedView, ViewUse]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([User, Pipeline, *TABLES]):
        db.create_tables(TABLES, safe=False)
