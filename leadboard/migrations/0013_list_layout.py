"""Columns of lists, chosen by each person. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import CharField, CompositeKey, ForeignKeyField, Model, TextField

from leadboard.db import IdField


class User(Model):
    id = IdField()

    class Meta:
        table_name = "user"


class ListLayout(Model):
    user = ForeignKeyField(User, on_delete="CASCADE", index=False)
    place = CharField(max_length=16)
    columns = TextField()

    class Meta:
        table_name = "list_layout"
        primary_key = CompositeKey("user", "place")


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([User, ListLayout]):
        db.create_tables([ListLayout], safe=False)
