"""Custom fields of leads, contacts and organisations: the lists in their order, a new one, a field's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext

from leadboard.domain import custom_fields as domain
from leadboard.domain.field_rewrites import Begun, running, save_field
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.fieldtypes import FieldContext, FieldDefinition, FieldType
from leadboard.forms.base import Form
from leadboard.forms.custom_inputs import control_of, reader_context
from leadboard.forms.fields import FieldEditor, arranged, edit_field, remember, tone_choices
from leadboard.http import Toast, current_actor, go, is_fragment, needs, render
from leadboard.lib.ids import ids_in
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Permission
from leadboard.pluginhost.registry import registry
from leadboard.queries.custom_fields import BoundField, bound_to_type, custom_fields, every_field, field_types
from leadboard.queries.field_counts import Held, choice_counts, doubles
from leadboard.queries.field_history import deleted_fields, last_rewrite
from leadboard.web.saving import problem_with
from leadboard.web.shell import NavItem

bp = Blueprint("fields", __name__)

TAB_NAMES = {"lead": N_("Leads"), "contact": N_("Contacts"), "organisation": N_("Organisations")}
TAB_ICONS = {"lead": "layout-kanban", "contact": "users", "organisation": "building"}


@dataclass(frozen=True)
class TypeCard:
    """A type to choose; `sample` is its control, None where the type cannot show one."""

    type: FieldType
    plugin: str
    sample: Any


def field_of(field_id: int) -> BoundField:
    """Raises NotFound."""
    found = next((one for one in every_field() if one.definition.id == field_id), None)
    if found is None:
        raise NotFound(N_("This field is gone."))
    return found


def list_url(record_type: str) -> str:
    return url_for("fields.index") if record_type == "lead" else url_for("fields.index", of=record_type)


def _record_type() -> str:
    wanted = request.args.get("of", "lead")
    return wanted if wanted in RECORD_TYPES else "lead"


@bp.get("/admin/fields")
@needs(Permission.SETTINGS)
def index() -> Response:
    return render("fields/index.html", **_list_values(_record_type()))


@bp.get("/admin/fields/new")
@needs(Permission.SETTINGS)
def new() -> Response:
    """First the type, then the rest."""
    record_type, type_key = _record_type(), request.args.get("type", "")
    if type_key not in field_types():
        return render("fields/types.html", cards=_cards(reader_context()), **where(record_type))
    return _form_page(edit_field(_blank(record_type, type_key), reader_context()))


@bp.post("/admin/fields/new")
@needs(Permission.SETTINGS)
def add() -> Response:
    record_type, type_key = _record_type(), request.args.get("type", "")
    domain.known_type(type_key)
    editor = edit_field(_blank(record_type, type_key), reader_context(), request.form)
    if "arrange" in request.form:
        return _arranged(editor)
    made: list[FieldDefinition] = []

    def work() -> None:
        values = editor.values()
        label = values.pop("label")
        key = editor.form.text("key").strip()
        made.append(domain.add_field(label, type_key, key=key, record_type=record_type, actor=current_actor(), **values))

    if status := problem_with(editor.form, work):
        return _form_page(editor, status=status)
    text = gettext("“%(label)s” is there now: in forms, the list, filters, imports and exports.", label=made[0].label)
    return go(list_url(record_type), toast=Toast(text, "good"))


@bp.get("/admin/fields/<int:field_id>")
@needs(Permission.SETTINGS)
def detail(field_id: int) -> Response:
    field = field_of(field_id)
    if field.type is None:
        return render("fields/off.html", **where(field.definition.record_type), **state_values(field))
    editor = edit_field(field.definition, reader_context())
    remember(editor)
    return _form_page(editor)


@bp.post("/admin/fields/<int:field_id>")
@needs(Permission.SETTINGS)
def update(field_id: int) -> Response:
    field = field_of(field_id)
    editor = edit_field(field.definition, reader_context(), request.form)
    if "arrange" in request.form:
        return _arranged(editor)
    asked: list[tuple[dict[str, str], int]] = []
    same: list[Held] = []
    begun: list[Begun] = []

    def work() -> None:
        values, seen = editor.values(), editor.form.shown()
        going, becomes = _going(field, values), editor.becomes()
        if missing := [row for row in going if row[0]["key"] not in becomes]:
            asked.extend(going)
            raise Refused(N_("Records have “%(label)s”. Say what it becomes."), field="options", label=missing[0][0]["label"])
        becomes = {row["key"]: becomes[row["key"]] for row, _ in going}
        try:
            begun.append(save_field(
                field.key, record_type=field.definition.record_type, actor=current_actor(), seen=seen, becomes=becomes, **values
            ))  # fmt: skip
        except Refused as refusal:
            if refusal.field == "is_unique":
                same.extend(doubles(field, reader_context()))
            raise
        except Conflict as conflict:
            # Saved again, this one is written over theirs; what only they changed stays theirs.
            remember(editor, {**(seen or {}), str(conflict.field): conflict.details["theirs"]})
            raise

    status = problem_with(editor.form, work)
    if status:
        return _form_page(editor, asked=asked, same=same, status=status)
    if not begun[0].is_done:
        return go(url_for("fields.detail", field_id=field_id))
    return go(list_url(field.definition.record_type), toast=Toast(gettext("Saved."), "good", undo=begun[0].change_set_id or None))


@bp.post("/admin/fields/<int:field_id>/place")
@needs(Permission.SETTINGS)
def move(field_id: int) -> Response:
    definition = field_of(field_id).definition
    by = -1 if request.form.get("by") == "-1" else 1
    domain.move_field(definition.key, by=by, actor=current_actor(), record_type=definition.record_type)
    return _list(definition.record_type)


@bp.post("/admin/fields/order")
@needs(Permission.SETTINGS)
def order() -> Response:
    """The whole order after a drag: the fields' ids with commas. One that is gone by now is left out."""
    record_type = _record_type()
    known = {one.definition.id: one.key for one in custom_fields(None, record_type).active}
    wanted = [known[number] for number in ids_in(request.form.get("order", "")) if number in known]
    domain.order_fields(wanted, actor=current_actor(), record_type=record_type)
    return _list(record_type)


