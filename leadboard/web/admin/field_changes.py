"""What concerns all values of a custom field: another type, with a preview; deleted for good; how far it is."""

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext, ngettext
from wtforms import BooleanField, StringField

from leadboard.domain.field_conversion import Preview, choices_of_values, preview_type, reachable_types, retyped
from leadboard.domain.field_rewrites import Begun, change_type, delete_field
from leadboard.errors import NotFound, Refused
from leadboard.fieldtypes import FieldDefinition
from leadboard.forms.base import Form
from leadboard.forms.custom_inputs import reader_context
from leadboard.forms.fields import ChoiceRow, FieldEditor, arranged, edit_field, tone_choices
from leadboard.http import Toast, current_actor, go, is_fragment, message_of, needs, render
from leadboard.permissions import Permission
from leadboard.queries.custom_fields import BoundField, field_types
from leadboard.queries.field_counts import count_values
from leadboard.queries.field_history import was_there
from leadboard.web.admin.fields import bp, field_of, list_url, sample_control, state_values, where
from leadboard.web.saving import problem_with


class DeleteFieldForm(Form):
    """A key that is typed, so that nobody deletes by a slip."""

    typed = StringField()


class AgreedForm(Form):
    agreed = BooleanField()


@bp.get("/admin/fields/<int:field_id>/type")
@needs(Permission.SETTINGS)
def choose_type(field_id: int) -> Response:
    """The types that its values convert to; then the options of one, with a preview."""
    field = field_of(field_id)
    type_key = request.args.get("type", "")
    reachable = {one.key: one for one in reachable_types(field)}
    if type_key not in reachable:
        cards = [(one, sample_control(one, reader_context())) for one in reachable.values()]
        return render("fields/retype.html", field=field, cards=cards, **where(field.definition.record_type))
    editor = _editor(field, type_key)
    if editor.choices is not None:
        editor.choices = _made_rows(field, editor)
    return _preview_page(field, editor)


@bp.post("/admin/fields/<int:field_id>/type")
@needs(Permission.SETTINGS)
def save_type(field_id: int) -> Response:
    """Change it; or, with another button, look at the preview again or arrange the choices."""
    field, type_key = field_of(field_id), request.args.get("type", "")
    retyped_to = field_types().get(type_key)
    if retyped_to is None or field.type is None:
        return go(url_for("fields.choose_type", field_id=field_id))
    editor = _editor(field, type_key, request.form)
    if "arrange" in request.form:
        editor.choices = arranged(editor.choices or [], request.form["arrange"])
        return _preview_page(field, editor)
    if "look" in request.form:
        return _preview_page(field, editor)
    begun: list[Begun] = []
    agreed = AgreedForm()
    status = problem_with(agreed, lambda: begun.append(change_type(
        field.key, type_key, editor.typed_options(), actor=current_actor(),
        record_type=field.definition.record_type, agreed=bool(agreed.agreed.data),
    )))  # fmt: skip
    if status:
        return _preview_page(field, editor, agreed=agreed, status=status)
    return go(
        url_for("fields.detail", field_id=field_id),
        toast=Toast(gettext("The type is changed."), "good", undo=begun[0].change_set_id) if begun[0].is_done else None,
    )


@bp.get("/admin/fields/<int:field_id>/progress")
@needs(Permission.SETTINGS)
def work(field_id: int) -> Response:
    """How far the change is; asked again and again. A field that is gone by now has been deleted."""
    try:
        field = field_of(field_id)
    except NotFound:
        if not was_there(field_id):
            raise
        return go(url_for("fields.index"), toast=Toast(gettext("The field is deleted."), "good"))
    if not field.definition.rewrite or not is_fragment():
        return go(url_for("fields.detail", field_id=field_id))
    return render("fields/_state.html", **state_values(field))


@bp.get("/admin/fields/<int:field_id>/delete")
@needs(Permission.SETTINGS)
def ask_delete(field_id: int) -> Response:
    return _delete_page(field_of(field_id), DeleteFieldForm(None))


@bp.post("/admin/fields/<int:field_id>/delete")
@needs(Permission.SETTINGS)
def delete(field_id: int) -> Response:
    field, form = field_of(field_id), DeleteFieldForm()
    definition = field.definition
    begun: list[Begun] = []
    status = problem_with(form, lambda: begun.append(
        delete_field(field.key, actor=current_actor(), record_type=definition.record_type, typed=form.text("typed"))
    ))  # fmt: skip
    if status:
        return _delete_page(field, form, status)
    if not begun[0].is_done:
        return go(url_for("fields.detail", field_id=field_id))
    text = gettext("“%(label)s” is deleted, with its values.", label=definition.label)
    return go(list_url(definition.record_type), toast=Toast(text, "good", undo=begun[0].change_set_id))


def _editor(field: BoundField, type_key: str, typed: Any = None) -> FieldEditor:
    """The options of the field under its new type."""
    now = field.definition
    draft = FieldDefinition(now.id, now.key, now.label, type_key, record_type=now.record_type)
    if now.options.get("choices") and typed is None and field_types()[type_key].has_choices:
        draft = FieldDefinition(now.id, now.key, now.label, type_key, options=now.options, record_type=now.record_type)
    return edit_field(draft, reader_context(), typed, only_options=True)


def _made_rows(field: BoundField, editor: FieldEditor) -> Any:
    """The choices there are, else a list made of what the records hold."""
    if editor.bound.definition.options.get("choices"):
        return editor.choices
    made = [ChoiceRow(label=text) for text in choices_of_values(field)]
    return made or editor.choices


def _preview_page(field: BoundField, editor: FieldEditor, *, agreed: Form | None = None, status: int = 200) -> Response:
    preview: Preview | None = None
    definition, kind = field.definition, editor.bound.definition.type
    try:
        options = editor.typed_options()
        retyped(field, kind, options)
        preview = preview_type(field.key, kind, options, actor=current_actor(), record_type=definition.record_type)
    except Refused as refusal:
        if status == 200 and request.method == "POST" and "arrange" not in request.form:
            editor.form.show_error(refusal)
            status = 422
    return render(
        "fields/convert.html", field=field, editor=editor, form=editor.form, preview=preview, agreed=agreed or AgreedForm(None),
        tones=tone_choices(), message_of=message_of, record_url=f"/{definition.record_type}s/", **where(definition.record_type), status=status,
    )  # fmt: skip


def _delete_page(field: BoundField, form: DeleteFieldForm, status: int = 200) -> Response:
    definition = field.definition
    form.typed.label.text = gettext("Type %(key)s to confirm", key=definition.key)
    count = count_values(definition)
    words = {
        "lead": ngettext("%(num)s lead has a value.", "%(num)s leads have a value.", count),
        "contact": ngettext("%(num)s contact has a value.", "%(num)s contacts have a value.", count),
        "organisation": ngettext("%(num)s organisation has a value.", "%(num)s organisations have a value.", count),
    }
    return render(
        "fields/delete.html", field=field, form=form, count=count, told=words[definition.record_type],
        **where(definition.record_type), status=status,
    )  # fmt: skip
