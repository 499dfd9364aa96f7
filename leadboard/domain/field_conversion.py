"""Values of one field as another type, or another list of choices, has them: what converts, and what does not."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from leadboard.domain.custom_fields import complete, known_type, load_field
from leadboard.errors import N_, LeadboardError, Refused
from leadboard.fieldtypes import FieldContext, FieldDefinition, FieldType
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.custom_fields import BoundField, bound_to_type, field_context, field_types
from leadboard.queries.field_counts import MOST_SHOWN, Held, counted_values, titles
from leadboard.queries.settings import instance

# So many different values are looked at before a change of type is offered; the change itself looks at all.
MOST_LOOKED_AT = 100_000
# Of values that are searched for among the records.
MOST_SEARCHED = 2_000
# Choices that are made of what a text field has.
MOST_MADE = 50
_MANY = 50_000


@dataclass
class Converter:
    """Turns stored values of `before` into those of `after`. With `becomes` only choices are exchanged: for another one, or for none."""

    before: BoundField
    after: BoundField
    context: FieldContext
    becomes: Mapping[str, str | None] | None = None
    _known: dict[str, tuple[Any, LeadboardError | None]] = field(default_factory=dict)

    def convert(self, value: Any) -> tuple[Any, LeadboardError | None]:
        """The value as it is kept afterwards, or None with the reason why it is none."""
        text = json.dumps(value)
        if text not in self._known:
            if len(self._known) > _MANY:
                self._known.clear()
            self._known[text] = self._convert(value)
        return self._known[text]

    def _convert(self, value: Any) -> tuple[Any, LeadboardError | None]:
        try:
            if self.becomes is not None:
                return self.after.check(self._exchanged(value), self.context), None
            text = self.before.to_cell(value, self.context)
            if (self.before.definition.type, self.after.definition.type) == ("moment", "day"):
                # The day where the team works, as it is typed.
                text = self.before.to_input(value, self.context)[:10]
            return self.after.from_cell(text, self.context), None
        except Refused as refusal:
            return None, refusal

    def _exchanged(self, value: Any) -> Any:
        becomes = self.becomes or {}
        if not isinstance(value, list):
            return becomes.get(value, value)
        return [found for found in dict.fromkeys(becomes.get(one, one) for one in value) if found is not None]


@dataclass(frozen=True)
class Lost:
    """Records whose value does not convert: how many have it, one of them, and why."""

    held: Held
    count: int
    reason: LeadboardError


@dataclass(frozen=True)
class Preview:
    """What a change of type would do. `is_whole` is false when there are more different values than were looked at."""

    after: FieldDefinition
    converts: int
    lost: int
    first: Sequence[Lost] = ()
    doubles: Sequence[Held] = ()
    is_whole: bool = True


def reachable_types(found: BoundField) -> list[FieldType]:
    """The types that values of this field can be turned into."""
    if found.type is None:
        return []
    from_key = found.definition.type
    return [
        kind
        for key, kind in field_types().items()
        if key != from_key and (kind.reads_types is None or from_key in kind.reads_types)
    ]


def retyped(found: BoundField, type_key: str, options: Mapping[str, Any]) -> BoundField:
    """The field as it would be with another type. Raises Refused."""
    if found.type is None:
        raise found.off()
    kind = known_type(type_key)
    if kind.key not in {one.key for one in reachable_types(found)}:
        raise Refused(N_("Values of this field do not convert to this type."), field="type")
    # A default was typed for the other type; whether values may be the same stays, where the type knows.
    is_unique = found.definition.is_unique and kind.can_be_unique
    definition = replace(found.definition, type=type_key, options=dict(options), default=None, is_unique=is_unique)
    return bound_to_type(complete(definition, kind))


def preview_type(key: str, type_key: str, options: Mapping[str, Any], *, actor: Actor, record_type: str = "lead") -> Preview:
    """What would become of the values with another type; nothing is written. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.SETTINGS)
    before = load_field(key, record_type)
    after = retyped(before, type_key, options)
    context = conversion_context()
    converter = Converter(before, after, context)
    converts, lost, looked_at = 0, 0, 0
    first: list[tuple[int, Any, int, LeadboardError]] = []
    kept: dict[str, list[tuple[int, Any]]] = {}
    most = MOST_SEARCHED if after.points else MOST_LOOKED_AT
    for value, count, record_id in counted_values(before.definition, most):
        looked_at += 1
        new, reason = converter.convert(value)
        if reason is None:
            converts += count
            text = json.dumps(after.keys(new, context) or new)
            kept.setdefault(text, []).append((record_id, value))
        else:
            lost += count
            first.append((record_id, value, count, reason))
    first.sort(key=itemgetter(0))
    names = titles(record_type, [one[0] for one in first[:MOST_SHOWN]])
    shown = [
        Lost(Held(record_id, names.get(record_id, ""), before.shown(value, context).text), count, reason)
        for record_id, value, count, reason in first[:MOST_SHOWN]
    ]
    # By their first records, as the engines list values in different orders.
    groups = [sorted(held, key=itemgetter(0)) for held in kept.values() if len(held) > 1 and after.definition.is_unique]
    same = [one for held in sorted(groups, key=lambda held: held[0][0]) for one in held][:MOST_SHOWN]
    names = titles(record_type, [record_id for record_id, _ in same])
    double = [Held(record_id, names.get(record_id, ""), before.shown(value, context).text) for record_id, value in same]
    return Preview(
        after.definition, converts, lost, shown, double, looked_at < most
    )  # fmt: skip


def choices_of_values(found: BoundField) -> list[str]:
    """A list of choices made of what the records hold; empty when that is too much for a list."""
    context = conversion_context()
    texts: dict[str, None] = {}
    for value, _, _ in counted_values(found.definition, MOST_MADE + 1):
        parts = value if isinstance(value, list) else [value]
        texts.update(dict.fromkeys(" ".join(found.to_cell(one, context).replace(";", ",").split())[:80] for one in parts))
    return sorted(texts) if len(texts) <= MOST_MADE else []


def conversion_context() -> FieldContext:
    """What types are told while values are turned into others: cells are written and read as in files."""
    return field_context(instance(), locale="en")
