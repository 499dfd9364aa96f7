"""Types with an order: numbers, amounts of money, days, moments."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from leadboard.api import (
    N_,
    FieldContext,
    FieldDefinition,
    FieldOption,
    FieldType,
    Input,
    Operator,
    Refused,
    Shown,
    Storage,
    ValueSql,
)
from leadboard.db import Where
from leadboard.lib.dates import DayError, iso_utc, parse_day
from leadboard.lib.money import LARGEST_AMOUNT, AmountError, is_currency, minor_digits, read_amount
from leadboard.lib.numbers import NumberError, decimal_mark, format_number, read_number, write_number
from leadboard.lib.text import to_ascii_digits

_RANGE = (Operator.IS, Operator.FROM, Operator.TO)
# With its zone: what has none would be anybody's guess.
_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$"
MOST_DECIMALS = 6
# More digits are not kept exactly by everything that reads JSON.
DIGITS = 15


class NumberType(FieldType):
    """A number, with as many decimals as the field says (none unless told)."""

    key = "number"
    label = N_("Number")
    icon = "hash"
    about = N_("Amounts, sizes, counts. Sorted by size, filtered by from and to.")
    reads_types = frozenset({"text", "long_text", "money", "choice"})
    storage = Storage.NUMBER
    operators = _RANGE
    reads_as = "number"

    def clean_options(self, options: Mapping[str, Any], context: FieldContext) -> dict[str, Any]:
        rest = dict(options)
        decimals = rest.pop("decimals", 0)
        super().clean_options(rest, context)
        if not isinstance(decimals, int) or not 0 <= decimals <= MOST_DECIMALS:
            raise Refused(N_("The number of decimals is 0 to %(most)d."), field="options", most=MOST_DECIMALS)
        return {"decimals": decimals}

    def option_inputs(self, context: FieldContext) -> Sequence[FieldOption]:
        control = Input(attributes={"type": "number", "min": "0", "max": str(MOST_DECIMALS), "placeholder": "0"})
        return [
            FieldOption(
                "decimals", N_("Decimals"), control, N_("How many digits behind the decimal mark, 0 to 6."), is_number=True
            )
        ]

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"inputmode": "decimal" if field.options["decimals"] else "numeric"})

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            raise Refused(N_("%(label)s must be a number."), field=field.name, label=field.label)
        decimals = field.options["decimals"]
        most = 10 ** (DIGITS - decimals)
        if not -most < value < most:
            raise Refused(
                N_("%(label)s is too large: at most %(most)d digits."),
                field=field.name,
                label=field.label,
                most=DIGITS - decimals,
            )
        exact = Decimal(repr(value))
        if exact != round(exact, decimals):
            if decimals == 0:
                raise Refused(N_("%(label)s must be a whole number."), field=field.name, label=field.label)
            raise Refused(N_("%(label)s has at most %(most)d decimals."), field=field.name, label=field.label, most=decimals)
        return int(value) if value == int(value) else float(value)

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> int | float | None:
        try:
            found = read_number(text, context.locale)
        except NumberError as error:
            raise Refused(
                N_("“%(text)s” is not a number. Write it like 1234 or 12.5."), field=field.name, text=text.strip()[:40]
            ) from error
        return self.check(int(found) if found == int(found) else float(found), field, context)

    def to_cell(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return write_number(Decimal(repr(value)))

    def to_input(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return write_number(Decimal(repr(value)), decimal_mark(context.locale))

    def show(self, value: Any, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(format_number(Decimal(repr(value)), context.locale, field.options["decimals"]))

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        decimals = field.options["decimals"]
        most = 10 ** (DIGITS - decimals)
        bounds = {"exclusiveMinimum": -most, "exclusiveMaximum": most}
        return {"type": "number" if decimals else "integer", **bounds}


class MoneyType(FieldType):
    """An amount in the field's currency; the value is in its minor units."""

    key = "money"
    label = N_("Money")
    icon = "coin"
    about = N_("An amount in one currency, typed as 1,234.50 or 12k.")
    reads_types = frozenset({"text", "long_text", "number", "choice"})
    storage = Storage.NUMBER
    operators = _RANGE
    reads_as = "number"
    fixed_options = ("currency",)

    def clean_options(self, options: Mapping[str, Any], context: FieldContext) -> dict[str, Any]:
        rest = dict(options)
        currency = str(rest.pop("currency", "") or context.currency).upper()
        super().clean_options(rest, context)
        if not is_currency(currency):
            raise Refused(N_("A currency is three letters, e.g. EUR."), field="options")
        return {"currency": currency}

    def option_inputs(self, context: FieldContext) -> Sequence[FieldOption]:
        control = Input(
            attributes={"placeholder": context.currency, "maxlength": "3", "dir": "ltr", "autocapitalize": "characters"}
        )
        return [FieldOption("currency", N_("Currency"), control, N_("Three letters. It stays once there are amounts."))]

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"inputmode": "text", "placeholder": field.options["currency"]})

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_AMOUNT:
            raise Refused(
                N_("%(label)s must be an amount in the smallest unit of %(currency)s, 0 or more."),
                field=field.name, label=field.label, currency=field.options["currency"],
            )  # fmt: skip
        return value

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> int:
        currency = field.options["currency"]
        try:
            amount, found = read_amount(text, currency, context.locale)
        except AmountError as error:
            raise Refused(
                N_("%(text)s is not an amount. Write it like 1234.50 or 12k."), field=field.name, text=text.strip()[:40]
            ) from error
        if found != currency:
            raise Refused(
                N_("“%(text)s” is not in %(currency)s, the currency of this field."),
                field=field.name, text=text.strip()[:40], currency=currency,
            )  # fmt: skip
        return amount

    def _exact(self, value: int, field: FieldDefinition) -> Decimal:
        return Decimal(value).scaleb(-minor_digits(field.options["currency"]))

    def to_cell(self, value: int, field: FieldDefinition, context: FieldContext) -> str:
        return write_number(self._exact(value, field))

    def to_input(self, value: int, field: FieldDefinition, context: FieldContext) -> str:
        return write_number(self._exact(value, field), decimal_mark(context.locale))

    def show(self, value: int, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(context.fmt.money(value, field.options["currency"]) if context.fmt else self.to_cell(value, field, context))

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {
            "type": "integer",
            "minimum": 0,
            "maximum": LARGEST_AMOUNT,
            "description": f"Minor units of {field.options['currency']}",
        }


class DayType(FieldType):
    key = "day"
    label = N_("Date")
    icon = "calendar"
    about = N_("A day, such as the end of a contract.")
    reads_types = frozenset({"text", "long_text", "moment"})
    operators = _RANGE
    reads_as = "day"

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"type": "date"})

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        try:
            found = date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise Refused(N_("%(label)s must be a day such as 2026-12-31."), field=field.name, label=field.label) from error
        return found.isoformat()

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> str:
        try:
            return parse_day(text, today=context.today, day_first=context.day_first).isoformat()
        except DayError as error:
            raise Refused(
                N_("%(text)s is not a day. Write it like 2026-11-20 or 20 Nov."), field=field.name, text=text.strip()[:40]
            ) from error

    def show(self, value: str, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(context.fmt.day(value) if context.fmt else value)

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


class MomentType(FieldType):
    """Date and time: typed and shown in the instance's zone, kept in UTC to the second."""

    key = "moment"
    label = N_("Date and time")
    icon = "clock"
    about = N_("A day with a time, in the time zone of your instance.")
    reads_types = frozenset({"text", "long_text", "day"})
    operators = _RANGE
    reads_as = "day"

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"type": "datetime-local"})

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        try:
            return self._kept(datetime.fromisoformat(value), "UTC")
        except (TypeError, ValueError, OverflowError) as error:
            raise Refused(
                N_("%(label)s must be a moment such as 2026-12-31T10:00:00Z."), field=field.name, label=field.label
            ) from error

    def _kept(self, found: datetime, zone: str) -> str:
        """One spelling, so that the order of texts is the order in time."""
        local = found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo(zone))
        if not 1900 <= local.year <= 2200:
            raise ValueError(local.year)
        return iso_utc(local.astimezone(UTC).replace(microsecond=0))

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> str:
        plain = to_ascii_digits(text).strip()
        if len(plain) > 10:
            try:
                return self._kept(
                    datetime.fromisoformat(plain.removesuffix(" UTC") + ("Z" if plain.endswith(" UTC") else "")),
                    context.time_zone,
                )
            except (ValueError, OverflowError):
                pass
        day = date.fromisoformat(DayType().from_cell(text, field, context))
        return self._kept(datetime.combine(day, time()), context.time_zone)

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        found = self.from_cell(text, field, context)
        if len(text.strip()) <= 10 and operator is not Operator.FROM:
            # A whole day: until its last second.
            day = self._local(found, context).date()
            end = self._kept(datetime.combine(day, time(23, 59, 59)), context.time_zone)
            return (found, end) if operator is Operator.IS else end
        return (found, found) if operator is Operator.IS else found

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        if operator is Operator.IS:
            return f"({sql.text} >= ? and {sql.text} <= ?)", list(operand)
        return super().condition(operator, operand, field, sql)

    def _local(self, value: str, context: FieldContext) -> datetime:
        return datetime.fromisoformat(value).astimezone(ZoneInfo(context.time_zone))

    def to_input(self, value: str, field: FieldDefinition, context: FieldContext) -> str:
        local = self._local(value, context).replace(tzinfo=None)
        return local.isoformat(timespec="seconds" if local.second else "minutes")

    def show(self, value: str, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(context.fmt.moment(datetime.fromisoformat(value)) if context.fmt else value)

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "string", "format": "date-time", "pattern": _MOMENT}
