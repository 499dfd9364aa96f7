"""Extensions, calls and what was told of them. Frozen: the models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField

from leadboard.api import IdField


class User(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "user"


class Lead(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "lead"


class Extension(Model):
    user = ForeignKeyField(User, primary_key=True, on_delete="CASCADE", backref="+")
    number = CharField(max_length=20, unique=True)

    class Meta:
        table_name = "p_telephony_hook_extension"


class Call(Model):
    id = IdField()
    source_key = CharField(max_length=200, unique=True)
    direction = CharField(max_length=10)
    state = CharField(max_length=10)
    number = CharField(max_length=60)
    number_key = CharField(max_length=40, index=True)
    extension = CharField(max_length=20)
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    lead = ForeignKeyField(Lead, null=True, on_delete="SET NULL", backref="+")
    rang_at = BigIntegerField()
    answered_at = BigIntegerField(null=True)
    over_at = BigIntegerField(null=True)
    duration_s = IntegerField(null=True)
    left_message = IntegerField()
    left_out = IntegerField()
    cause = CharField(max_length=60)
    recording = TextField()
    activity_id = BigIntegerField(null=True)
    seen_at = BigIntegerField(null=True)
    dismissed_at = BigIntegerField(null=True)

    class Meta:
        table_name = "p_telephony_hook_call"
        indexes = ((("user", "seen_at"), False), (("state", "rang_at"), False), (("lead", "rang_at"), False))


class CallEvent(Model):
    id = IdField()
    call = ForeignKeyField(Call, on_delete="CASCADE", backref="+")
    kind = CharField(max_length=12)
    at = BigIntegerField()
    received_at = BigIntegerField()
    body = TextField()

    class Meta:
        table_name = "p_telephony_hook_event"
        indexes = ((("call", "kind"), True),)


TABLES = [Extension, Call, CallEvent]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
