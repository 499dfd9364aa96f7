"""Further e-mail addresses and telephone numbers: the first of each is a column of the record itself."""

from enum import StrEnum

from peewee import CharField, Check, ForeignKeyField, IntegerField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.leads import Lead
from leadboard.models.parties import ONE_RECORD, Contact, Organisation


class PointKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"


class ContactPoint(BaseModel):
    """`text` is as typed; `key` the e-mail's key or the number in E.164; `reversed` the number's digits from the end."""

    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE", backref="points")
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="points")
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="points")
    kind = CharField(max_length=8)
    label = CharField(max_length=40, default="")
    text = CharField(max_length=254)
    key = CharField(max_length=254, null=True)
    reversed = CharField(max_length=40, null=True)
    position = IntegerField(default=0)
    created_at = MomentField(default=now_ms)

    class Meta:
        table_name = "contact_point"
        constraints = [Check(ONE_RECORD)]
