"""Tags: coloured words that a lead may have any number of."""

from peewee import CharField, CompositeKey, ForeignKeyField, IntegerField

from leadboard.db import BaseModel, IdField, MomentField
from leadboard.models.leads import Lead


class Tag(BaseModel):
    """`name_key` is the name folded: no two tags differ by capitals or accents only."""

    id = IdField()
    name = CharField(max_length=40)
    name_key = CharField(max_length=120, unique=True)
    tone = CharField(max_length=16, default="blue")
    position = IntegerField(default=0)
    archived_at = MomentField(null=True)


class LeadTag(BaseModel):
    lead = ForeignKeyField(Lead, on_delete="CASCADE", backref="+", index=False)
    tag = ForeignKeyField(Tag, on_delete="CASCADE", backref="+", index=False)

    class Meta:
        table_name = "lead_tag"
        primary_key = CompositeKey("lead", "tag")
        indexes = ((("tag", "lead"), True),)
