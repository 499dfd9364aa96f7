"""What may be typed in a filter over leads."""

from leadboard.errors import N_
from leadboard.models.lead_fields import INTEREST, LEAD_FIELDS, QUALIFICATION
from leadboard.queries import query_columns as columns
from leadboard.queries.column_kinds import BLANK, named, next_step_column, ordered, text
from leadboard.queries.lead_states import KINDS, kind_sql
from leadboard.queries.query_columns import Column, Condition, Reader
from leadboard.queries.stale import STALE, stale_sql
from leadboard.queries.tags import tagged_sql
from leadboard.queries.typed_query import Language


def _state(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    if text not in KINDS:
        raise columns.wrong(column, text, ", ".join(KINDS))
    return Condition(lambda alias: kind_sql(alias, text))


def _stale(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    if text not in STALE:
        raise columns.wrong(column, text, ", ".join(STALE))
    return Condition(lambda alias: stale_sql(alias, text, reader.today))


def _tag(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    ids = columns.ids_of(column, text, reader)
    return Condition(lambda alias: tagged_sql(alias, ids), is_lookup=True, rank=2)


def _label(name: str) -> str:
    return LEAD_FIELDS[name].label


_ALL = (
    named("stage", N_("Stage"), has_empty=False),
    named("pipeline", N_("Pipeline"), has_empty=False),
    Column("state", N_("State"), _state, has_empty=False, options=tuple((one, one) for one in KINDS), kind="state"),
    named("owner", _label("owner")),
    named("source", _label("source")),
    Column("stale", N_("Stale"), _stale, has_empty=False, options=tuple(STALE.items()), kind="choice"),
    Column("tag", N_("Tag"), _tag, "id", empty="not exists (select 1 from lead_tag where lead_tag.lead_id = {0})", kind="tag"),
    named("lost_reason", N_("Lost because"), is_indexed=False),
    next_step_column(),
    Column("firm", N_("Linked organisation"), columns.linked_condition, "organisation_id", is_indexed=True, kind="organisation"),
    Column("contact", N_("Linked contact"), columns.linked_condition, "contact_id", is_indexed=True, kind="contact"),
    text("title", _label("title")),
    text("person", _label("person_name"), "person_name"),
    text("organisation", _label("organisation_name"), "organisation_name"),
    text("job_title", _label("job_title")),
    Column("email", _label("email"), columns.email_condition, "email", empty=BLANK),
    Column("phone", _label("phone"), columns.phone_condition, "phone", empty=BLANK),
    text("website", _label("website")),
    ordered("value", _label("value_amount"), "money", "value_amount", is_indexed=True),
    ordered("probability", _label("probability"), "number"),
    ordered("close", _label("expected_close_on"), "day", "expected_close_on", is_indexed=True),
    Column("interest", _label("interest"), columns.choice_condition, "interest", empty=BLANK, options=INTEREST, kind="choice"),
    Column("qualification", _label("qualification"), columns.choice_condition, "qualification", empty=BLANK, options=QUALIFICATION, kind="choice"),
    text("industry", _label("industry")),
    ordered("employees", _label("employees"), "number"),
    *(text(name, _label(name)) for name in ("territory", "street", "postal_code", "city", "region", "country")),
    ordered("created", N_("Created"), "moment", "created_at", is_indexed=True),
    ordered("changed", N_("Changed"), "moment", "updated_at"),
    ordered("touched", N_("Last contact"), "moment", "last_touch_at", is_indexed=True),
    ordered("entered", N_("In its stage since"), "moment", "stage_entered_at"),
    ordered("ended", N_("Won or lost on"), "moment", "closed_at"),
    ordered("later", N_("Off the board until"), "day", "snoozed_until", is_indexed=True),
    text("lost_to", N_("Lost to")),
    ordered("id", N_("Number"), "number", is_indexed=True),
)  # fmt: skip
COLUMNS: dict[str, Column] = {column.key: column for column in _ALL}


LEADS = Language("lead", "title_key", COLUMNS)
