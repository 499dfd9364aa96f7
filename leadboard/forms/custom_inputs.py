"""Custom fields in forms: the control that a type asks for, as a WTForms field, and what it is read with."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, cast

from flask import g
from flask_babel import gettext
from markupsafe import Markup
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import Field

from leadboard.errors import Refused
from leadboard.fieldtypes import Control, FieldContext, Input
from leadboard.forms.party_inputs import NumberedField
from leadboard.http import formats, instance
from leadboard.queries.custom_fields import BoundField, Fields, custom_fields, field_context


def known_fields(record_type: str = "lead") -> Fields:
    """The custom fields of this request. No statement."""
    return custom_fields(instance().revision, record_type)


def reader_context() -> FieldContext:
    """What types are told in this request, made when first needed: colleagues are read at most once."""
    if "field_context" not in g:
        fmt = formats()
        g.field_context = field_context(
            instance(), locale=fmt.locale, today=fmt.today, fmt=fmt, day_first=fmt.day_first, translate=gettext,
            actor=g.get("actor"),
        )  # fmt: skip
    return cast(FieldContext, g.field_context)


def dom_name(name: str) -> str:
    """A field's name as a part of ids: a dot would begin a class in a selector."""
    return name.replace(".", "-")


class TicksField(Field):
    """Any of several choices as boxes to tick; its data is one text, the ticked values joined by commas."""

    choices: Sequence[tuple[str, str]] = ()

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = ",".join(value for value in valuelist if value)

    def __call__(self, **attributes: Any) -> Markup:
        """The empty hidden input says that the form has the field, also when nothing is ticked."""
        ticked = set((self.data or "").split(","))
        boxes = [
            Markup(
                '<div class="form-check"><input class="form-check-input" type="checkbox" id="{id}-{value}" name="{name}" value="{value}"{on}>'
                '<label class="form-check-label" for="{id}-{value}">{label}</label></div>'
            ).format(id=self.id, name=self.name, value=value, label=label, on=Markup(" checked") if value in ticked else "")
            for value, label in self.choices
        ]
        return Markup('<div role="group" id="{}" aria-label="{}"><input type="hidden" name="{}" value="">{}</div>').format(
            self.id, self.label.text, self.name, Markup("").join(boxes)
        )


class Needed:
    """Marks what must be filled; the domain says so when it is not."""

    field_flags: ClassVar[Mapping[str, bool]] = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        """A lead that never had a value may be edited without one."""


def input_of(field: BoundField, context: FieldContext) -> Input:
    """The control of a field; a plain line when its type cannot say."""
    try:
        return field.input(context)
    except Refused:
        return Input()


def form_field(field: BoundField, context: FieldContext) -> Any:
    """The field of a form class."""
    more: dict[str, Any] = {"validators": [Needed()]} if field.definition.is_required else {}
    return control_of(input_of(field, context), field.label, field.name, field.definition.help, **more)


def control_of(wanted: Input, label: str, name: str, description: str = "", **more: Any) -> Any:
    """The field of a form class that a control asks for."""
    if wanted.control is Control.LINE and wanted.suggests:
        more["record_type"] = wanted.suggests
        return NumberedField(
            label, id=dom_name(name), name=name, description=description, render_kw=dict(wanted.attributes), **more
        )
    kind = {Control.TEXT: TextAreaField, Control.ONE: SelectField, Control.MANY: TicksField}.get(wanted.control, StringField)
    attributes = {"autocomplete": "off", **wanted.attributes}
    if kind is SelectField:
        more |= {"choices": [], "validate_choice": False}
    return kind(label, id=dom_name(name), name=name, description=description, render_kw=attributes, **more)


def offer_choices(
    form_fields: Mapping[str, Any], fields: Sequence[BoundField], context: FieldContext, texts: Mapping[str, str]
) -> None:
    """Fill the lists of a form, each with the value that is set now although it is no longer offered."""
    for field in fields:
        wanted = input_of(field, context)
        known = [(text, gettext(label)) for text, label in wanted.choices]
        control = form_fields[field.name]
        if wanted.control is Control.ONE:
            current = texts.get(field.name, "")
            odd = [(current, current)] if current and current not in dict(known) else []
            control.choices = [("", gettext("Not set")), *odd, *known]
        elif wanted.control is Control.MANY:
            control.choices = known


def read_input(field: BoundField, text: str, context: FieldContext) -> Any:
    """The value of what was typed, as it is kept. Raises Refused."""
    return field.check(field.from_input(text, context), context)
