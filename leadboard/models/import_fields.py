"""Where a column of a file can go: the typed fields of a lead, and what else an import fills."""

from dataclasses import dataclass
from enum import StrEnum

from leadboard.errors import N_
from leadboard.models.lead_fields import LEAD_FIELDS

IGNORE = "ignore"
OTHER = "other"
NOTE = "note"


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
    """One place a column can go. `is_moment` marks points in time."""

    name: str
    label: str
    group: TargetGroup
    is_moment: bool = False


_GROUP_OF = {
    **dict.fromkeys(
        ("title", "person_name", "given_name", "family_name", "organisation_name", "job_title", "email", "phone", "website"),
        TargetGroup.WHO,
    ),
    **dict.fromkeys(("industry", "employees"), TargetGroup.WHO),
    **dict.fromkeys(("street", "postal_code", "city", "region", "country", "territory"), TargetGroup.PLACE),
    "expected_close_on": TargetGroup.TIMES,
}
_MORE = (
    Target("pipeline", N_("Pipeline"), TargetGroup.DEAL),
    Target("stage", N_("Stage"), TargetGroup.DEAL),
    Target("owner_email", N_("Owner e-mail"), TargetGroup.DEAL),
    Target("lost_reason", N_("Lost reason"), TargetGroup.DEAL),
    Target("lost_to", N_("Lost to"), TargetGroup.DEAL),
    Target("created_at", N_("Created"), TargetGroup.TIMES, is_moment=True),
    Target("stage_entered_at", N_("In stage since"), TargetGroup.TIMES, is_moment=True),
    Target("closed_at", N_("Closed"), TargetGroup.TIMES, is_moment=True),
    Target("last_touch_at", N_("Last contact"), TargetGroup.TIMES, is_moment=True),
    Target("external_source", N_("External source"), TargetGroup.REST),
    Target("external_id", N_("External ID"), TargetGroup.REST),
    Target("other_columns", N_("Other columns"), TargetGroup.REST),
)
TARGETS: dict[str, Target] = {
    **{name: Target(name, field.label, _GROUP_OF.get(name, TargetGroup.DEAL)) for name, field in LEAD_FIELDS.items()},
    **{target.name: target for target in _MORE},
}
# Where several columns may go at once.
SHARED = frozenset({IGNORE, OTHER, NOTE})


def is_target(name: str) -> bool:
    return name in TARGETS or name in SHARED
