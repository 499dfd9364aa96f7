"""The first tables. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

from leadboard.db import IdField


class User(Model):
    id = IdField()
    name = CharField(max_length=120)
    email = CharField(max_length=254, default="")
    email_key = CharField(unique=True, null=True, max_length=254)
    role = CharField(max_length=16)
    password_hash = CharField(null=True)
    is_active = BooleanField(default=True)
    theme = CharField(max_length=8, default="auto")
    created_at = BigIntegerField()

    class Meta:
        table_name = "user"


class Session(Model):
    id = IdField()
    token_hash = CharField(unique=True, max_length=64)
    user = ForeignKeyField(User, on_delete="CASCADE")
    created_at = BigIntegerField()
    last_seen_at = BigIntegerField()
    address = CharField(max_length=64, default="")
    agent = CharField(max_length=200, default="")

    class Meta:
        table_name = "session"


class PasswordLink(Model):
    id = IdField()
    token_hash = CharField(unique=True, max_length=64)
    user = ForeignKeyField(User, null=True, on_delete="CASCADE")
    created_at = BigIntegerField()
    expires_at = BigIntegerField()

    class Meta:
        table_name = "password_link"


class SignInThrottle(Model):
    key = CharField(primary_key=True, max_length=300)
    failures = IntegerField(default=0)
    last_at = BigIntegerField()
    blocked_until = BigIntegerField(default=0)

    class Meta:
        table_name = "sign_in_throttle"


class Setting(Model):
    key = CharField(primary_key=True, max_length=64)
    value = TextField()

    class Meta:
        table_name = "setting"


class Pipeline(Model):
    id = IdField()
    name = CharField(max_length=80)
    position = IntegerField(default=0)
    archived_at = BigIntegerField(null=True)

    class Meta:
        table_name = "pipeline"


class Stage(Model):
    id = IdField()
    pipeline = ForeignKeyField(Pipeline, on_delete="RESTRICT")
    name = CharField(max_length=80)
    kind = CharField(max_length=8)
    position = IntegerField(default=0)
    probability = IntegerField(default=0)
    tone = CharField(max_length=16, default="blue")

    class Meta:
        table_name = "stage"


class Source(Model):
    id = IdField()
    name = CharField(unique=True, max_length=80)
    position = IntegerField(default=0)
    archived_at = BigIntegerField(null=True)

    class Meta:
        table_name = "source"


class LostReason(Model):
    id = IdField()
    name = CharField(unique=True, max_length=80)
    position = IntegerField(default=0)
    archived_at = BigIntegerField(null=True)

    class Meta:
        table_name = "lost_reason"


class Lead(Model):
    id = IdField()
    pipeline = ForeignKeyField(Pipeline, on_delete="RESTRICT")
    stage = ForeignKeyField(Stage, on_delete="RESTRICT", index=False)
    position = BigIntegerField()
    version = IntegerField(default=1)
    title = CharField(max_length=200)
    title_key = CharField()
    person_name = CharField(max_length=200, default="")
    given_name = CharField(max_length=100, default="")
    family_name = CharField(max_length=100, default="")
    organisation_name = CharField(max_length=200, default="")
    organisation_key = CharField(default="")
    job_title = CharField(max_length=120, default="")
    email = CharField(max_length=254, default="")
    email_key = CharField(null=True, max_length=254)
    phone = CharField(max_length=60, default="")
    phone_e164 = CharField(null=True, max_length=20)
    phone_reversed = CharField(null=True, max_length=40)
    website = CharField(max_length=300, default="")
    street = CharField(max_length=200, default="")
    postal_code = CharField(max_length=20, default="")
    city = CharField(max_length=100, default="")
    region = CharField(max_length=100, default="")
    country = CharField(max_length=2, default="")
    industry = CharField(max_length=100, default="")
    employees = IntegerField(null=True)
    territory = CharField(max_length=100, default="")
    source = ForeignKeyField(Source, null=True, on_delete="RESTRICT", index=False)
    interest = CharField(max_length=8, default="")
    qualification = CharField(max_length=16, default="")
    value_amount = BigIntegerField(null=True)
    value_currency = CharField(max_length=3, default="")
    probability = IntegerField(null=True)
    expected_close_on = DateField(null=True)
    owner = ForeignKeyField(User, null=True, on_delete="RESTRICT", index=False)
    next_task_id = BigIntegerField(null=True)
    next_task_on = DateField(null=True)
    last_touch_at = BigIntegerField()
    stage_entered_at = BigIntegerField()
    snoozed_until = DateField(null=True)
    closed_at = BigIntegerField(null=True)
    lost_reason = ForeignKeyField(LostReason, null=True, on_delete="RESTRICT", index=False)
    lost_to = CharField(max_length=120, default="")
    external_source = CharField(null=True, max_length=40)
    external_id = CharField(null=True, max_length=120)
    fields = JSONField(default=dict)
    other_columns = TextField(default="")
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "lead"


class Note(Model):
    id = IdField()
    lead = ForeignKeyField(Lead, on_delete="CASCADE")
    author = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+")
    body = TextField()
    is_pinned = BooleanField(default=False)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    edited_at = BigIntegerField(null=True)
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "note"


class Task(Model):
    id = IdField()
    lead = ForeignKeyField(Lead, on_delete="CASCADE", index=False)
    title = CharField(max_length=200)
    due_on = DateField(null=True)
    assignee = ForeignKeyField(User, null=True, on_delete="RESTRICT")
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    done_at = BigIntegerField(null=True)
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "task"
        indexes = ((("lead", "done_at", "due_on"), False),)


class Activity(Model):
    id = IdField()
    lead = ForeignKeyField(Lead, on_delete="CASCADE")
    kind = CharField(max_length=16)
    at = BigIntegerField()
    duration_seconds = IntegerField(null=True)
    direction = CharField(max_length=8, default="")
    outcome = CharField(max_length=16, default="")
    body = TextField(default="")
    author = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+")
    created_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "activity"


class ChangeSet(Model):
    id = IdField()
    at = BigIntegerField()
    kind = CharField(max_length=40)
    actor_kind = CharField(max_length=8)
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    undone_at = BigIntegerField(null=True)

    class Meta:
        table_name = "change_set"


class Event(Model):
    id = IdField()
    at = BigIntegerField()
    kind = CharField(max_length=40)
    actor_kind = CharField(max_length=8)
    actor_id = BigIntegerField(null=True)
    record_type = CharField(max_length=20)
    record_id = BigIntegerField()
    lead_id = BigIntegerField(null=True)
    change_set_id = BigIntegerField(index=True)
    data = TextField(default="{}")

    class Meta:
        table_name = "event"
        indexes = ((("lead_id", "id"), False), (("record_type", "record_id", "id"), False))


class EventValue(Model):
    id = IdField()
    event = ForeignKeyField(Event, on_delete="RESTRICT")
    field = CharField(max_length=40)
    before = TextField(null=True)
    after = TextField(null=True)

    class Meta:
        table_name = "event_value"


class EventDelivery(Model):
    listener = CharField(primary_key=True, max_length=80)
    last_event_id = BigIntegerField(default=0)
    owner = CharField(null=True, max_length=80)
    lease_until = BigIntegerField(null=True)

    class Meta:
        table_name = "event_delivery"


class Job(Model):
    id = IdField()
    kind = CharField(max_length=60)
    payload = TextField(default="{}")
    state = CharField(max_length=8, default="queued")
    key = CharField(unique=True, null=True, max_length=120)
    run_at = BigIntegerField()
    lease_until = BigIntegerField(null=True)
    owner = CharField(null=True, max_length=80)
    attempts = IntegerField(default=0)
    max_attempts = IntegerField(default=5)
    error = TextField(null=True)
    created_at = BigIntegerField()
    finished_at = BigIntegerField(null=True)

    class Meta:
        table_name = "job"
        indexes = ((("state", "run_at"), False),)


class ImportRun(Model):
    id = IdField()
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    file_name = CharField()
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
    created_at = BigIntegerField()
    finished_at = BigIntegerField(null=True)

    class Meta:
        table_name = "import_run"


class ImportRow(Model):
    id = IdField()
    run = ForeignKeyField(ImportRun, on_delete="CASCADE", index=False)
    line_number = IntegerField()
    outcome = CharField(max_length=10)
    lead_id = BigIntegerField(index=True, null=True)
    reasons = TextField(default="")
    cells = TextField(default="")

    class Meta:
        table_name = "import_row"
        indexes = ((("run", "outcome", "line_number"), False),)


TABLES = [
    User,
    Session,
    PasswordLink,
    SignInThrottle,
    Setting,
    Pipeline,
    Stage,
    Source,
    LostReason,
    Lead,
    Note,
    Task,
    Activity,
    ChangeSet,
    Event,
    EventValue,
    EventDelivery,
    Job,
    ImportRun,
    ImportRow,
]


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES, safe=False)
