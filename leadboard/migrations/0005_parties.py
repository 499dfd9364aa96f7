"""People and organisations, and everything that may hang on them. A frozen copy: models may move on, this file may not."""

from typing import Any

from peewee import (
    BigIntegerField,
    BooleanField,
    CharField,
    Check,
    DateField,
    ForeignKeyField,
    IntegerField,
    JSONField,
    Model,
    TextField,
)

from leadboard.db import IdField

ONE_RECORD = (
    "(case when lead_id is null then 0 else 1 end + case when contact_id is null then 0 else 1 end"
    " + case when organisation_id is null then 0 else 1 end) = 1"
)


class User(Model):
    id = IdField()

    class Meta:
        table_name = "user"


class Lead(Model):
    id = IdField()

    class Meta:
        table_name = "lead"


class Party(Model):
    id = IdField()
    version = IntegerField(default=1)
    name = CharField(max_length=200)
    name_key = CharField(max_length=255)
    email = CharField(max_length=254, default="")
    email_key = CharField(max_length=254, null=True)
    phone = CharField(max_length=60, default="")
    phone_e164 = CharField(max_length=20, null=True)
    phone_reversed = CharField(max_length=40, null=True)
    website = CharField(max_length=300, default="")
    street = CharField(max_length=200, default="")
    postal_code = CharField(max_length=20, default="")
    city = CharField(max_length=100, default="")
    region = CharField(max_length=100, default="")
    country = CharField(max_length=2, default="")
    owner = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+", index=False)
    next_task_id = BigIntegerField(null=True)
    next_task_on = DateField(null=True)
    last_touch_at = BigIntegerField()
    external_source = CharField(max_length=40, null=True)
    external_id = CharField(max_length=120, null=True)
    fields = JSONField(default=dict)
    field_keys = JSONField(default=dict)
    other_columns = TextField(default="")
    merged_into_id = BigIntegerField(null=True)
    created_at = BigIntegerField()
    updated_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)


class Organisation(Party):
    match_key = CharField(max_length=200, default="")
    domain = CharField(max_length=253, null=True)
    industry = CharField(max_length=100, default="")
    employees = IntegerField(null=True)
    parent = ForeignKeyField("self", null=True, on_delete="SET NULL", backref="+", index=False)
    primary_contact_id = BigIntegerField(null=True)

    class Meta:
        table_name = "organisation"


class Contact(Party):
    given_name = CharField(max_length=100, default="")
    family_name = CharField(max_length=100, default="")
    job_title = CharField(max_length=120, default="")
    organisation = ForeignKeyField(Organisation, null=True, on_delete="SET NULL", backref="+", index=False)

    class Meta:
        table_name = "contact"


class Employment(Model):
    id = IdField()
    contact = ForeignKeyField(Contact, on_delete="CASCADE", index=False)
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE")
    job_title = CharField(max_length=120, default="")
    created_at = BigIntegerField()

    class Meta:
        table_name = "employment"
        indexes = ((("contact", "organisation"), True),)


class ContactPoint(Model):
    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE")
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE")
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE")
    kind = CharField(max_length=8)
    label = CharField(max_length=40, default="")
    text = CharField(max_length=254)
    key = CharField(max_length=254, null=True)
    reversed = CharField(max_length=40, null=True)
    position = IntegerField(default=0)
    created_at = BigIntegerField()

    class Meta:
        table_name = "contact_point"
        constraints = [Check(ONE_RECORD)]


# As they are from now on: SQLite cannot make a column nullable, so it gets these tables anew.
class Note(Model):
    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE")
    author = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+")
    body = TextField()
    is_pinned = BooleanField(default=False)
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    edited_at = BigIntegerField(null=True)
    deleted_at = BigIntegerField(null=True)
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="+", index=False)
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="+", index=False)

    class Meta:
        table_name = "note"
        constraints = [Check(ONE_RECORD)]


