"""The one record that travels the boards."""

from peewee import SQL, BigIntegerField, CharField, DateField, ForeignKeyField, IntegerField, JSONField, TextField

from leadboard.db import BaseModel, IdField, MomentField, now_ms
from leadboard.models.parties import Contact, Organisation
from leadboard.models.pipelines import LostReason, Pipeline, Source, Stage
from leadboard.models.users import User

# What a column of the board shows; written the same way in every statement, so that the partial indexes serve it.
ON_BOARD = "deleted_at is null and snoozed_until is null"


class Lead(BaseModel):
    """A lead, from suspect to customer.

    `title` is what is shown; it is filled from the person or the organisation when left empty. `position` orders a
    stage from small to large, unique in it. `version` rises with typed fields and stage only. Keys (`*_key`,
    `phone_e164`, `phone_reversed`) and the derived `next_task_*`, `last_touch_at` are kept by domain/leads.py and
    domain/tasks.py. Values are integer minor units of `value_currency`. `fields` are the values of
    custom fields by key; `field_keys` is what some of them are sorted and searched by (domain/custom_values.py).
    """

    id = IdField()
    pipeline = ForeignKeyField(Pipeline, on_delete="RESTRICT", backref="leads")
    stage = ForeignKeyField(Stage, on_delete="RESTRICT", backref="leads", index=False)
    position = BigIntegerField()
    version = IntegerField(default=1)
    title = CharField(max_length=200)
    title_key = CharField(max_length=255)
    person_name = CharField(max_length=200, default="")
    given_name = CharField(max_length=100, default="")
    family_name = CharField(max_length=100, default="")
    organisation_name = CharField(max_length=200, default="")
    organisation_key = CharField(max_length=255, default="")
    job_title = CharField(max_length=120, default="")
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
    industry = CharField(max_length=100, default="")
    employees = IntegerField(null=True)
    territory = CharField(max_length=100, default="")
    source = ForeignKeyField(Source, null=True, on_delete="RESTRICT", backref="leads", index=False)
    interest = CharField(max_length=8, default="")
    qualification = CharField(max_length=16, default="")
    value_amount = BigIntegerField(null=True)
    value_currency = CharField(max_length=3, default="")
    probability = IntegerField(null=True)
    expected_close_on = DateField(null=True)
    owner = ForeignKeyField(User, null=True, on_delete="RESTRICT", backref="leads", index=False)
    next_task_id = BigIntegerField(null=True)
    next_task_on = DateField(null=True)
    last_touch_at = MomentField(default=now_ms)
    stage_entered_at = MomentField(default=now_ms)
    snoozed_until = DateField(null=True)
    closed_at = MomentField(null=True)
    lost_reason = ForeignKeyField(LostReason, null=True, on_delete="RESTRICT", backref="leads", index=False)
    lost_to = CharField(max_length=120, default="")
    external_source = CharField(max_length=40, null=True)
    external_id = CharField(max_length=120, null=True)
    fields = JSONField(default=dict)
    field_keys = JSONField(default=dict, constraints=[SQL("default '{}'")])
    other_columns = TextField(default="")
    created_at = MomentField(default=now_ms)
    updated_at = MomentField(default=now_ms)
    deleted_at = MomentField(null=True)
    contact = ForeignKeyField(Contact, null=True, on_delete="SET NULL", backref="leads", index=False)
    organisation = ForeignKeyField(Organisation, null=True, on_delete="SET NULL", backref="leads", index=False)
    converted_at = MomentField(null=True)
    merged_into_id = BigIntegerField(null=True)


def _index(name: str, columns: str, where: str = "deleted_at is null", *, unique: bool = False) -> SQL:
    return SQL(
        f"create {'unique ' if unique else ''}index if not exists {name} on lead ({columns}){' where ' + where if where else ''}"
    )


# Made by name whenever missing (schema.py); a load of very many leads drops them and makes them again (domain/demo.py).
LEAD_INDEXES = [
    _index("lead_position", "stage_id, position", "", unique=True),
    _index("lead_board", "stage_id, position", ON_BOARD),
    # All that a column header adds up, so that it never touches the wide rows.
    _index(
        "lead_numbers",
        "stage_id, value_currency, value_amount, probability, next_task_on, next_task_id, owner_id, source_id, snoozed_until, deleted_at",
        ON_BOARD,
    ),
    _index("lead_by_title", "title_key, id"),
    _index("lead_by_organisation", "organisation_key, id"),
    _index("lead_by_value", "value_amount, id"),
    _index("lead_by_next_task", "next_task_on, id"),
    _index("lead_by_last_touch", "last_touch_at, id"),
    _index("lead_by_created", "created_at, id"),
    _index("lead_by_expected_close", "expected_close_on, id"),
    _index("lead_owner", "owner_id, created_at"),
    _index("lead_source", "source_id, created_at"),
    _index("lead_pipeline", "pipeline_id, created_at"),
    _index("lead_email", "email_key", "email_key is not null"),
    _index("lead_phone", "phone_reversed", "phone_reversed is not null"),
    # Of living leads only: what is in the bin must not block an import.
    _index("lead_external", "external_source, external_id", "deleted_at is null and external_id is not null", unique=True),
    # Of those in the bin, too: what is removed for good has to be found by what pointed to it.
    _index("lead_with_contact", "contact_id, id", "contact_id is not null"),
    _index("lead_with_organisation", "organisation_id, id", "organisation_id is not null"),
    _index("lead_snoozed", "snoozed_until", "snoozed_until is not null"),
    _index("lead_deleted", "deleted_at", "deleted_at is not null"),
    _index("lead_merged", "merged_into_id", "merged_into_id is not null"),
]
