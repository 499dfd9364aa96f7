"""The fields that admins add. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, BooleanField, CharField, IntegerField, JSONField, Model, TextField

from leadboard.db import IdField


class CustomField(Model):
    id = IdField()
    key = CharField(max_length=40, unique=True)
    label = CharField(max_length=80)
    type = CharField(max_length=80)
    help = TextField(default="")
    options = JSONField(default=dict)
    is_required = BooleanField(default=False)
    is_unique = BooleanField(default=False)
    default = JSONField(null=True)
    position = IntegerField(default=0)
    on_card = BooleanField(default=False)
    in_list = BooleanField(default=False)
    archived_at = BigIntegerField(null=True)

    class Meta:
        table_name = "custom_field"


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([CustomField]):
        db.create_tables([CustomField], safe=False)
    # By hand: with a constant default neither engine rewrites the rows, however many there are.
    kind = "jsonb" if db.__class__.__name__ == "PostgresqlDatabase" else "text"
    db.execute_sql(f"alter table lead add column field_keys {kind} not null default '{{}}'")