class Task(Model):
    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE", index=False)
    title = CharField(max_length=200)
    due_on = DateField(null=True)
    assignee = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+")
    version = IntegerField(default=1)
    created_at = BigIntegerField()
    done_at = BigIntegerField(null=True)
    deleted_at = BigIntegerField(null=True)
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="+", index=False)
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="+", index=False)

    class Meta:
        table_name = "task"
        indexes = ((("lead", "done_at", "due_on"), False),)
        constraints = [Check(ONE_RECORD)]


class Activity(Model):
    id = IdField()
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE")
    kind = CharField(max_length=60)
    subject = CharField(max_length=200, default="")
    at = BigIntegerField()
    duration_seconds = IntegerField(null=True)
    direction = CharField(max_length=8, default="")
    outcome = CharField(max_length=16, default="")
    body = TextField(default="")
    author = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="+")
    created_at = BigIntegerField()
    deleted_at = BigIntegerField(null=True)
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="+", index=False)
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="+", index=False)

    class Meta:
        table_name = "activity"
        constraints = [Check(ONE_RECORD)]


NEW = [Organisation, Contact, Employment, ContactPoint]
HANGING = [Note, Task, Activity]


def up(migrator: Any, db: Any) -> None:
    is_postgresql = db.__class__.__name__ == "PostgresqlDatabase"
    with db.bind_ctx([User, Lead, *NEW, *HANGING]):
        db.create_tables(NEW, safe=False)
        for model in HANGING:
            (_widen if is_postgresql else _rebuild)(db, model)
    number = "bigint" if is_postgresql else "integer"
    # By hand, and nullable: neither engine touches the rows, however many there are.
    for table in ("lead", "event"):
        points = {"lead": " references {0} (id) on delete set null", "event": ""}[table]
        for other in ("contact", "organisation"):
            db.execute_sql(f"alter table {table} add column {other}_id {number}{points.format(other)}")
    for column in ("converted_at", "merged_into_id"):
        db.execute_sql(f"alter table lead add column {column} {number}")
    _fields_of_every_record(db, is_postgresql=is_postgresql)


def _fields_of_every_record(db: Any, *, is_postgresql: bool) -> None:
    """A custom field is one of leads, contacts or organisations; its key is its own among those."""
    db.execute_sql("alter table custom_field add column record_type varchar(12) not null default 'lead'")
    known = (
        "select indexname from pg_indexes where tablename = 'custom_field' and indexdef like %s"
        if is_postgresql
        else "select name from sqlite_master where type = 'index' and tbl_name = 'custom_field' and sql like ?"
    )
    for (name,) in db.execute_sql(known, ("%key%",)).fetchall():
        if not name.endswith("pkey"):
            db.execute_sql(f'drop index "{name}"')
    db.execute_sql("create unique index custom_field_record_type_key on custom_field (record_type, key)")


def _widen(db: Any, model: type[Model]) -> None:
    table = model._meta.table_name
    db.execute_sql(f"alter table {table} alter column lead_id drop not null")
    for other in ("contact", "organisation"):
        db.execute_sql(f"alter table {table} add column {other}_id bigint references {other} (id) on delete cascade")
    db.execute_sql(f"alter table {table} add check ({ONE_RECORD})")


def _rebuild(db: Any, model: type[Model]) -> None:
    """The table anew with its rows; no other table points to these. Ids that were given are not given again."""
    table = model._meta.table_name
    old = [row[1] for row in db.execute_sql(f"pragma table_info({table})").fetchall()]
    counter = db.execute_sql("select seq from sqlite_sequence where name = ?", (table,)).fetchone()
    for (name,) in db.execute_sql(
        "select name from sqlite_master where type = 'index' and tbl_name = ? and sql is not null", (table,)
    ).fetchall():
        db.execute_sql(f'drop index "{name}"')
    db.execute_sql(f"alter table {table} rename to {table}_before")
    db.create_tables([model], safe=False)
    columns = ", ".join(old)
    db.execute_sql(f"insert into {table} ({columns}) select {columns} from {table}_before order by id")  # noqa: S608 - our own names
    db.execute_sql(f"drop table {table}_before")
    db.execute_sql("delete from sqlite_sequence where name = ?", (table,))
    if counter is not None:
        db.execute_sql("insert into sqlite_sequence (name, seq) values (?, ?)", (table, counter[0]))
