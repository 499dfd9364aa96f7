"""The custom fields there are, each with its type. Read once and kept until a setting, a field or a plugin changes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from leadboard.db import Where, database, is_sqlite, rows
from leadboard.errors import N_, LeadboardError, Refused
from leadboard.fieldtypes import (
    PREFIX,
    FieldContext,
    FieldDefinition,
    FieldType,
    Input,
    PersonName,
    Shown,
    Storage,
    ValueSql,
)
from leadboard.lib.dates import today_in
from leadboard.models import CustomField
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor
from leadboard.pluginhost.calling import isolated
from leadboard.pluginhost.registry import Contribution, Registry, registry
from leadboard.queries.record_names import RecordNames
from leadboard.queries.settings import Instance, instance
from leadboard.queries.users import users_by_name

T = TypeVar("T")
INDEX_PREFIX = "lead_f"  # of fields of every record: the number behind it is the field's
# Not less than these, as SQLite orders what is no NULL: minus infinity, the empty text.
FIRST_NUMBER, FIRST_TEXT = "-9e999", "''"


@dataclass(frozen=True)
class BoundField:
    """A field and its type; `type` is None while the plugin that brings it is off, and while all its values are being
    rewritten: they are kept and shown as text.

    What a plugin's type raises ends here: a value is then shown as text, and cannot be changed, sorted or filtered by.
    """

    definition: FieldDefinition
    type: FieldType | None = None
    plugin: str = ""
    is_builtin: bool = False
    indexes: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def label(self) -> str:
        return self.definition.label

    @property
    def heading(self) -> str:
        """Its column in a file; an archived one says so there."""
        return f"{self.label} (archived)" if self.definition.is_archived else self.label

    @property
    def icon(self) -> str:
        return self.type.icon if self.type is not None else "puzzle"

    @property
    def is_editable(self) -> bool:
        return self.type is not None and not self.definition.is_archived

    def off(self) -> Refused:
        """Why nobody can change it while `type` is None."""
        text = (
            N_("“%(label)s” is being changed by an admin, with all its values. Try again in a few minutes.")
            if self.definition.rewrite
            else N_("“%(label)s” cannot be changed while the plugin that brings it is off.")
        )
        return Refused(text, field=self.name, label=self.label)

    @property
    def is_number(self) -> bool:
        return self.type is not None and self.type.storage is Storage.NUMBER and self.is_sortable

    # ------------------------------------------------------------------------------------------ asking the type

    def ask(self, place: str, work: Callable[[FieldType], T]) -> T:
        """What the type answers. Raises Refused when it cannot be asked, and what it refuses with."""
        kind = self.type
        if kind is None:
            raise self.off()
        if self.is_builtin:
            return work(kind)
        outcome = isolated(self.plugin, f"field {kind.key} {place}"[:80], lambda: work(kind), through=(LeadboardError,))
        if not outcome.is_ok:
            raise Refused(N_("“%(label)s” cannot be used just now. Tell an admin."), field=self.name, label=self.label)
        return outcome.value  # type: ignore[return-value]

    def shown(self, value: Any, context: FieldContext) -> Shown:
        """The value for a reader, whatever its type makes of it."""
        if value is None:
            return Shown("")
        if self.type is not None:
            try:
                found = self.ask("show", lambda kind: kind.show(value, self.definition, context))
            except Refused:
                return Shown(plain(value))
            if isinstance(found, Shown):
                return found
        return Shown(plain(value))

    @property
    def points(self) -> bool:
        """Whether its values point to records."""
        return self.type is not None and type(self.type).records is not FieldType.records

    def records(self, value: Any) -> Sequence[tuple[str, int]]:
        """What a value points to."""
        if value is None:
            return ()
        try:
            return self.ask("records", lambda kind: kind.records(value, self.definition))
        except Refused:
            return ()

    def to_input(self, value: Any, context: FieldContext) -> str:
        if value is None:
            return ""
        try:
            return str(self.ask("to_input", lambda kind: kind.to_input(value, self.definition, context)))
        except Refused:
            return plain(value)

    def from_input(self, text: str, context: FieldContext) -> Any:
        """The value of what was typed; None of nothing. Raises Refused."""
        if not text.strip():
            return None
        return self.ask("from_input", lambda kind: kind.from_input(text, self.definition, context))

    def input(self, context: FieldContext) -> Input:
        return self.ask("input", lambda kind: kind.input(self.definition, context))

    def check(self, value: Any, context: FieldContext) -> Any:
        """A value as it is kept. Raises Refused."""
        if value is None or value == "" or value == []:
            return None
        return self.ask("check", lambda kind: kind.check(value, self.definition, context))

    def to_cell(self, value: Any, context: FieldContext) -> str:
        if value is None:
            return ""
        try:
            return str(self.ask("to_cell", lambda kind: kind.to_cell(value, self.definition, context)))
        except Refused:
            return plain(value)

    def from_cell(self, text: str, context: FieldContext) -> Any:
        """A cell of a file as it is kept. Raises Refused."""
        return self.check(self.ask("from_cell", lambda kind: kind.from_cell(text, self.definition, context)), context)

    def keys(self, value: Any, context: FieldContext) -> dict[str, str]:
        """What goes into `field_keys` for this value."""
        if value is None or self.type is None:
            return {}
        sort_key = self.ask("sort_key", lambda kind: kind.sort_key(value, self.definition, context))
        folded = self.ask("folded", lambda kind: kind.folded(value, self.definition, context))
        return {name + self.key: text for name, text in (("S", sort_key), ("T", folded)) if text is not None}

    # ------------------------------------------------------------------------------------------ SQL

    @property
    def is_sortable(self) -> bool:
        return self.type is not None and self.type.is_sortable and self.type.storage is not Storage.LIST

    def comparable(self, alias: str = "") -> str:
        sql = ValueSql(self.key, alias or self.definition.record_type)
        return self.ask("comparable", lambda kind: kind.comparable(self.definition, sql))

    @cached_property
    def compares_text(self) -> bool:
        """Whether comparable() is a text. Choices are compared by their place, which is a number."""
        is_text = self.type is not None and self.type.storage in {Storage.TEXT, Storage.LIST}
        return is_text and not self.comparable().startswith("(case")

    def filled(self, alias: str = "") -> str:
        """The condition for records with a value.

        SQLite looks up no `is not null` in the index of an expression: it is told where values begin.
        """
        expression = self.comparable(alias)
        if not is_sqlite():
            return f"{expression} is not null"
        return f"{expression} >= {FIRST_TEXT if self.compares_text else FIRST_NUMBER}"

    @cached_property
    def index(self) -> str:
        """The name of the index that is there for sorts and filters; "" when there is none."""
        beginning = f"{INDEX_PREFIX}{self.definition.id}_"
        return next((name for name in self.indexes if name.startswith(beginning)), "")


def plain(value: Any) -> str:
    """A value of which nobody knows the type."""
    if isinstance(value, list):
        return ", ".join(plain(one) for one in value)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Fields:
    """All custom fields of one type of records, by key in the admins' order; archived ones too."""

    by_key: Mapping[str, BoundField] = field(default_factory=dict)

    @cached_property
    def active(self) -> tuple[BoundField, ...]:
        return tuple(one for one in self.by_key.values() if not one.definition.is_archived)

    @cached_property
    def editable(self) -> Mapping[str, BoundField]:
        """By name, those that forms, imports and the API offer."""
        return {one.name: one for one in self.active if one.type is not None}

    @cached_property
    def in_list(self) -> tuple[BoundField, ...]:
        return tuple(one for one in self.active if one.definition.in_list)

    @cached_property
    def on_card(self) -> tuple[BoundField, ...]:
        return tuple(one for one in self.active if one.definition.on_card)

    def named(self, name: str) -> BoundField | None:
        """The field of a name like fields.budget, archived or not."""
        return self.by_key.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None


