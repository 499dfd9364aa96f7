"""Work on many records. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField

from leadboard.db import IdField


class User(Model):
    id = IdField()

    class Meta:
        table_name = "user"


class BulkRun(Model):
    id = IdField()
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
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
    created_at = BigIntegerField()
    finished_at = BigIntegerField(null=True)

    class Meta:
        table_name = "bulk_run"


class BulkPart(Model):
    id = IdField()
    run = ForeignKeyField(BulkRun, on_delete="CASCADE", index=False)
    number = IntegerField()
    ids = TextField()

    class Meta:
        table_name = "bulk_part"
        indexes = ((("run", "number"), True),)


class BulkRefusal(Model):
    id = IdField()
    run = ForeignKeyField(BulkRun, on_delete="CASCADE")
    record_id = BigIntegerField()
    message = TextField()
    params = TextField(default="{}")

    class Meta:
        table_name = "bulk_refusal"


TABLES = [BulkRun, BulkPart, BulkRefusal]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([User, *TABLES]):
        db.create_tables(TABLES, safe=False)
