"""What a type of custom fields is. Whatever there is to know about a value is asked of its type, nowhere else.

A value is plain JSON (text, number, true or false, a list of texts) and None when there is none; it is kept under the
field's key in `lead.fields`. A type says how it is typed, checked, shown, compared, read from a file and written to one:
a new type works in forms, on pages, in lists, filters, imports, exports and the API at once.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol

from leadboard.db import Where, is_sqlite
from leadboard.errors import N_, Refused

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
PREFIX = "fields."


@dataclass(frozen=True)
class FieldDefinition:
    """A custom field of leads, contacts or organisations (`record_type`) as an admin made it. `options` are what its type has checked; `default` is a checked value or None.

    `rewrite` says what is being done to all its values just now.
    """

    id: int
    key: str
    label: str
    type: str
    help: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    is_required: bool = False
    is_unique: bool = False
    default: Any = None
    position: int = 0
    on_card: bool = False
    in_list: bool = False
    is_archived: bool = False
    record_type: str = "lead"
    rewrite: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """What forms, events and mappings call it: fields.budget."""
        return PREFIX + self.key


class PersonName(NamedTuple):
    """Somebody a field may name."""

    name: str
    email: str
    is_active: bool


class RecordName(NamedTuple):
    """A record that a field may point to."""

    id: int
    name: str


class Records(Protocol):
    """The leads, contacts and organisations that values point to, as far as the reader may see them."""

    def want(self, record_type: str, ids: Iterable[int]) -> None: ...
    def name(self, record_type: str, record_id: int) -> RecordName | None: ...
    def exists(self, record_type: str, record_id: int) -> bool: ...
    def same(self, record_type: str, record_id: int) -> list[int]: ...
    def search(self, record_type: str, text: str) -> list[RecordName]: ...


class _NoRecords:
    """Where there is no database to ask."""

    def want(self, record_type: str, ids: Iterable[int]) -> None:
        """Nothing is read."""

    def name(self, record_type: str, record_id: int) -> RecordName | None:
        return None

    def exists(self, record_type: str, record_id: int) -> bool:
        return False

    def same(self, record_type: str, record_id: int) -> list[int]:
        return [record_id]

    def search(self, record_type: str, text: str) -> list[RecordName]:
        return []


class Formatting(Protocol):
    """The part of formats.Formats that showing a value needs."""

    def money(self, amount: int | None, currency: str | None = None, *, short: bool = False) -> str: ...
    def day(self, day: date | str | None) -> str: ...
    def moment(self, at: Any) -> str: ...


@dataclass(frozen=True)
class FieldContext:
    """The instance and the reader, or the file: `locale` tells the decimal mark, `day_first` what 3/4 is.

    `people` is read when first asked for, `records` those that a value points to; `fmt` is there where values are shown.
    """

    language: str
    currency: str
    phone_region: str
    time_zone: str
    locale: str
    today: date
    day_first: bool = True
    fmt: Formatting | None = None
    find_people: Callable[[], Mapping[int, PersonName]] = dict
    actor_id: int | None = None
    translate: Callable[[str], str] = str
    records: Records = field(default_factory=_NoRecords)

    @cached_property
    def people(self) -> Mapping[int, PersonName]:
        """{id: name} of everybody, also of those who left."""
        return self.find_people()


class Control(StrEnum):
    """What a value is typed into."""

    LINE = "line"
    TEXT = "text"
    ONE = "one"
    MANY = "many"


@dataclass(frozen=True)
class Input:
    """A control with its attributes; `choices` are (text, label) of ONE and MANY, without the empty one.

    A LINE that `suggests` a type of records ("lead", "contact", "organisation") offers, while somebody types, those that they
    may see; what is taken is typed as "Acme #12".
    """

    control: Control = Control.LINE
    attributes: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[tuple[str, str]] = ()
    suggests: str = ""


@dataclass(frozen=True)
class FieldOption:
    """An option of a field type, as an admin types it: its text, or a whole number, comes to clean_options() as `name`."""

    name: str
    label: str
    input: Input = Input()
    help: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class Shown:
    """A value as a reader sees it: always a text; `url` makes a link of it, `tags` are (tone, text) drawn in its place."""

    text: str
    url: str = ""
    tags: tuple[tuple[str, str], ...] = ()


class Storage(StrEnum):
    """What kind of JSON a type's values are."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    LIST = "list"


