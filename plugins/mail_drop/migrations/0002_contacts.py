"""Mails on the timelines of contacts. Frozen: the models may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, ForeignKeyField, Model

from leadboard.api import IdField


class Contact(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "contact"


class Mail(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "p_mail_drop_mail"


class ContactEntry(Model):
    id = IdField()
    mail = ForeignKeyField(Mail, on_delete="CASCADE", backref="+")
    contact = ForeignKeyField(Contact, on_delete="CASCADE", backref="+")
    activity_id = BigIntegerField()

    class Meta:
        table_name = "p_mail_drop_contact_entry"
        indexes = ((("mail", "contact"), True), (("contact", "mail"), False))


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([ContactEntry]):
        db.create_tables([ContactEntry], safe=False)


def down(migrator: Any, db: Any) -> None:
    with db.bind_ctx([ContactEntry]):
        db.drop_tables([ContactEntry])