_cache: tuple[object, int, Registry, dict[str, Fields]] | None = None
_NONE = Fields()


def custom_fields(revision: int | None = None, record_type: str = "lead") -> Fields:
    """All custom fields of leads, contacts or organisations. Without a statement while revision and plugins are those they were read for."""
    global _cache
    current = instance().revision if revision is None else revision
    source, plugins = database.obj, registry()
    if _cache is not None and _cache[0] is source and _cache[1] == current and _cache[2] is plugins:
        return _cache[3].get(record_type, _NONE)
    found = _read(plugins)
    _cache = (source, current, plugins, found)
    return found.get(record_type, _NONE)


def every_field() -> list[BoundField]:
    """The custom fields of all records."""
    return [one for record_type in RECORD_TYPES for one in custom_fields(None, record_type).by_key.values()]


def _read(plugins: Registry) -> dict[str, Fields]:
    types = {one.item.key: one for one in plugins.contributions.get("register_field_types", ())}
    records = list(CustomField.select().order_by(CustomField.position, CustomField.id))
    indexes = index_names() if records else frozenset()
    found: dict[str, dict[str, BoundField]] = {}
    for record in records:
        field = typed_field(definition_of(record), types.get(record.type), indexes)
        found.setdefault(record.record_type, {})[record.key] = replace(field, type=None) if record.rewrite else field
    return {record_type: Fields(by_key) for record_type, by_key in found.items()}


