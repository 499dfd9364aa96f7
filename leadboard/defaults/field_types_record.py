"""Types whose values are another record: a lead, a contact, an organisation. The value is its id.

An id may point to what the reader does not see: its name is told to nobody else. A record that was merged into another
one stands for that one.
"""

from collections.abc import Sequence
from typing import Any

from leadboard.api import N_, FieldContext, FieldDefinition, FieldType, Input, Operator, Refused, Shown, Storage, ValueSql
from leadboard.db import Where
from leadboard.lib.ids import is_id
from leadboard.queries.record_names import number_of

MAX_ID = 2**53 - 1


class RecordType(FieldType):
    """The base of the three; the key of each is the type of records that it points to."""

    storage = Storage.NUMBER
    operators = (Operator.IS,)
    is_sortable = False

    def input(self, field: FieldDefinition, context: FieldContext) -> Input:
        return Input(attributes={"placeholder": context.translate(N_("Name, e-mail or #number"))}, suggests=self.key)

    def check(self, value: Any, field: FieldDefinition, context: FieldContext) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_ID:
            raise Refused(N_("%(label)s must be the number of a record."), field=field.name, label=field.label)
        if not context.records.exists(self.key, value):
            raise Refused(N_("There is no #%(id)s any more. Choose another one."), field=field.name, id=value)
        return value

    def from_cell(self, text: str, field: FieldDefinition, context: FieldContext) -> int:
        """A name, an e-mail address or a number of elsewhere that only one has; or a name with the number here, which must be its."""
        number = number_of(text)
        name = text.strip() if number is None else text.strip().rpartition("#")[0].strip()
        if number is not None and not name:
            return self.check(number, field, context)
        found = context.records.search(self.key, name)
        if number is not None:
            found = [one for one in found if one.id == number] or found
        if len(found) == 1:
            return found[0].id
        if found:
            told = ", ".join(f"{one.name} #{one.id}" for one in found)
            raise Refused(
                N_("Several are called “%(text)s”. Say which: %(known)s."), field=field.name, text=name[:60], known=told[:500]
            )
        raise Refused(
            N_("“%(text)s” is not found. Use a name, an e-mail address or a number such as #12."),
            field=field.name,
            text=name[:60],
        )

    def to_cell(self, value: int, field: FieldDefinition, context: FieldContext) -> str:
        found = context.records.name(self.key, value)
        return f"{found.name} #{found.id}" if found else f"#{value}"

    def show(self, value: int, field: FieldDefinition, context: FieldContext) -> Shown:
        found = context.records.name(self.key, value)
        if found is None:
            return Shown(context.translate(N_("in the bin, or not for you to see")))
        return Shown(found.name, f"/{self.key}s/{found.id}")

    def records(self, value: Any, field: FieldDefinition) -> Sequence[tuple[str, int]]:
        return [(self.key, value)]

    def operand(self, operator: Operator, text: str, field: FieldDefinition, context: FieldContext) -> list[int]:
        number = int(text) if is_id(text.strip()) else self.from_cell(text, field, context)
        kept = context.records.name(self.key, number)
        return context.records.same(self.key, kept.id if kept else number)

    def condition(self, operator: Operator, operand: Any, field: FieldDefinition, sql: ValueSql) -> Where:
        return f"{self.comparable(field, sql)} in ({', '.join('?' * len(operand))})", list(operand)

    def schema(self, field: FieldDefinition) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1, "maximum": MAX_ID, "description": f"The id of one of the {self.key}s"}


class LeadLinkType(RecordType):
    key = "lead"
    label = N_("Lead")
    icon = "user"
    about = N_("Another lead, by name, e-mail address or number.")


class ContactLinkType(RecordType):
    key = "contact"
    label = N_("Contact")
    icon = "users"
    about = N_("One of your contacts, such as an adviser.")


class OrganisationLinkType(RecordType):
    key = "organisation"
    label = N_("Organisation")
    icon = "building"
    about = N_("One of your organisations, such as a supplier.")