class Operator(StrEnum):
    """The ways to filter. `f.key=…` is IS, the others are `f.key.contains=…` and so on; EMPTY takes 1 or 0."""

    IS = "is"
    CONTAINS = "contains"
    FROM = "from"
    TO = "to"
    EMPTY = "empty"


class ValueSql:
    """SQL of one field's value in the lead table `alias`, the same text everywhere so that its index is found."""

    def __init__(self, key: str, alias: str = "lead") -> None:
        if not KEY.fullmatch(key):
            raise ValueError(key)
        self._key, self._lead = key, alias

    def _text_of(self, column: str, key: str) -> str:
        if is_sqlite():
            return f"json_extract({self._lead}.{column}, '$.{key}')"
        return f"(({self._lead}.{column}->>'{key}') collate \"C\")"

    @property
    def text(self) -> str:
        return self._text_of("fields", self._key)

    @property
    def number(self) -> str:
        if is_sqlite():
            return self.text
        value = f"({self._lead}.fields->'{self._key}')"
        return f"(case when jsonb_typeof({value}) = 'number' then {value}::numeric end)"

    @property
    def flag(self) -> str:
        """1 or 0."""
        if is_sqlite():
            return self.text
        return f"(case {self._lead}.fields->>'{self._key}' when 'true' then 1 when 'false' then 0 end)"

    @property
    def sort_key(self) -> str:
        """What the type's sort_key() gave when the value was written."""
        return self._text_of("field_keys", f"S{self._key}")

    @property
    def folded(self) -> str:
        """What the type's folded() gave when the value was written."""
        return self._text_of("field_keys", f"T{self._key}")

    @property
    def items(self) -> str:
        """A list, as it is indexed: its JSON text on SQLite, jsonb for a GIN index on PostgreSQL."""
        return self.text if is_sqlite() else f"({self._lead}.fields->'{self._key}')"

    def holds(self, text: str) -> Where:
        """Whether a list has this text in it, which is made of a-z, 0-9 and _."""
        if is_sqlite():
            # The first test keeps to the leads that have a list at all, by the index.
            return f"({self.items} >= '[' and instr({self.items}, ?) > 0)", [f'"{text}"']
        return f"{self.items} @> cast(? as jsonb)", [f'["{text}"]']

    @property
    def raw(self) -> str:
        """The value as JSON text."""
        if is_sqlite():
            return f"{self._lead}.fields->'$.{self._key}'"
        return f"({self._lead}.fields->'{self._key}')::text"

    @property
    def is_empty(self) -> str:
        return f"{self.text} is null"