def typed_field(
    definition: FieldDefinition, contribution: Contribution | None, indexes: frozenset[str] = frozenset()
) -> BoundField:
    """A field with the type that somebody registered, if anybody did."""
    if contribution is None:
        return BoundField(definition, indexes=indexes)
    return BoundField(definition, contribution.item, contribution.plugin, "." not in definition.type, indexes)


def bound_to_type(definition: FieldDefinition) -> BoundField:
    """A field as its type has it, also one that nobody made yet or that is being rewritten."""
    found = (one for one in registry().contributions.get("register_field_types", ()) if one.item.key == definition.type)
    return typed_field(definition, next(found, None))


def definition_of(record: CustomField) -> FieldDefinition:
    return FieldDefinition(
        record.id, record.key, record.label, record.type, record.help, record.options, record.is_required, record.is_unique,
        record.default, record.position, record.on_card, record.in_list, record.archived_at is not None, record.record_type,
        record.rewrite,
    )  # fmt: skip


def index_names() -> frozenset[str]:
    """The indexes of custom fields that are there."""
    known = "select name from sqlite_master where type = 'index'" if is_sqlite() else "select indexname from pg_indexes"
    return frozenset(name for (name,) in rows(known) if name.startswith(INDEX_PREFIX) and name[len(INDEX_PREFIX)].isdigit())


def field_types() -> dict[str, FieldType]:
    """The types there are, by key."""
    return registry().by_key("register_field_types")


def read_people() -> dict[int, PersonName]:
    """Everybody a field may name. One statement."""
    return {user.id: PersonName(user.name, user.email, user.is_active) for user in users_by_name()}


def field_context(settings: Instance, *, actor: Actor | None = None, **more: Any) -> FieldContext:
    """What types may know, of the instance and, by `actor` and `more`, of the reader or the file."""
    known = {
        "language": settings.language, "currency": settings.currency, "phone_region": settings.phone_region,
        "time_zone": settings.time_zone, "locale": settings.language, "find_people": read_people,
        "records": RecordNames(actor),
    }  # fmt: skip
    if actor is not None:
        known["actor_id"] = actor.id
    today = more.pop("today", None) or today_in(settings.time_zone)
    return FieldContext(**{**known, "today": today, **more})


def expect_records(fields: Iterable[BoundField], values: Iterable[Mapping[str, Any]], context: FieldContext) -> None:
    """Say what the values of a page point to, before the first of it is shown: it is read in one go."""
    pointing = [one for one in fields if one.points]
    for stored in values if pointing else ():
        for one in pointing:
            for record_type, record_id in one.records(stored.get(one.key)):
                context.records.want(record_type, [record_id])


def value_where(bound_field: BoundField, operator: Any, operand: Any, alias: str) -> Where:
    """The SQL of a filter by one field."""
    sql = ValueSql(bound_field.key, alias)
    return bound_field.ask("condition", lambda kind: kind.condition(operator, operand, bound_field.definition, sql))
