"""Filters, sorts and columns that somebody keeps under a name, and who uses which of them how."""

from peewee import BooleanField, CharField, CompositeKey, ForeignKeyField, IntegerField, JSONField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.pipelines import Pipeline
from leadboard.models.users import User


class SavedView(BaseModel):
    """`place` is where it opens: leads, board (of `pipeline`), contacts or organisations; `args` are the arguments of that address."""

    id = IdField()
    version = IntegerField(default=1)
    name = CharField(max_length=80)
    place = CharField(max_length=16)
    pipeline = ForeignKeyField(Pipeline, null=True, on_delete="SET NULL", backref="+", index=False)
    args = JSONField(default=dict)
    owner = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    is_shared = BooleanField(default=False)
    created_at = MomentField(default=now_ms)
    updated_at = MomentField(default=now_ms)
    deleted_at = MomentField(null=True)

    class Meta:
        table_name = "saved_view"


class ViewUse(BaseModel):
    """What one person does with a view, each for themselves: in the navigation, or what their page opens with."""

    id = IdField()
    user = ForeignKeyField(User, on_delete="CASCADE", backref="+", index=False)
    view = ForeignKeyField(SavedView, on_delete="CASCADE", backref="+")
    is_pinned = BooleanField(default=False)
    is_default = BooleanField(default=False)

    class Meta:
        table_name = "view_use"
        indexes = ((("user", "view"), True),)


class ListLayout(BaseModel):
    """The columns that one person has a list show, in their order: keys of web/list_columns.py, with commas; "" for the usual ones.

    `widths` are those of columns that are not as wide as their texts: "name:240,stage:90", also of columns not shown now.
    """

    user = ForeignKeyField(User, on_delete="CASCADE", backref="+", index=False)
    place = CharField(max_length=16)
    columns = TextField(default="")
    widths = TextField(default="")

    class Meta:
        table_name = "list_layout"
        primary_key = CompositeKey("user", "place")
