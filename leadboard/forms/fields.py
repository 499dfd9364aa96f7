"""The form of a custom field, as an admin shapes it: what every field has, and what its type asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from leadboard.contributions import Tone
from leadboard.domain.custom_fields import HELP_LIMIT, LABEL_LIMIT
from leadboard.errors import N_, LeadboardError, Refused
from leadboard.fieldtypes import FieldContext, FieldDefinition, FieldOption
from leadboard.forms.base import choices
from leadboard.forms.custom_inputs import control_of, input_of, read_input
from leadboard.forms.settings import TONE_NAMES, SeenForm
from leadboard.http import message_of
from leadboard.queries.custom_fields import BoundField, bound_to_type

SHOWN = ("label", "help", "options", "is_required", "is_unique", "default", "on_card", "in_list")
OPTION = "option-"
BECOMES = "becomes-"
NOTHING = "-"
SPARE_ROWS = 3


class FieldForm(SeenForm):
    label = StringField(_("Label"), validators=[InputRequired(_("Type a name."))], render_kw={"maxlength": LABEL_LIMIT})
    help = TextAreaField(
        _("Help"), description=_("Shown under the field in forms."), render_kw={"rows": 2, "maxlength": HELP_LIMIT}
    )
    is_required = BooleanField(_("Required"), description=_("Forms, quick add and the API ask for it, and nobody can empty it."))
    is_unique = BooleanField(_("Unique"), description=_("A value that another record has is refused."))
    in_list = BooleanField(_("A column of the list"))
    on_card = BooleanField(_("On the cards of the board"))
    # What the type refused of its options; they are several inputs.
    options_errors = ""

    def show_error(self, error: LeadboardError) -> None:
        if error.field == "options":
            self.options_errors = message_of(error)
        else:
            super().show_error(error)


class NewFieldForm(FieldForm):
    key = StringField(
        _("Key"), description=_("For addresses, imports and the API; it stays for ever. Left empty, it is made of the label."),
        render_kw={"maxlength": 40, "dir": "ltr", "autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


@dataclass(frozen=True)
class ChoiceRow:
    """A choice as it was typed; `key` is "" until it is saved."""

    key: str = ""
    label: str = ""
    tone: str = Tone.GREY


@dataclass
class FieldEditor:
    """The form of one field with the parts that its type brings. `choices` is None where the type has none."""

    form: FieldForm
    bound: BoundField
    context: FieldContext
    options: Sequence[FieldOption]
    choices: list[ChoiceRow] | None
    has_default: bool

    def option_field(self, option: FieldOption) -> Any:
        return self.form[f"{OPTION}{option.name}"]

    def typed_options(self) -> dict[str, Any]:
        """The options as the type is asked to check them."""
        typed = {option.name: str(self.option_field(option).data or "") for option in self.options}
        return _read_options(self.options, typed, self.choices)

    def values(self) -> dict[str, Any]:
        """The arguments of add_field() and change_field(). Raises Refused."""
        form, definition = self.form, self.bound.definition
        options = self.bound.ask("options", lambda kind: kind.clean_options(self.typed_options(), self.context))
        found = {
            "label": form.text("label"), "help": form.text("help"), "options": options,
            "is_required": form.is_required.data, "is_unique": self._ticked("is_unique"),
            "in_list": form.in_list.data, "on_card": self._ticked("on_card"), "default": definition.default,
        }  # fmt: skip
        if self.has_default:
            asked = replace(self.bound, definition=replace(definition, key="default", label=gettext("Default"), options=options))
            text = str(form["default"].data or "")
            try:
                found["default"] = read_input(asked, text, self.context)
            except Refused as refusal:
                refusal.field = "default"
                raise
        return found

    def _ticked(self, name: str) -> bool:
        """A box that not every form has."""
        return name in self.form and bool(self.form[name].data)

    def becomes(self) -> dict[str, str | None]:
        """{choice that goes: what its values become}, of those that were chosen."""
        found = {name.removeprefix(BECOMES): text for name, text in request.form.items() if name.startswith(BECOMES) and text}
        return {key: None if text == NOTHING else text for key, text in found.items()}


def edit_field(
    definition: FieldDefinition, context: FieldContext, typed: Any = None, *, only_options: bool = False
) -> FieldEditor:
    """The form of a field, or of one that is about to be made (id 0); with what was typed. Raises Refused."""
    bound = bound_to_type(definition)
    if bound.type is None:
        raise bound.off()
    options = list(bound.ask("option_inputs", lambda kind: kind.option_inputs(context)))
    rows = _rows(definition, typed) if bound.type.has_choices else None
    attributes = {f"{OPTION}{option.name}": _option_control(option) for option in options}
    draft = _draft(definition, bound, options, rows, typed, context)
    has_default = draft is not None and not only_options
    if draft is not None and has_default:
        attributes["default"] = control_of(
            input_of(draft, context), gettext("Default"), "default", gettext("What a new record begins with.")
        )
    made = type("MadeFieldForm", (NewFieldForm if definition.id == 0 else FieldForm,), attributes)
    shown = {name: getattr(definition, name) for name in SHOWN if name not in {"options", "default"}}
    shown |= {f"{OPTION}{option.name}": str(definition.options.get(option.name, "")) for option in options}
    if draft is not None and has_default:
        shown["default"] = draft.to_input(definition.default, context)
    form = made(typed, data=shown)
    if draft is not None and has_default:
        _offer(form["default"], draft, context)
    for option in options:
        _offer(form[f"{OPTION}{option.name}"], option, context)
    if not bound.type.can_be_unique:
        del form.is_unique
    if definition.record_type != "lead":
        del form.on_card
    return FieldEditor(form, bound, context, options, rows, has_default)


def remember(editor: FieldEditor, shown: Mapping[str, Any] | None = None) -> None:
    """What the form shows now, so that somebody else's change in the meantime is noticed."""
    definition = editor.bound.definition
    found = shown if shown is not None else {name: getattr(definition, name) for name in SHOWN}
    editor.form.remember({name: dict(value) if isinstance(value, Mapping) else value for name, value in found.items()})


