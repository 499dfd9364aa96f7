"""Editing a record: one field in its row, or all of them on a page; a new one by the same form. With conflicts, as both see them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_babel import gettext

from leadboard.domain.versions import FieldConflict
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.forms.custom_inputs import dom_name, known_fields
from leadboard.forms.records import RecordForm, record_form, texts_of
from leadboard.http import Toast, current_actor, go, is_fragment, render, trigger, with_toast
from leadboard.lib.ids import as_id
from leadboard.permissions import Actor
from leadboard.web.custom_facts import label_of, texts_of_custom
from leadboard.web.parties.kinds import record_view
from leadboard.web.record_layout import Groups, Layout
from leadboard.web.record_view import RecordPage, Side, choices_for, sides_of

_NO_SUCH_FIELD = {
    "lead": N_("A lead has no such field."),
    "contact": N_("A contact has no such field."),
    "organisation": N_("An organisation has no such field."),
}


@dataclass(frozen=True)
class Editing:
    """How one type of records is read, written and shown: `read(id, actor)` and `update(id, values, actor=, version=)`.

    `page` is the record's page as it is after a save, `index_url` where somebody goes who may not see it any more.
    """

    layout: Layout
    read: Callable[[int, Actor], dict[str, Any]]
    update: Callable[..., int | None]
    page: Callable[[int], RecordPage]
    index_url: Callable[[], str]
    # What a form shows beside its fields, of the record and the names of its fields; what a saved field changes on the page.
    beside: Callable[[Mapping[str, Any], tuple[str, ...]], Any] = lambda row, names: None
    then: Callable[[Any], None] = lambda page: None


@dataclass
class EditPage:
    """A form over a stored record. `was` is what each field holds now; `sides` are fields that two people changed."""

    layout: Layout
    row: dict[str, Any]
    form: RecordForm
    was: dict[str, str]
    name: str = ""
    sides: list[Side] = field(default_factory=list)
    beside: Any = None

    @property
    def label(self) -> str:
        if self.name in self.layout.fields:
            return gettext(self.layout.fields[self.name].label)
        return label_of(self.name, self.layout.record_type) if self.name else ""

    @property
    def title(self) -> str:
        return str(self.row[self.layout.title])

    @property
    def dom(self) -> str:
        """The name as a part of ids."""
        return dom_name(self.name)

    @property
    def url(self) -> str:
        return self.at("detail")

    def at(self, endpoint: str, **values: Any) -> str:
        return record_view(self.layout.record_type, endpoint, self.row["id"], **values)

    @property
    def groups(self) -> Groups:
        return self.layout.form_groups()

    def is_open(self, names: tuple[str, ...]) -> bool:
        """Whether a group shows its fields: whoever edits them all came for that."""
        return True

    def side(self, name: str) -> Side | None:
        return next((one for one in self.sides if one.name == name), None)


@dataclass(kw_only=True)
class NewPage:
    """The form of a record that is not there yet."""

    layout: Layout
    form: RecordForm
    cancel_url: str
    was: Mapping[str, str] = field(default_factory=dict)
    sides: tuple[()] = ()

    @property
    def groups(self) -> Groups:
        return self.layout.form_groups()

    def is_open(self, names: tuple[str, ...]) -> bool:
        """Whether a group shows its fields: when something is wrong in it."""
        return not self.form.errors.keys().isdisjoint(names)

    @property
    def needed(self) -> str:
        """The labels of what it must have beside a name."""
        fields = known_fields(self.layout.record_type).editable.values()
        return ", ".join(one.label for one in fields if one.definition.is_required)

    def side(self, name: str) -> None:
        """What is new is nobody else's yet."""


def edit_all(editing: Editing, record_id: int) -> Response:
    """Every field at once: the way without JavaScript, and for much to change."""
    return _edit(editing, record_id, editing.layout.form_names(), "", "records/edit.html")


def edit_one(editing: Editing, record_id: int, name: str) -> Response:
    """One field: a form in its row, or a small page."""
    layout = editing.layout
    if name not in layout.fields and name not in known_fields(layout.record_type).editable:
        raise NotFound(_NO_SUCH_FIELD[layout.record_type])
    names = layout.together(name)
    return _edit(editing, record_id, names, names[0], "records/_field.html" if is_fragment() else "records/field.html")


def row_of(editing: Editing, record_id: int, name: str) -> Response:
    """The row of a field as it is: what Cancel goes back to."""
    page, layout = editing.page(record_id), editing.layout
    fields = known_fields(layout.record_type)
    if name not in layout.fields and fields.named(name) not in fields.active:
        raise NotFound(_NO_SUCH_FIELD[layout.record_type])
    page.with_names = layout.together(name)[:1]
    return render("records/_rows.html", page) if is_fragment() else go(page.at("detail"))


def _edit(editing: Editing, record_id: int, names: tuple[str, ...], name: str, template: str) -> Response:
    layout, row = editing.layout, editing.read(record_id, current_actor())
    choices = choices_for(layout, row)
    texts = {**texts_of(layout.record_type, row, choices), **texts_of_custom(row, layout.record_type)}
    form = record_form(layout.record_type, names, choices, texts)
    page = EditPage(layout, row, form, texts, name, beside=editing.beside(row, names))
    if request.method == "GET":
        return render(template, page)
    values = form.typed(choices, request.form)
    if values is None:
        page.was = _sent(page, request.form.to_dict())
        return render(template, page, status=422)
    try:
        done = editing.update(record_id, values, actor=current_actor(), version=request.form.get("version", type=as_id))
    except Conflict as conflict:
        details: list[FieldConflict] = conflict.details
        # Whoever sends this form again has seen both values: it stands on the record as it is now.
        page.sides = sides_of(details, form, row, texts, choices)
        for untouched in set(names) - set(values):
            form[untouched].data = texts[untouched]
        return trigger(render(template, page, status=409), **{"field-conflict": {layout.record_type: record_id}})
    except Refused as refusal:
        form.show_error(refusal)
        page.was = _sent(page, request.form.to_dict())
        return render(template, page, status=422)
    return _saved(editing, record_id, name, page, done)


def _sent(page: EditPage, sent: dict[str, str]) -> dict[str, str]:
    """A form that comes back with errors still stands on the version it was made from."""
    page.row = {**page.row, "version": sent.get("version", page.row["version"])}
    return {name: sent.get(f"was-{name}", text) for name, text in page.was.items()}


def _saved(editing: Editing, record_id: int, name: str, page: EditPage, change_set_id: int | None) -> Response:
    text = gettext("%(field)s saved", field=page.label) if name else gettext("%(title)s saved", title=page.title)
    toast = Toast(text if change_set_id else gettext("Nothing changed"), "good" if change_set_id else "info", change_set_id)
    try:
        after = editing.page(record_id)
    except NotFound:
        # Given away by somebody who sees own records only.
        return go(editing.index_url(), toast=toast)
    if not name or not is_fragment():
        return go(after.at("detail"), toast=toast)
    layout = editing.layout
    after.with_names, after.saved = (name, *layout.followers.get(name, ())), name
    editing.then(after)
    response = render("records/_rows.html", after)
    if change_set_id is None:
        return response
    return trigger(with_toast(response, toast), **{f"{layout.record_type}-changed": {"id": record_id}})
