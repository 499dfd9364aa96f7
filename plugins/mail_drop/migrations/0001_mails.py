"""Mails, their entries, how far files were read. Frozen: the models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, CharField, ForeignKeyField, Model, TextField

from leadboard.api import IdField


class User(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "user"


class Lead(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "lead"


class Mail(Model):
    id = IdField()
    key = CharField(max_length=80, unique=True)
    subject = CharField(max_length=200)
    sender = CharField(max_length=320)
    party = CharField(max_length=320, index=True)
    at = BigIntegerField()
    direction = CharField(max_length=8)
    state = CharField(max_length=8)
    reason = CharField(max_length=200)
    body = TextField()
    quoted = TextField()
    attachments = TextField()
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    read_at = BigIntegerField()
    dismissed_at = BigIntegerField(null=True)

    class Meta:
        table_name = "p_mail_drop_mail"
        indexes = ((("state", "id"), False),)


class Entry(Model):
    id = IdField()
    mail = ForeignKeyField(Mail, on_delete="CASCADE", backref="+")
    lead = ForeignKeyField(Lead, on_delete="CASCADE", backref="+")
    activity_id = BigIntegerField()

    class Meta:
        table_name = "p_mail_drop_entry"
        indexes = ((("mail", "lead"), True), (("lead", "mail"), False))


class Place(Model):
    id = IdField()
    name = CharField(max_length=500, unique=True)
    done = BigIntegerField()
    head = CharField(max_length=64)

    class Meta:
        table_name = "p_mail_drop_place"


TABLES = [Mail, Entry, Place]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)


def down(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