class FieldType:
    """The base of all types; registered by the hook register_field_types(). Everything has a default that suits plain text.

    Errors for the user are `Refused(…, field=field.name)`. `key` is "text" or, in a plugin, "plugin_name.iban". A type whose
    values are no texts sets `storage` and writes check() of its own; then from_cell() reads what to_cell() wrote. `reads_as`
    is "number" or "day" where a file's columns have to be looked at first. `fixed_options` stay once a lead has a value.
    """

    key: ClassVar[str] = ""
    label: ClassVar[str] = ""
    icon: ClassVar[str] = "info-circle"
    storage: ClassVar[Storage] = Storage.TEXT
    is_sortable: ClassVar[bool] = True
    is_indexed: ClassVar[bool] = True
    can_be_unique: ClassVar[bool] = True
    operators: ClassVar[tuple[Operator, ...]] = (Operator.IS, Operator.CONTAINS)
    # "number" or "day": an import looks at all rows of a column first, and tells by `context` how they are written there.
    reads_as: ClassVar[str] = ""
    # Options that stay as they are once a lead has a value.
    fixed_options: ClassVar[tuple[str, ...]] = ()
    # One sentence for the admin who chooses a type: what it is for.
    about: ClassVar[str] = ""
    # Whether `options` have a list of `choices`, each with key, label and tone: the page of the field then has a table of them.
    has_choices: ClassVar[bool] = False
    # The types whose fields can be turned into this one: from_cell() here reads what to_cell() there wrote. None: all.
    reads_types: ClassVar[frozenset[str] | None] = frozenset({"text", "long_text"})

    # ------------------------------------------------------------------------------------------ the definition

    def clean_options(self, options: Mapping[str, Any], context: FieldContext) -> dict[str, Any]:
        """The options of a field of this type, complete. Raises Refused(field="options")."""
        if options:
            raise Refused(N_("A field of this type has no option %(name)s."), field="options", name=next(iter(options)))
        return {}

    def option_inputs(self, context: FieldContext) -> Sequence[FieldOption]:
        """How the options, but for `choices`, are typed on the page of a field."""
        return ()

    # ------------------------------------------------------------------------------------------ forms

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        """What the value is typed into."""
        return Input(attributes={"dir": "auto"})

    def to_input(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        """The text that from_input() reads as this value. Of MANY the chosen texts, joined by commas."""
        return self.to_cell(value, field, context)

    def from_input(self, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        """The value of what somebody typed; never called with nothing. Raises Refused."""
        return self.from_cell(text, field, context)

    # ------------------------------------------------------------------------------------------ the value

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> Any:
        """A JSON value as it is kept, or None when it is none. Every write ends here. Raises Refused."""
        if not isinstance(value, str):
            raise Refused(N_("%(label)s must be a text."), field=field.name, label=field.label)
        return value.strip() or None

    def show(self, value: Any, field: FieldDefinition, context: FieldContext) -> Shown:
        """The value as a reader sees it."""
        return Shown(self.to_cell(value, field, context))

    def records(self, value: Any, field: FieldDefinition) -> Sequence[tuple[str, int]]:
        """(record type, id) of what a value points to: those of a whole page are read at once, for context.records."""
        return ()

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        """The JSON schema of a value, for the API."""
        return {
            "type": {Storage.TEXT: "string", Storage.NUMBER: "number", Storage.FLAG: "boolean", Storage.LIST: "array"}[
                self.storage
            ]
        }

    # ------------------------------------------------------------------------------------------ files

    def to_cell(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        """The value in a file: from_cell() reads it as the same one, whatever the language."""
        return str(value)

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        """The value of a cell, or of an argument of an address. Raises Refused with a reason for the list of rejected rows."""
        return self.check(text, field, context)

    # ------------------------------------------------------------------------------------------ order and filter

    def sort_key(self, value: Any, field: FieldDefinition, context: FieldContext) -> str | None:
        """A text by which values are put in order and found, where the value itself will not do. Kept beside the value."""
        return None

    def folded(self, value: Any, field: FieldDefinition, context: FieldContext) -> str | None:
        """The text in which CONTAINS looks, as leadboard.api.fold() makes it. Kept beside the value."""
        return None

    def comparable(self, field: FieldDefinition, sql: ValueSql) -> str:
        """The expression that the field is sorted, filtered and indexed by."""
        return {Storage.NUMBER: sql.number, Storage.FLAG: sql.flag, Storage.LIST: sql.items}.get(self.storage, sql.text)

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        """What an argument of an address compares with. Raises Refused."""
        return self.from_cell(text, field, context)

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        """The SQL of a filter over what operand() gave."""
        expression = self.comparable(field, sql)
        if operator is Operator.CONTAINS:
            found, params = contains_sql(sql.folded, str(operand))
            # The first test keeps to the leads that have a value at all, by the index.
            return f"({expression} >= '' and {found})", params
        sign = {Operator.IS: "=", Operator.FROM: ">=", Operator.TO: "<="}[operator]
        return f"{expression} {sign} ?", [bound(operand)]


def contains_sql(expression: str, text: str) -> Where:
    """Whether a text has another one in it."""
    if is_sqlite():
        return f"instr({expression}, ?) > 0", [text]
    return f"position(? in {expression}) > 0", [text]


def bound(value: Any) -> Any:
    """A value as a statement's parameter: numbers as the engine keeps them, true and false as 1 and 0."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and not is_sqlite():
        return Decimal(repr(value))
    return value
