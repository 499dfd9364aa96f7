"""Next steps."""

from peewee import CharField, Check, DateField, ForeignKeyField, IntegerField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.leads import Lead
from leadboard.models.parties import ONE_RECORD, Contact, Organisation
from leadboard.models.users import User


class Task(BaseModel):
    """Something to do about a lead, on a day or, without one, some time."""

    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE", backref="tasks", index=False)
    title = CharField(max_length=200)
    due_on = DateField(null=True)
    assignee = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="tasks")
    version = IntegerField(default=1)
    created_at = MomentField(default=now_ms)
    done_at = MomentField(null=True)
    deleted_at = MomentField(null=True)
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="tasks", index=False)
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="tasks", index=False)

    class Meta:
        indexes = ((("lead", "done_at", "due_on"), False),)
        constraints = [Check(ONE_RECORD)]
