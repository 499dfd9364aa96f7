"""What an admin types about a stage, checked."""

from collections.abc import Mapping, Sequence
from typing import Any

from leadboard.domain.lists import clean_entry_name
from leadboard.domain.stage_rules import clean_needs
from leadboard.errors import N_, Refused
from leadboard.models.pipelines import StageKind
from leadboard.queries.pipelines import StageRow

TONES = ("blue", "indigo", "purple", "pink", "red", "orange", "amber", "green", "teal", "grey")
MOST_DAYS, MOST_LEADS = 3650, 1_000_000
# Columns of what a form calls otherwise.
STAGE_DEFAULTS: Mapping[str, Any] = {
    "touch_days": None, "stay_days": None, "most_leads": None, "needs": "", "leads_to": "",
}  # fmt: skip


def values_of_stage(stage: StageRow) -> dict[str, Any]:
    """A stage as it is stored, without its place."""
    return {
        "name": stage.name, "kind": stage.kind, "probability": stage.probability, "tone": stage.tone, "touch_days": stage.touch_days,
        "stay_days": stage.stay_days, "most_leads": stage.most_leads, "needs": stage.needed, "leads_to": stage.goes_to,
    }  # fmt: skip


def clean_stage(typed: Mapping[str, Any], others: Sequence[StageRow]) -> dict[str, Any]:
    """Typed values as they are stored; `others` are the other stages of its pipeline. Raises Refused."""
    kind, tone, probability = typed["kind"], typed["tone"], typed["probability"]
    if kind not in set(StageKind):
        raise Refused(N_("Choose whether leads in this stage are open, won or lost."), field="kind")
    if tone not in TONES:
        raise Refused(N_("Choose one of the colours."), field="tone")
    if not 0 <= probability <= 100:
        raise Refused(N_("Type a whole number from 0 to 100."), field="probability")
    # What is won is won: the number could only contradict the kind.
    sure = {StageKind.WON: 100, StageKind.LOST: 0}
    return {
        "name": clean_entry_name(typed["name"]),
        "kind": str(kind),
        "probability": sure.get(StageKind(kind), probability),
        "tone": tone,
        "touch_days": _limit(typed, "touch_days", MOST_DAYS),
        "stay_days": _limit(typed, "stay_days", MOST_DAYS),
        "most_leads": _limit(typed, "most_leads", MOST_LEADS),
        "needs": clean_needs(_parts(typed["needs"])),
        "leads_to": _ways(_parts(typed["leads_to"]), others),
    }


def _parts(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else [str(one) for one in value]


def _limit(typed: Mapping[str, Any], name: str, most: int) -> int | None:
    value = typed[name]
    if value is None:
        return None
    if not 1 <= value <= most:
        raise Refused(N_("Type a whole number from 1 to %(most)d, or leave it empty."), field=name, most=most)
    return int(value)


def _ways(wanted: Sequence[str], others: Sequence[StageRow]) -> str:
    """In the order of the board; a stage that was deleted meanwhile is left out."""
    return " ".join(str(one.id) for one in others if str(one.id) in wanted)
