"""Filters by custom fields, as the address has them: f.tier=gold, f.budget.from=100, f.city.contains=dan, f.city.empty=1."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import Where
from leadboard.errors import N_, Refused, Unknown
from leadboard.fieldtypes import FieldContext, Operator, ValueSql
from leadboard.permissions import Actor
from leadboard.pluginhost.registry import loaded_plugin
from leadboard.queries.custom_fields import BoundField, custom_fields, field_context, value_where
from leadboard.queries.settings import instance

PREFIX = "f."
MAX_TEXT = 200
MOST = 20
IS_ARCHIVED = N_("The field %(key)s is archived, so nothing can be found by it. Take it out of the filter.")


@dataclass(frozen=True)
class FieldCondition:
    """One such argument, read. `arg` and `text` are as in the address."""

    arg: str
    text: str
    field: BoundField = dataclasses.field(compare=False)
    operator: Operator
    operand: Any = dataclasses.field(compare=False, default=None)

    @property
    def is_lookup(self) -> bool:
        """Whether its index serves it."""
        kind = self.field.type
        if kind is None or not kind.is_indexed:
            return False
        return self.operator in {Operator.IS, Operator.FROM, Operator.TO} or (
            self.operator is Operator.EMPTY and not self.operand
        )

    @property
    def rank(self) -> int:
        """What to look up by when nothing is known of the values: one of them finds fewer than a part of them."""
        return 0 if self.operator is Operator.IS else 2 if self.operator is Operator.EMPTY else 1

    def where(self, alias: str) -> Where:
        if self.operator is Operator.EMPTY:
            if self.field.type is None:
                sql = ValueSql(self.field.key, alias).is_empty
                return (sql if self.operand else f"not ({sql})"), []
            return (f"{self.field.comparable(alias)} is null" if self.operand else self.field.filled(alias)), []
        return value_where(self.field, self.operator, self.operand, alias)


def arg_of(field: BoundField, operator: Operator) -> str:
    """The argument that filters by a field."""
    return PREFIX + field.key + ("" if operator is Operator.IS else f".{operator}")


def field_conditions(args: Mapping[str, str], actor: Actor, record_type: str = "lead") -> tuple[FieldCondition, ...]:
    """The conditions of an address. Raises Refused for a field, a way or a value that is not known, and says which are."""
    names = [name for name in args if name.startswith(PREFIX) and (args.get(name) or "").strip()]
    if not names:
        return ()
    if len(names) > MOST:
        raise Unknown(N_("At most %(most)d filters at once."), field=names[0], most=MOST)
    settings = instance()
    known = custom_fields(settings.revision, record_type)
    context = field_context(settings, locale="en", actor=actor)
    found = []
    for name in sorted(names):
        key, _, way = name.removeprefix(PREFIX).partition(".")
        bound = known.by_key.get(key)
        if bound is not None and bound.definition.is_archived:
            raise Unknown(IS_ARCHIVED, field=name[:60], key=key)
        if bound is None:
            raise Unknown(
                N_("There is no field %(name)s to filter by. Known: %(known)s."),
                field=name[:60], name=key[:40], known=", ".join(one.key for one in known.active) or "-",
            )  # fmt: skip
        try:
            found.append(_condition(name, " ".join(args[name].split())[:MAX_TEXT], bound, way or "is", context))
        except Refused as refusal:
            raise Unknown(refusal.message, field=refusal.field, **refusal.params) from refusal
    return tuple(found)


def ways_of(bound: BoundField) -> list[str]:
    """How a field can be filtered by."""
    ways = [str(one) for one in bound.type.operators] if bound.type is not None else []
    return [*ways, str(Operator.EMPTY)]


def refuse_missing_types(args: Mapping[str, str], record_type: str = "lead") -> None:
    """Raise Refused for a filter by a field that nobody can compare now, before other checks call it unknown."""
    known = custom_fields(instance().revision, record_type).by_key
    for name in args:
        key, _, way = name.removeprefix(PREFIX).partition(".") if name.startswith(PREFIX) else ("", "", "")
        bound = known.get(key)
        if bound is not None and bound.type is None and not bound.definition.is_archived and way != Operator.EMPTY:
            raise type_is_missing(bound, name)


def type_is_missing(bound: BoundField, arg: str) -> Refused:
    """What nobody can compare: the plugin that brings the type is off, gone or given up."""
    name = bound.definition.type.partition(".")[0]
    one = loaded_plugin(name)
    return Refused(
        N_(
            "Nothing can be found by “%(label)s” now: the plugin “%(plugin)s”, which brings its type, is off or does not work. An admin"
            " can turn it on under Settings › Plugins. Without it take this filter out, or ask only whether the field is empty."
        ),
        field=arg[:60], label=bound.label, plugin=one.plugin.title if one is not None and one.plugin is not None else name,
    )  # fmt: skip


def condition_of(bound: BoundField, operator: Operator, text: str, actor: Actor) -> FieldCondition:
    """The condition of one field, of which the actor may say "me". Raises Refused."""
    context = field_context(instance(), locale="en", actor_id=actor.id)
    return _condition(arg_of(bound, operator), " ".join(text.split())[:MAX_TEXT], bound, str(operator), context)


def _condition(arg: str, text: str, bound: BoundField, way: str, context: FieldContext) -> FieldCondition:
    known = ways_of(bound)
    if bound.type is None and way != Operator.EMPTY:
        raise type_is_missing(bound, arg)
    if way not in known:
        raise Unknown(
            N_("%(label)s cannot be filtered by %(way)s. Known: %(known)s."),
            field=arg[:60], label=bound.label, way=way[:20], known=", ".join(known),
        )  # fmt: skip
    operator = Operator(way)
    if operator is Operator.EMPTY:
        if text not in {"0", "1"}:
            raise Unknown(N_("The filter %(name)s is 1 (empty) or 0 (filled)."), field=arg, name=arg)
        return FieldCondition(arg, text, bound, operator, text == "1")
    try:
        operand = bound.ask("operand", lambda kind: kind.operand(operator, text, bound.definition, context))
    except Refused as refusal:
        refusal.field = arg
        raise
    condition = FieldCondition(arg, text, bound, operator, operand)
    condition.where(bound.definition.record_type)  # what cannot become SQL is refused here
    return condition
