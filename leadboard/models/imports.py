"""Imports: what was uploaded, how it was read, and what became of each row."""

from enum import StrEnum

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.users import User


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class ImportRun(BaseModel):
    """One file on its way in. `options` and `counts` are JSON; `done_rows` is written with each batch of rows."""

    id = IdField()
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    file_name = CharField(max_length=255)
    file_path = CharField(max_length=400)
    file_hash = CharField(max_length=64)
    state = CharField(max_length=10)
    options = TextField(default="{}")
    counts = TextField(default="{}")
    total_rows = IntegerField(null=True)
    done_rows = IntegerField(default=0)
    error = TextField(null=True)
    change_set_id = BigIntegerField(null=True)
    created_at = MomentField(default=now_ms)
    finished_at = MomentField(null=True)

    class Meta:
        table_name = "import_run"


class ImportRow(BaseModel):
    """What became of one row: created (with its lead) or rejected (with the reason and the cells, as JSON)."""

    id = IdField()
    run = ForeignKeyField(ImportRun, on_delete="CASCADE", backref="rows", index=False)
    line_number = IntegerField()
    outcome = CharField(max_length=10)
    lead_id = BigIntegerField(null=True, index=True)
    reason = TextField(default="")
    cells = TextField(default="")

    class Meta:
        table_name = "import_row"
        indexes = ((("run", "outcome", "line_number"), False),)
