"""The fields that admins add to leads, contacts and organisations. Values are in their `fields`, under the key."""

from peewee import SQL, BooleanField, CharField, IntegerField, JSONField, TextField

from leadboard.db import BaseModel, IdField, MomentField


class CustomField(BaseModel):
    """A field of the records of one type. `type` names what fieldtypes.FieldType registered; `options` and `default` are what it has checked.

    `rewrite` is there while all values are being changed (domain/field_rewrites.py): nobody writes one meanwhile.
    """

    id = IdField()
    record_type = CharField(max_length=12, default="lead", constraints=[SQL("default 'lead'")])
    key = CharField(max_length=40)
    label = CharField(max_length=80)
    type = CharField(max_length=80)
    help = TextField(default="")
    options = JSONField(default=dict)
    is_required = BooleanField(default=False)
    is_unique = BooleanField(default=False)
    default = JSONField(null=True)
    position = IntegerField(default=0)
    on_card = BooleanField(default=False)
    in_list = BooleanField(default=False)
    archived_at = MomentField(null=True)
    rewrite = JSONField(null=True)

    class Meta:
        table_name = "custom_field"
        indexes = ((("record_type", "key"), True),)
