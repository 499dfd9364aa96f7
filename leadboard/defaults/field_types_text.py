"""Types whose values are text: a line, several lines, an e-mail address, a phone number, a link."""

import re
from typing import Any, ClassVar

from leadboard.api import (
    N_,
    Control,
    FieldContext,
    FieldDefinition,
    FieldType,
    Input,
    Operator,
    Refused,
    Shown,
    ValueSql,
    clean_line,
    clean_text,
    fold,
    sort_key,
)
from leadboard.db import Where
from leadboard.fieldtypes import contains_sql
from leadboard.lib.emails import email_key
from leadboard.lib.links import web_address
from leadboard.lib.phones import phone_fragment, phone_keys

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
TEXTS = frozenset({"text", "long_text", "email", "phone", "link"})
_BEYOND = " "  # the sign behind the one that parts a sort key


class TextType(FieldType):
    """One line. IS goes by the letters: case and accents are the same."""

    key = "text"
    label = N_("Text")
    icon = "note"
    about = N_("One line: a name, a number of a customer, a code.")
    reads_types: ClassVar[frozenset[str] | None] = None
    limit: ClassVar[int] = 500

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> str | None:
        text = super().check(value, field, context)
        try:
            return self.clean(text or "") or None
        except ValueError as error:
            raise Refused(
                N_("%(label)s is too long: at most %(limit)d characters."), field=field.name, label=field.label, limit=self.limit
            ) from error

    def clean(self, text: str) -> str:
        return clean_line(text, self.limit)

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.limit}

    def sort_key(self, value: str, field: FieldDefinition, context: FieldContext) -> str | None:
        return sort_key(value, context.language)

    def folded(self, value: str, field: FieldDefinition, context: FieldContext) -> str | None:
        return fold(value)

    def comparable(self, field: FieldDefinition, sql: ValueSql) -> str:
        return sql.sort_key

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        return (
            fold(text) if operator is Operator.CONTAINS else (fold(text), sort_key(text, context.language).partition("\x1f")[0])
        )

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        if operator is Operator.CONTAINS:
            return super().condition(operator, operand, field, sql)
        folded, key = operand
        return f"({sql.sort_key} >= ? and {sql.sort_key} < ? and {sql.folded} = ?)", [key, key + _BEYOND, folded]


class LongTextType(TextType):
    """Several lines; found by what is in them."""

    key = "long_text"
    label = N_("Long text")
    icon = "file-text"
    about = N_("Several lines, found by search; for what has no list.")
    limit = 10_000
    is_sortable = False
    is_indexed = False
    can_be_unique = False
    operators = (Operator.CONTAINS,)

    def clean(self, text: str) -> str:
        return clean_text(text, self.limit)

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(Control.TEXT, {"rows": "4", "dir": "auto"})

    def sort_key(self, value: str, field: FieldDefinition, context: FieldContext) -> str | None:
        return None

    def comparable(self, field: FieldDefinition, sql: ValueSql) -> str:
        return sql.text


class EmailType(TextType):
    key = "email"
    label = N_("E-mail")
    icon = "mail"
    about = N_("A further e-mail address. Its form is checked.")
    reads_types = TEXTS
    limit = 254

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"inputmode": "email", "autocapitalize": "none", "spellcheck": "false", "dir": "auto"})

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> str | None:
        text = super().check(value, field, context)
        if text and email_key(text) is None:
            raise Refused(
                N_("%(text)s is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."),
                field=field.name,
                text=text[:60],
            )
        return text

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "string", "format": "email", "maxLength": self.limit}

    def show(self, value: str, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(value, f"mailto:{email_key(value) or value}")

    def sort_key(self, value: str, field: FieldDefinition, context: FieldContext) -> str | None:
        return email_key(value)

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        return fold(text) if operator is Operator.CONTAINS else email_key(text) or text.lower()

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        return FieldType.condition(self, operator, operand, field, sql)


class PhoneType(TextType):
    """As typed; found by its last digits, however they are written."""

    key = "phone"
    label = N_("Phone")
    icon = "phone"
    about = N_("A further number, found however it is written.")
    reads_types = TEXTS
    limit = 60
    is_sortable = False

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"type": "tel", "dir": "auto"})

    def show(self, value: str, field: FieldDefinition, context: FieldContext) -> Shown:
        e164 = phone_keys(value, context.phone_region)[0]
        return Shown(value, f"tel:{e164}" if e164 else "")

    def sort_key(self, value: str, field: FieldDefinition, context: FieldContext) -> str | None:
        return phone_keys(value, context.phone_region)[1][:40]

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        if operator is Operator.IS:
            return phone_keys(text, context.phone_region)[1]
        return phone_fragment(text) or ""

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        if operator is Operator.IS:
            return FieldType.condition(self, operator, operand, field, sql)
        found, params = contains_sql(sql.sort_key, operand)
        return f"({sql.sort_key} >= '' and {found})", params


class LinkType(TextType):
    key = "link"
    label = N_("Link")
    icon = "world"
    about = N_("A web address that opens by a click.")
    reads_types = TEXTS
    limit = 500

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false", "dir": "auto"})

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> str | None:
        text = super().check(value, field, context)
        if text and _SCHEME.match(text) and not text.lower().startswith(("http://", "https://")):
            raise Refused(N_("A link starts with https:// or http://."), field=field.name)
        return text

    def show(self, value: str, field: FieldDefinition, context: FieldContext) -> Shown:
        return Shown(value, web_address(value))

    def sort_key(self, value: str, field: FieldDefinition, context: FieldContext) -> str | None:
        return sort_key(re.sub(r"^https?://(www\.)?", "", value, flags=re.IGNORECASE), context.language)

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> Any:
        return fold(text) if operator is Operator.CONTAINS else (fold(text), self.sort_key(text, field, context) or "")
