"""What the cards of a board show: the usual, or what an admin chose for it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from leadboard.domain.card_fields import FURTHER
from leadboard.formats import Formats
from leadboard.forms.custom_inputs import known_fields
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind
from leadboard.queries.board import Parts
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.pipelines import PipelineRow
from leadboard.queries.tags import known_tags


@dataclass(frozen=True, slots=True)
class Shown:
    organisation: bool
    value: bool
    interest: bool
    owner: bool
    step: bool
    custom: tuple[BoundField, ...]


def card_parts(pipeline: PipelineRow) -> tuple[Parts, Shown]:
    """What is read for the cards of a board, and what is drawn of it. No statement."""
    known = known_fields()
    clocks = any(stage.touch_days is not None or stage.stay_days is not None for stage in pipeline.open_stages)
    if pipeline.card_fields is None:
        custom = known.on_card
        return Parts(bool(custom), bool(known_tags()), clocks), Shown(True, True, True, True, True, custom)
    names = pipeline.card_fields.split()
    custom = tuple(known.editable[name] for name in names if name in known.editable)
    columns = tuple(LEAD_FIELDS[name].column for name in names if name in FURTHER)
    wanted = Shown(
        organisation="organisation_name" in names, value="value_amount" in names, interest="interest" in names, owner="owner" in names,
        step="next_step" in names, custom=custom,
    )  # fmt: skip
    return Parts(bool(custom), "tags" in names and bool(known_tags()), clocks, columns), wanted


def other_text(column: str, value: Any, formats: Formats) -> str:
    """A further column of a lead, as a word on its card."""
    field = LEAD_FIELDS[column]
    if field.kind is FieldKind.CHOICE:
        return gettext(dict(field.options).get(value, value))
    if field.kind is FieldKind.DAY:
        return formats.day(value if isinstance(value, date) else date.fromisoformat(value))
    if field.kind is FieldKind.PERCENT:
        return f"{value} %"
    return str(value)[:60]