def arranged(rows: Sequence[ChoiceRow], how: str) -> list[ChoiceRow]:
    """The rows after one of the buttons beside them: up:3, down:3, remove:3, more."""
    found = list(rows)
    verb, _colon, text = how.partition(":")
    place = int(text) if text.isdecimal() and len(text) < 5 else -1
    if verb == "more":
        return [*found, *[ChoiceRow()] * SPARE_ROWS]
    if 0 <= place < len(found):
        row = found.pop(place)
        if verb in {"up", "down"}:
            found.insert(max(0, place + (1 if verb == "down" else -1)), row)
    return found


def tone_choices() -> list[tuple[str, str]]:
    return [(tone, str(TONE_NAMES[tone])) for tone in Tone]


def _rows(definition: FieldDefinition, typed: Any) -> list[ChoiceRow]:
    if typed is None:
        kept = [
            ChoiceRow(**{name: one[name] for name in ("key", "label", "tone")}) for one in definition.options.get("choices", ())
        ]
        return kept or [ChoiceRow()] * SPARE_ROWS
    columns = [typed.getlist(f"choice-{name}")[:300] for name in ("key", "label", "tone")]
    return [ChoiceRow(key, label, tone if tone in list(Tone) else Tone.GREY) for key, label, tone in zip(*columns, strict=False)]


def _draft(
    definition: FieldDefinition, bound: BoundField, options: Sequence[FieldOption], rows: Sequence[ChoiceRow] | None,
    typed: Any, context: FieldContext,
) -> BoundField | None:  # fmt: skip
    """The field as it is typed so far, whose control asks for the default; None as long as its options are not complete."""
    if typed is None and definition.id:
        return bound
    given = {option.name: str(typed.get(f"{OPTION}{option.name}", "")) if typed is not None else "" for option in options}
    try:
        found = _read_options(options, given, rows)
        cleaned = bound.ask("options", lambda kind: kind.clean_options(found, context))
    except Refused:
        return None
    return replace(bound, definition=replace(definition, options=cleaned))


def _read_options(options: Sequence[FieldOption], typed: Mapping[str, str], rows: Sequence[ChoiceRow] | None) -> dict[str, Any]:
    """What the type checks. Raises Refused."""
    texts = [(option, text) for option in options if (text := typed[option.name].strip())]
    found: dict[str, Any] = {option.name: _number(option, text) if option.is_number else text for option, text in texts}
    if rows is not None:
        found["choices"] = [
            {"key": row.key, "label": row.label, "tone": row.tone} for row in rows if row.key or row.label.strip()
        ]
    return found


def _option_control(option: FieldOption) -> Any:
    return control_of(option.input, gettext(option.label), f"{OPTION}{option.name}", gettext(option.help) if option.help else "")


def _offer(control: Any, of: BoundField | FieldOption, context: FieldContext) -> None:
    wanted = input_of(of, context) if isinstance(of, BoundField) else of.input
    known = [(text, gettext(label)) for text, label in wanted.choices]
    if isinstance(control, SelectField):
        control.choices = choices([("", gettext("Not set")), *known])
    elif wanted.choices:
        control.choices = known


def _number(option: FieldOption, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refused(N_("%(label)s must be a whole number."), field="options", label=gettext(option.label)) from error
