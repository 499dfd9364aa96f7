"""The plugin's own tables."""

from peewee import BigIntegerField, CharField, ForeignKeyField, TextField

from leadboard.api import Contact, IdField, Lead, MomentField, PluginModel, User, now_ms


class Mail(PluginModel):
    """A mail that was read, once by its Message-ID.

    `state` is logged (on a timeline), open (nobody knows the address), inner (colleagues only), quiet (written by a machine)
    or broken; `reason` says why. `party` is the address that is not ours, `quoted` the mail that it answers, `attachments`
    a JSON list of names. `user` is the first colleague who wrote or got it.
    """

    id = IdField()
    key = CharField(max_length=80, unique=True)
    subject = CharField(max_length=200)
    sender = CharField(max_length=320)
    party = CharField(max_length=320, default="", index=True)
    at = MomentField()
    direction = CharField(max_length=8)
    state = CharField(max_length=8)
    reason = CharField(max_length=200, default="")
    body = TextField()
    quoted = TextField(default="")
    attachments = TextField(default="[]")
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    read_at = MomentField(default=now_ms)
    dismissed_at = MomentField(null=True)

    class Meta:
        table_name = "p_mail_drop_mail"
        indexes = ((("state", "id"), False),)


class Entry(PluginModel):
    """A mail on the timeline of a lead."""

    id = IdField()
    mail = ForeignKeyField(Mail, on_delete="CASCADE", backref="+")
    lead = ForeignKeyField(Lead, on_delete="CASCADE", backref="+")
    activity_id = BigIntegerField()

    class Meta:
        table_name = "p_mail_drop_entry"
        indexes = ((("mail", "lead"), True), (("lead", "mail"), False))


class ContactEntry(PluginModel):
    """A mail on the timeline of a contact, whose address no lead has."""

    id = IdField()
    mail = ForeignKeyField(Mail, on_delete="CASCADE", backref="+")
    contact = ForeignKeyField(Contact, on_delete="CASCADE", backref="+")
    activity_id = BigIntegerField()

    class Meta:
        table_name = "p_mail_drop_contact_entry"
        indexes = ((("mail", "contact"), True), (("contact", "mail"), False))


class Place(PluginModel):
    """How far a file was read: all of a Maildir's (`done` 1), up to `done` bytes of an mbox with that beginning."""

    id = IdField()
    name = CharField(max_length=500, unique=True)
    done = BigIntegerField()
    head = CharField(max_length=64, default="")

    class Meta:
        table_name = "p_mail_drop_place"
