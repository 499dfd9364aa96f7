"""Imports: what was uploaded, how it was read, and what became of each row."""

from enum import StrEnum

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.users import User


class ImportState(StrEnum):
    """Where a run stands. Between uploaded and checked nothing but the run itself has been written."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class RowOutcome(StrEnum):
    """What became of a row. An undo turns created into removed, or into kept when somebody changed the record since.

    Made is a person or an organisation that a row named and that was not there: a row of its own, which an undo takes away.
    """

    CREATED = "created"
    MADE = "made"
    REJECTED = "rejected"
    REMOVED = "removed"
    KEPT = "kept"


class ImportRun(BaseModel):
    """One file on its way in.

    `options`, `counts` and `progress` are JSON. Each batch of rows writes `done_rows`, `counts` and `progress` (places
    taken in the stages, list entries made) in its own transaction, so that a run goes on where it stopped.
    `columns_hash` recognises a file of the same columns; `file_path` is inside the instance folder.
    """

    id = IdField()
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    file_name = CharField(max_length=255)
    file_path = CharField(max_length=400)
    file_hash = CharField(max_length=64)
    columns_hash = CharField(max_length=64, default="")
    state = CharField(max_length=10)
    options = TextField(default="{}")
    counts = TextField(default="{}")
    progress = TextField(default="{}")
    total_rows = IntegerField(null=True)
    done_rows = IntegerField(default=0)
    error = TextField(null=True)
    change_set_id = BigIntegerField(null=True)
    created_at = MomentField(default=now_ms)
    finished_at = MomentField(null=True)

    class Meta:
        table_name = "import_run"


class ImportRow(BaseModel):
    """What became of one row: created (with its record) or rejected (with its reasons and cells, as JSON).

    `cells` of a created organisation tell what it is part of, until all rows are in: that firm may come later in the file.
    """

    id = IdField()
    run = ForeignKeyField(ImportRun, on_delete="CASCADE", backref="rows", index=False)
    line_number = IntegerField()
    outcome = CharField(max_length=10)
    lead_id = BigIntegerField(null=True, index=True)
    contact_id = BigIntegerField(null=True)
    organisation_id = BigIntegerField(null=True)
    reasons = TextField(default="")
    cells = TextField(default="")

    class Meta:
        table_name = "import_row"
        indexes = ((("run", "outcome", "line_number"), False),)