@bp.post("/admin/fields/<int:field_id>/archive")
@needs(Permission.SETTINGS)
def archive(field_id: int) -> Response:
    definition = field_of(field_id).definition
    is_archived = request.form.get("archived") == "1"
    domain.archive_field(definition.key, is_archived=is_archived, actor=current_actor(), record_type=definition.record_type)
    text = gettext("Archived. Its values are kept.") if is_archived else gettext("In use again, with its values.")
    return go(list_url(definition.record_type), toast=Toast(text, "good"))


# ---------------------------------------------------------------------------------------------- parts of pages


def state_values(field: BoundField) -> dict[str, Any]:
    """What the part that asks again shows while all values are being changed."""
    return {
        "field": bound_to_type(field.definition),
        "work": running(field.definition),
        "last": last_rewrite(field.definition.id),
    }


def _blank(record_type: str, type_key: str) -> FieldDefinition:
    return FieldDefinition(0, "new", gettext("Default"), type_key, record_type=record_type)


def where(record_type: str) -> dict[str, Any]:
    tabs = [
        NavItem(list_url(name), gettext(label), TAB_ICONS[name], active=name == record_type) for name, label in TAB_NAMES.items()
    ]
    return {
        "record_type": record_type,
        "tabs": tabs,
        "tab_name": gettext(TAB_NAMES[record_type]),
        "list_url": list_url(record_type),
    }


def _list_values(record_type: str) -> dict[str, Any]:
    known = custom_fields(None, record_type)
    archived = [one for one in known.by_key.values() if one.definition.is_archived]
    return {
        **where(record_type), "fields": [_as_typed(one) for one in known.active], "archived": archived,
        "gone": deleted_fields(record_type), "types": field_types(),
    }  # fmt: skip


def _as_typed(field: BoundField) -> BoundField:
    """The list names the type also of a field whose values are being changed."""
    return bound_to_type(field.definition) if field.definition.rewrite else field


def _list(record_type: str) -> Response:
    if not is_fragment():
        return go(list_url(record_type))
    return render("fields/_list.html", **_list_values(record_type))


def _cards(context: FieldContext) -> list[TypeCard]:
    """The types in the order in which they were registered, those of plugins last."""
    return [
        TypeCard(one.item, one.plugin if "." in one.item.key else "", sample_control(one.item, context))
        for one in registry().contributions.get("register_field_types", ())
    ]


def sample_control(kind: FieldType, context: FieldContext) -> Any:
    """A type's control with nothing in it."""
    options = {"choices": [gettext("First choice"), gettext("Second choice")]} if kind.has_choices else {}
    bound = bound_to_type(FieldDefinition(0, "sample", gettext(kind.label), kind.key))
    try:
        cleaned = bound.ask("options", lambda one: one.clean_options(options, context))
        wanted = bound_to_type(FieldDefinition(0, "sample", gettext(kind.label), kind.key, options=cleaned)).input(context)
    except Refused:
        return None

    class Sample(Form):
        sample = control_of(wanted, gettext(kind.label), f"sample-{kind.key}")

    control = Sample(None).sample
    known = [(text, gettext(label)) for text, label in wanted.choices]
    control.choices = [("", gettext("Not set")), *known] if wanted.control == "one" else known
    return control


def _arranged(editor: FieldEditor) -> Response:
    """One of the buttons beside the choices: the same form, with what was typed, and the rows as they are now."""
    editor.choices = arranged(editor.choices or [], request.form["arrange"])
    return _form_page(editor)


def _going(field: BoundField, values: dict[str, Any]) -> list[tuple[dict[str, str], int]]:
    """The choices that are on the list no more, of those that records have, with how many have each."""
    if field.type is None or not field.type.has_choices:
        return []
    stay = {one["key"] for one in values["options"]["choices"]}
    gone = [one for one in field.definition.options["choices"] if one["key"] not in stay]
    counts = choice_counts(field.definition) if gone else {}
    return [(one, counts[one["key"]]) for one in gone if counts.get(one["key"])]


def _form_page(
    editor: FieldEditor, *, asked: Sequence[tuple[dict[str, str], int]] = (), same: Sequence[Held] = (), status: int = 200
) -> Response:
    definition = editor.bound.definition
    page = {
        "editor": editor, "form": editor.form, "field": editor.bound, "tones": tone_choices(), "asked": asked, "same": same,
        "becomes": editor.becomes() if asked else {}, "record_url": lambda number: f"/{definition.record_type}s/{number}",
    }  # fmt: skip
    if definition.id:
        page |= state_values(field_of(definition.id))
    return render("fields/form.html", **where(definition.record_type), **page, status=status)
