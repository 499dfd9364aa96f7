"""Tokens with which programs act for a person, and what they have asked for already."""

from peewee import CharField, ForeignKeyField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.users import User


class ApiToken(BaseModel):
    """A program's key. Only the hash is kept; `scopes` are separated by spaces. Rows stay: the log names them."""

    id = IdField()
    user = ForeignKeyField(User, on_delete="CASCADE", backref="tokens")
    name = CharField(max_length=80)
    token_hash = CharField(max_length=64, unique=True)
    last4 = CharField(max_length=4)
    scopes = CharField(max_length=200)
    created_at = MomentField(default=now_ms)
    expires_at = MomentField(null=True)
    last_used_at = MomentField(null=True)
    revoked_at = MomentField(null=True)

    class Meta:
        table_name = "api_token"


class ApiAnswer(BaseModel):
    """What a POST with an Idempotency-Key was answered: sent again, not done again, for a day."""

    id = IdField()
    token = ForeignKeyField(ApiToken, on_delete="CASCADE", backref="+", index=False)
    key = CharField(max_length=255)
    request_hash = CharField(max_length=64)
    status = IntegerField()
    headers = TextField(default="{}")
    body = TextField()
    created_at = MomentField(default=now_ms, index=True)

    class Meta:
        table_name = "api_answer"
        indexes = ((("token", "key"), True),)
