"""What the cards of a board may show, and choosing it."""

from collections.abc import Mapping, Sequence
from typing import Any

from leadboard.db import execute
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import EventKind, change
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.pipelines import pipeline

# Parts of a card that have a place of their own.
PLACED: Mapping[str, str] = {
    "organisation_name": N_("Organisation"), "value_amount": N_("Value"), "interest": N_("Interest"), "tags": N_("Tags"),
    "next_step": N_("Next step"), "owner": N_("Owner"),
}  # fmt: skip
# Further columns, as words.
FURTHER = (
    "person_name", "job_title", "email", "phone", "probability", "expected_close_on", "qualification", "industry", "employees", "territory", "city",
    "region", "country",
)  # fmt: skip
MOST_ON_CARD = 14


def card_choices() -> list[tuple[str, str]]:
    """(name, label) of everything that a card may show; labels of ours are to be translated."""
    further = [(name, LEAD_FIELDS[name].label) for name in FURTHER]
    return [*PLACED.items(), *further, *((name, field.label) for name, field in custom_fields().editable.items())]


def choose_card_fields(pipeline_id: int, names: Sequence[str] | None, *, actor: Actor, seen: str | None = None) -> None:
    """What the cards of this board show, None for the usual. Raises NotAllowed, NotFound, Refused, Conflict.

    `seen` is what the form showed, as it is stored ("" for the usual).
    """
    require(actor, Permission.STAGES)
    with change(actor, "pipeline.cards") as step:
        found = pipeline(pipeline_id)
        known = dict(card_choices())
        unknown = next((name for name in names or () if name not in known), None)
        if unknown is not None:
            raise Refused(N_("There is no field %(name)s."), field="card_fields", name=unknown[:60])
        if len(names or ()) > MOST_ON_CARD:
            raise Refused(N_("A card shows at most %(most)d things."), field="card_fields", most=MOST_ON_CARD)
        after = None if names is None else " ".join(name for name in known if name in names)
        if after == found.card_fields:
            return
        if seen is not None and seen != (found.card_fields or ""):
            raise Conflict(
                N_("Somebody else changed what these cards show while you chose. Look again, then save."), field="card_fields"
            )
        execute("update pipeline set card_fields = ? where id = ?", (after, pipeline_id))
        values: dict[str, tuple[Any, Any]] = {"card_fields": (found.card_fields, after)}
        step.record(EventKind.PIPELINE_CHANGED, "pipeline", pipeline_id, values=values)
