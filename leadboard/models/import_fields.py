"""Where a column of a file can go: the typed fields of a record, and what else an import fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from leadboard.errors import N_
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.party_fields import CONTACT_FIELDS, ORGANISATION_FIELDS
from leadboard.models.record_fields import FieldKind, RecordField

IGNORE = "ignore"
OTHER = "other"
NOTE = "note"
MORE_EMAILS = "more_emails"
MORE_PHONES = "more_phones"
TAGS = "tags"
FIRST_RECORD = "lead"


class TargetGroup(StrEnum):
    """The headings of the list to choose from."""

    WHO = "who"
    DEAL = "deal"
    PLACE = "place"
    TIMES = "times"
    REST = "rest"


GROUP_LABELS = {
    TargetGroup.WHO: N_("Who"),
    TargetGroup.DEAL: N_("Deal"),
    TargetGroup.PLACE: N_("Place"),
    TargetGroup.TIMES: N_("Dates"),
    TargetGroup.REST: N_("More"),
}


@dataclass(frozen=True)
class Target:
    """One place a column can go. `is_moment` marks points in time; `field` is there for what a person may type."""

    name: str
    label: str
    group: TargetGroup
    is_moment: bool = False
    field: RecordField | None = None

    @property
    def kind(self) -> FieldKind | None:
        return self.field.kind if self.field else None


_PLACE = ("street", "postal_code", "city", "region", "country", "territory")
_DEAL = ("value_amount", "value_currency", "probability", "source", "interest", "qualification")
_REST = (
    Target("external_source", N_("External source"), TargetGroup.REST),
    Target("external_id", N_("External ID"), TargetGroup.REST),
    Target("other_columns", N_("Other columns"), TargetGroup.REST),
)
_OWNER_EMAIL = Target("owner_email", N_("Owner e-mail"), TargetGroup.REST)
_CREATED = Target("created_at", N_("Created"), TargetGroup.TIMES, is_moment=True)
_LAST_TOUCH = Target("last_touch_at", N_("Last contact"), TargetGroup.TIMES, is_moment=True)
_POINTS = (
    Target(MORE_EMAILS, N_("Further e-mails"), TargetGroup.WHO),
    Target(MORE_PHONES, N_("Further phones"), TargetGroup.WHO),
)


def _targets(fields: Mapping[str, RecordField], *more: Target) -> dict[str, Target]:
    groups = {
        **dict.fromkeys(fields, TargetGroup.WHO),
        **dict.fromkeys(_PLACE, TargetGroup.PLACE),
        **dict.fromkeys(_DEAL, TargetGroup.DEAL),
        "expected_close_on": TargetGroup.TIMES,
        "owner": TargetGroup.REST,
    }
    typed = {name: Target(name, one.label, groups[name], field=one) for name, one in fields.items()}
    return {**typed, **{target.name: target for target in more}}


# By record type, in the order of an export's columns.
TARGETS_OF: dict[str, dict[str, Target]] = {
    "lead": _targets(
        LEAD_FIELDS,
        Target("pipeline", N_("Pipeline"), TargetGroup.DEAL),
        Target("stage", N_("Stage"), TargetGroup.DEAL),
        _OWNER_EMAIL,
        Target("lost_reason", N_("Lost reason"), TargetGroup.DEAL),
        Target("lost_to", N_("Lost to"), TargetGroup.DEAL),
        _CREATED,
        Target("stage_entered_at", N_("In stage since"), TargetGroup.TIMES, is_moment=True),
        Target("closed_at", N_("Closed"), TargetGroup.TIMES, is_moment=True),
        _LAST_TOUCH,
        *_POINTS,
        Target(TAGS, N_("Tags"), TargetGroup.REST),
        *_REST,
    ),
    "contact": _targets(
        CONTACT_FIELDS,
        Target("organisation_external_id", N_("External ID of the organisation"), TargetGroup.WHO),
        Target("employments", N_("Further organisations"), TargetGroup.WHO),
        Target("is_primary", N_("First contact"), TargetGroup.WHO),
        *_POINTS,
        _OWNER_EMAIL,
        _CREATED,
        _LAST_TOUCH,
        *_REST,
    ),
    "organisation": _targets(
        ORGANISATION_FIELDS,
        Target("parent_external_id", N_("External ID of what it is part of"), TargetGroup.WHO),
        *_POINTS,
        _OWNER_EMAIL,
        _CREATED,
        _LAST_TOUCH,
        *_REST,
    ),
}
TARGETS = TARGETS_OF["lead"]
# Where several columns may go at once.
SHARED = frozenset({IGNORE, OTHER, NOTE, MORE_EMAILS, MORE_PHONES, TAGS})
_ALWAYS = frozenset({IGNORE, OTHER, NOTE})


def is_target(name: str, record_type: str = FIRST_RECORD) -> bool:
    return name in TARGETS_OF[record_type] or name in _ALWAYS
