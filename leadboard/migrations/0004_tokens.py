"""Tokens of the API. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model, TextField

from leadboard.db import IdField


class User(Model):
    id = IdField()

    class Meta:
        table_name = "user"


class ApiToken(Model):
    id = IdField()
    user = ForeignKeyField(User, on_delete="CASCADE")
    name = CharField(max_length=80)
    token_hash = CharField(max_length=64, unique=True)
    last4 = CharField(max_length=4)
    scopes = CharField(max_length=200)
    created_at = BigIntegerField()
    expires_at = BigIntegerField(null=True)
    last_used_at = BigIntegerField(null=True)
    revoked_at = BigIntegerField(null=True)

    class Meta:
        table_name = "api_token"


class ApiAnswer(Model):
    id = IdField()
    token = ForeignKeyField(ApiToken, on_delete="CASCADE", index=False)
    key = CharField(max_length=255)
    request_hash = CharField(max_length=64)
    status = IntegerField()
    headers = TextField(default="{}")
    body = TextField()
    created_at = BigIntegerField(index=True)

    class Meta:
        table_name = "api_answer"
        indexes = ((("token", "key"), True),)


TABLES = [ApiToken, ApiAnswer]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([User, *TABLES]):
        db.create_tables(TABLES, safe=False)
