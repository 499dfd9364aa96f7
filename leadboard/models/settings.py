"""What the set-up asked and an admin changed since: one row a key, the value as JSON."""

from peewee import CharField, TextField

from leadboard.db import BaseModel


class Setting(BaseModel):
    key = CharField(max_length=64, primary_key=True)
    value = TextField()
