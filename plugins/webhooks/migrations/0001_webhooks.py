"""Endpoints, their messages, the tries of each. Frozen: the models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, Model, TextField

from leadboard.api import IdField


class User(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "user"


class Lead(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "lead"


class Endpoint(Model):
    id = IdField()
    owner = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    name = CharField(max_length=120)
    url = CharField(max_length=2000)
    kinds = TextField()
    key = CharField(max_length=16)
    secrets = TextField()
    old_secret_until = BigIntegerField()
    is_on = BooleanField()
    stopped_why = CharField(max_length=20)
    failing_since = BigIntegerField(null=True)
    not_before = BigIntegerField()
    created_at = BigIntegerField()

    class Meta:
        table_name = "p_webhooks_endpoint"


class Delivery(Model):
    id = IdField()
    endpoint = ForeignKeyField(Endpoint, on_delete="CASCADE", backref="+")
    message_id = CharField(max_length=60)
    kind = CharField(max_length=40)
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE", backref="+")
    body = TextField()
    state = CharField(max_length=10)
    tries = IntegerField()
    next_at = BigIntegerField()
    lease_until = BigIntegerField(null=True)
    created_at = BigIntegerField()
    last_status = IntegerField(null=True)
    last_took_ms = BigIntegerField(null=True)
    last_problem = CharField(max_length=20)

    class Meta:
        table_name = "p_webhooks_delivery"
        indexes = ((("endpoint", "message_id"), True), (("endpoint", "id"), False), (("state", "next_at"), False))


class Try(Model):
    id = IdField()
    delivery = ForeignKeyField(Delivery, on_delete="CASCADE", backref="+")
    at = BigIntegerField()
    status = IntegerField(null=True)
    took_ms = BigIntegerField(null=True)
    problem = CharField(max_length=20)
    answer = TextField()

    class Meta:
        table_name = "p_webhooks_try"


TABLES = [Endpoint, Delivery, Try]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
