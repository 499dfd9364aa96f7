"""The people and the firms behind leads. "Party" is what both are."""

from peewee import SQL, BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.users import User

# Notes, next steps, activities and contact points hang on exactly one record.
ONE_RECORD = (
    "(case when lead_id is null then 0 else 1 end + case when contact_id is null then 0 else 1 end"
    " + case when organisation_id is null then 0 else 1 end) = 1"
)


class Party(BaseModel):
    """What contacts and organisations have alike; not a table of its own.

    `version` rises with typed fields. Keys (`*_key`, `phone_e164`, `phone_reversed`) and the derived `next_task_*` and
    `last_touch_at` are kept by domain/parties.py and domain/tasks.py. One that was merged into another is in the bin
    with `merged_into_id`.
    """

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
    last_touch_at = MomentField(default=now_ms)
    external_source = CharField(max_length=40, null=True)
    external_id = CharField(max_length=120, null=True)
    fields = JSONField(default=dict)
    field_keys = JSONField(default=dict)
    other_columns = TextField(default="")
    merged_into_id = BigIntegerField(null=True)
    created_at = MomentField(default=now_ms)
    updated_at = MomentField(default=now_ms)
    deleted_at = MomentField(null=True)


class Organisation(Party):
    """A firm. `match_key` is its name without its legal form, `domain` that of its website or e-mail: what finds it again."""

    match_key = CharField(max_length=200, default="")
    domain = CharField(max_length=253, null=True)
    industry = CharField(max_length=100, default="")
    employees = IntegerField(null=True)
    parent = ForeignKeyField("self", null=True, on_delete="SET NULL", backref="+", index=False)
    primary_contact_id = BigIntegerField(null=True)


class Contact(Party):
    """A person. `organisation` is the main firm; further ones are in Employment."""

    given_name = CharField(max_length=100, default="")
    family_name = CharField(max_length=100, default="")
    job_title = CharField(max_length=120, default="")
    organisation = ForeignKeyField(Organisation, null=True, on_delete="SET NULL", backref="people", index=False)


class Employment(BaseModel):
    """A further firm of a person, beside the main one."""

    id = IdField()
    contact = ForeignKeyField(Contact, on_delete="CASCADE", backref="employments", index=False)
    organisation = ForeignKeyField(Organisation, on_delete="CASCADE", backref="employments")
    job_title = CharField(max_length=120, default="")
    created_at = MomentField(default=now_ms)

    class Meta:
        indexes = ((("contact", "organisation"), True),)


def _indexes(table: str, *more: tuple[str, str, str]) -> list[SQL]:
    """The indexes of both tables, made by name whenever missing (schema.py), and those of one: (name, columns, where)."""
    common = (
        ("by_name", "name_key, id", ""),
        ("by_created", "created_at, id", ""),
        ("by_last_touch", "last_touch_at, id", ""),
        ("by_next_task", "next_task_on, id", ""),
        ("by_updated", "updated_at, id", ""),
        ("owner", "owner_id, created_at", ""),
        ("by_country", "country, id", "country <> ''"),
        ("email", "email_key", "email_key is not null"),
        ("phone", "phone_reversed", "phone_reversed is not null"),
    )
    made = [
        SQL(
            f"create index if not exists {table}_{name} on {table} ({columns}) where deleted_at is null{f' and {where}' if where else ''}"
        )
        for name, columns, where in (*common, *more)
    ]
    return [
        *made,
        SQL(
            f"create unique index if not exists {table}_external on {table} (external_source, external_id)"
            " where deleted_at is null and external_id is not null"
        ),
        SQL(f"create index if not exists {table}_deleted on {table} (deleted_at) where deleted_at is not null"),
        SQL(f"create index if not exists {table}_merged on {table} (merged_into_id) where merged_into_id is not null"),
    ]


PARTY_INDEXES = [
    *_indexes(
        "organisation",
        ("by_domain", "domain", "domain is not null"),
        ("by_match", "match_key", "match_key <> ''"),
        ("by_industry", "industry, id", "industry <> ''"),
    ),
    *_indexes("contact"),
    # Of those in the bin, too, as models/leads.py has it.
    SQL(
        "create index if not exists contact_at_organisation on contact (organisation_id, name_key) where organisation_id is not null"
    ),
    SQL("create index if not exists organisation_under on organisation (parent_id) where parent_id is not null"),
]

# What hangs on a contact or an organisation, for each; of most rows these columns are empty.
HANGING_INDEXES = [
    SQL(f"create index if not exists {table}_of_{noun} on {table} ({noun}_id, {order}) where {noun}_id is not null")
    for noun in ("contact", "organisation")
    for table, order in (("note", "id"), ("task", "done_at, due_on"), ("activity", "id"), ("event", "id"))
] + [
    SQL("create index if not exists contact_point_key on contact_point (key) where key is not null"),
    SQL("create index if not exists contact_point_reversed on contact_point (reversed) where reversed is not null"),
    SQL("create index if not exists import_row_of_contact on import_row (contact_id) where contact_id is not null"),
    SQL(
        "create index if not exists import_row_of_organisation on import_row (organisation_id) where organisation_id is not null"
    ),
]
