"""The International Bank Account Number: ISO 13616, check digits by ISO 7064 MOD 97-10."""

import re
from typing import Any

from leadboard.api import N_, FieldContext, FieldDefinition, FieldType, Input, Operator, Refused, Shown

# Length by country: the IBAN registry of SWIFT, release 98.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22,
    "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22,
    "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30,
    "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
    "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
_SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BETWEEN = re.compile(r"[\s.\-_\u00a0\u200b-\u200f]+")


def compact(text: str) -> str:
    """The number without what people put between its groups, "IBAN" in front included."""
    plain = _BETWEEN.sub("", text).upper()
    return plain.removeprefix("IBAN").lstrip(":")


def is_valid(iban: str) -> bool:
    """Whether a compact IBAN has the length of its country and the right check digits."""
    if not _SHAPE.fullmatch(iban) or LENGTHS.get(iban[:2]) != len(iban):
        return False
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def grouped(iban: str) -> str:
    """In groups of four, as banks print it."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


class IbanType(FieldType):
    """Kept compact, shown in groups of four; found in whatever groups it is typed."""

    key = "iban_field.iban"
    label = N_("IBAN")
    icon = "coin"

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "maxlength": "60"})

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> str | None:
        text = super().check(value, field, context)
        if text is None:
            return None
        iban = compact(text[:100])
        if not is_valid(iban):
            raise Refused(
                N_("%(label)s: “%(text)s” is no IBAN. Look at it again, two digits may have changed places."),
                field=field.name, label=field.label, text=text[:60],
            )  # fmt: skip
        return iban

    def show(self, value: Any, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(grouped(value))

    def to_input(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return grouped(value)

    def folded(self, value: Any, field: FieldDefinition, context: FieldContext) -> str:
        return str(value).lower()

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        found = compact(text[:100])
        return found.lower() if operator is Operator.CONTAINS else found

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$"}
