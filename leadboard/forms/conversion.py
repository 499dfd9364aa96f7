"""The form of a record that a conversion makes: what a person sees of it before it is there."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import StringField

from leadboard.domain.record_rows import TABLES
from leadboard.errors import Refused
from leadboard.forms.base import Form
from leadboard.forms.custom_inputs import form_field, offer_choices, read_input, reader_context
from leadboard.forms.party_inputs import PartyField
from leadboard.models.record_fields import FieldKind
from leadboard.queries.custom_fields import BoundField

_ATTRIBUTES = {FieldKind.EMAIL: {"inputmode": "email", "autocapitalize": "none"}, FieldKind.PHONE: {"type": "tel"}}


class NewPartyForm(Form):
    """Some fields of a contact or an organisation; make one with new_party_form()."""

    names: tuple[str, ...] = ()
    custom: Mapping[str, BoundField] = {}

    def typed(self) -> dict[str, Any] | None:
        """{field: value}, or None when something cannot be taken: its field then has an error."""
        values: dict[str, Any] = {}
        for name in self.names:
            text = (self[name].data or "").strip()
            try:
                values[name] = read_input(self.custom[name], text, reader_context()) if name in self.custom else text
            except Refused as refusal:
                refusal.field = name
                self.show_error(refusal)
        return None if self.errors else values


def new_party_form(
    record_type: str, names: Sequence[str], custom: Sequence[BoundField], texts: Mapping[str, str], **options: Any
) -> NewPartyForm:
    """A form of these fields, with `texts` in them until something else is sent. Its inputs are called after the record type."""
    known = TABLES[record_type].fields
    fields: dict[str, Any] = {
        name: StringField(
            _(known[name].label),  # the literals are marked in party_fields.py
            render_kw={"autocomplete": "off", "dir": "auto", **_ATTRIBUTES.get(known[name].kind, {})},
        )
        for name in names
    }
    fields |= {field.name: _custom_field(record_type, field) for field in custom}
    by_name = {field.name: field for field in custom}
    made: type[NewPartyForm] = type("NewPartyForm", (NewPartyForm,), {"names": tuple(fields), "custom": by_name, **fields})
    form = made(data=dict(texts), prefix=f"{record_type}-", **options)
    offer_choices({name: form[name] for name in by_name}, list(custom), reader_context(), texts)
    return form


def _custom_field(record_type: str, field: BoundField) -> Any:
    """With an id of its own: both sides may have a field of that name."""
    made = form_field(field, reader_context())
    made.kwargs |= {"id": f"{record_type}-{made.kwargs['id']}"}
    return made


class OtherForm(Form):
    """Somebody who was not suggested, by name; make one with other_form()."""

    other: PartyField


def other_form(record_type: str, **options: Any) -> OtherForm:
    """The search of one side. Its input is called after the record type."""
    label = _("Another organisation") if record_type == "organisation" else _("Another person")
    made: type[OtherForm] = type("OtherForm", (OtherForm,), {"other": PartyField(label, record_type=record_type)})
    return made(prefix=f"{record_type}-", **options)
