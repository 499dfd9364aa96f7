"""What people wrote about a lead, a contact or an organisation."""

from peewee import BooleanField, Check, ForeignKeyField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.leads import Lead
from leadboard.models.parties import ONE_RECORD, Contact, Organisation
from leadboard.models.users import User


class Note(BaseModel):
    """Markdown text. Earlier texts are the before-values of its events."""

    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE", backref="notes")
    author = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+")
    body = TextField()
    is_pinned = BooleanField(default=False)
    version = IntegerField(default=1)
    created_at = MomentField(default=now_ms)
    edited_at = MomentField(null=True)
    deleted_at = MomentField(null=True)
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="notes", index=False)
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="notes", index=False)

    class Meta:
        constraints = [Check(ONE_RECORD)]
