"""Who works here, and how they get in."""

from enum import StrEnum

from peewee import BooleanField, CharField, ForeignKeyField, IntegerField

from leadboard.db import BaseModel, IdField, MomentField, now_ms


class Role(StrEnum):
    """What somebody may do; each role includes the ones after it (permissions.py)."""

    ADMIN = "admin"
    MANAGER = "manager"
    MEMBER = "member"
    VIEWER = "viewer"


class User(BaseModel):
    """A person. One without a password_hash cannot sign in until a link has been used (owners made by an import)."""

    id = IdField()
    name = CharField(max_length=120)
    email = CharField(max_length=254, default="")
    email_key = CharField(max_length=254, null=True, unique=True)
    role = CharField(max_length=16)
    password_hash = CharField(max_length=255, null=True)
    is_active = BooleanField(default=True)
    theme = CharField(max_length=8, default="auto")
    created_at = MomentField(default=now_ms)


class Session(BaseModel):
    """A signed-in browser. Only the hash of its token is kept."""

    id = IdField()
    token_hash = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, on_delete="CASCADE", backref="sessions")
    created_at = MomentField(default=now_ms)
    last_seen_at = MomentField(default=now_ms)
    address = CharField(max_length=64, default="")
    agent = CharField(max_length=200, default="")


class PasswordLink(BaseModel):
    """A one-time link to set a password (invitation, forgotten password) or, without a user, to set up the instance."""

    id = IdField()
    token_hash = CharField(max_length=64, unique=True)
    user = ForeignKeyField(User, on_delete="CASCADE", null=True, backref="links")
    created_at = MomentField(default=now_ms)
    expires_at = MomentField()

    class Meta:
        table_name = "password_link"


class SignInThrottle(BaseModel):
    """Failed sign-ins of one account or one network address."""

    key = CharField(max_length=300, primary_key=True)
    failures = IntegerField(default=0)
    last_at = MomentField(default=now_ms)
    blocked_until = MomentField(default=0)

    class Meta:
        table_name = "sign_in_throttle"
