"""The lead page: details edited one by one in place, or all at once on a page of their own."""

from dataclasses import dataclass, field
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext

from leadboard.db import snapshot
from leadboard.domain.leads import update_lead
from leadboard.domain.plugin_rules import lead_ref
from leadboard.domain.versions import FieldConflict
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.forms.custom_inputs import dom_name, known_fields
from leadboard.forms.leads import MONEY, LeadForm, lead_form, texts_of
from leadboard.http import Toast, current_actor, go, is_fragment, needs, render, trigger, with_toast
from leadboard.lib.ids import as_id
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.permissions import Permission
from leadboard.queries.lead_page import one_lead
from leadboard.web import leads
from leadboard.web.custom_facts import label_of, texts_of_custom
from leadboard.web.lead_groups import form_groups, form_names
from leadboard.web.lead_view import FOLLOWERS, LeadPage, Side, choices_for, lead_page, page_of, sides_of
from leadboard.web.panels import LEAD_HOST, actions_of, panels_of

bp = leads.bp


@dataclass
class EditPage:
    """A form over a stored lead. `was` is what each field holds now; `sides` are fields that two people changed."""

    lead: dict[str, Any]
    form: LeadForm
    was: dict[str, str]
    name: str = ""
    sides: list[Side] = field(default_factory=list)

    @property
    def label(self) -> str:
        if self.name in LEAD_FIELDS:
            return gettext(LEAD_FIELDS[self.name].label)
        return label_of(self.name) if self.name else ""

    @property
    def dom(self) -> str:
        """The name as a part of ids."""
        return dom_name(self.name)

    @property
    def url(self) -> str:
        return url_for("leads.detail", lead_id=self.lead["id"])

    @property
    def groups(self) -> Any:
        return form_groups()

    def is_open(self, names: tuple[str, ...]) -> bool:
        """Whether a group shows its fields: whoever edits them all came for that."""
        return True

    def side(self, name: str) -> Side | None:
        return next((one for one in self.sides if one.name == name), None)


@bp.get("/leads/<int:lead_id>")
def detail(lead_id: int) -> Response:
    """The whole page, from one state of the database; `before` begins the timeline further down.

    What its panels show they read themselves, see defaults/lead_panels.py.
    """
    actor = current_actor()
    with snapshot():
        page = page_of(lead_id)
        reference = lead_ref(page.lead)
        page.panels, page.actions = panels_of(LEAD_HOST, reference, actor), actions_of(LEAD_HOST, reference, actor)
        return render("leads/detail.html", page)


@bp.route("/leads/<int:lead_id>/edit", methods=["GET", "POST"])
@needs(Permission.WRITE)
def edit(lead_id: int) -> Response:
    """Every field at once: the way without JavaScript, and for much to change."""
    return _edit(lead_id, form_names(), "", "leads/edit.html")


@bp.route("/leads/<int:lead_id>/fields/<name>", methods=["GET", "POST"])
@needs(Permission.WRITE)
def edit_field(lead_id: int, name: str) -> Response:
    """One field: a form in its row, or a small page."""
    if name not in LEAD_FIELDS and name not in known_fields().editable:
        raise NotFound(N_("A lead has no such field."))
    names = MONEY if name in MONEY else (name,)
    return _edit(lead_id, names, names[0], "leads/_field.html" if is_fragment() else "leads/field.html")


@bp.get("/leads/<int:lead_id>/fields/<name>/row")
def field_row(lead_id: int, name: str) -> Response:
    """The row of a field as it is: what Cancel goes back to."""
    page = lead_page(lead_id)
    if name not in LEAD_FIELDS and known_fields().named(name) not in known_fields().active:
        raise NotFound(N_("A lead has no such field."))
    page.with_names = (MONEY[0] if name in MONEY else name,)
    return render("leads/_rows.html", page) if is_fragment() else go(page.url)


def _edit(lead_id: int, names: tuple[str, ...], name: str, template: str) -> Response:
    lead = one_lead(lead_id, current_actor())
    choices = choices_for(lead)
    texts = {**texts_of(lead, choices), **texts_of_custom(lead)}
    form = lead_form(names, choices, texts)
    page = EditPage(lead, form, texts, name)
    if request.method == "GET":
        return render(template, page)
    values = form.typed(choices, request.form)
    if values is None:
        page.was = _sent(page, request.form.to_dict())
        return render(template, page, status=422)
    try:
        done = update_lead(lead_id, values, actor=current_actor(), version=request.form.get("version", type=as_id))
    except Conflict as conflict:
        details: list[FieldConflict] = conflict.details
        # Whoever sends this form again has seen both values: it stands on the lead as it is now.
        page.sides = sides_of(details, form, lead, texts, choices)
        for untouched in set(names) - set(values):
            form[untouched].data = texts[untouched]
        return trigger(render(template, page, status=409), **{"field-conflict": {"lead": lead_id}})
    except Refused as refusal:
        form.show_error(refusal)
        page.was = _sent(page, request.form.to_dict())
        return render(template, page, status=422)
    return _saved(lead_id, name, page, done.change_set_id)


def _sent(page: EditPage, sent: dict[str, str]) -> dict[str, str]:
    """A form that comes back with errors still stands on the version it was made from."""
    page.lead = {**page.lead, "version": sent.get("version", page.lead["version"])}
    return {name: sent.get(f"was-{name}", text) for name, text in page.was.items()}


def _saved(lead_id: int, name: str, page: EditPage, change_set_id: int | None) -> Response:
    text = gettext("%(field)s saved", field=page.label) if name else gettext("%(title)s saved", title=page.lead["title"])
    toast = Toast(text if change_set_id else gettext("Nothing changed"), "good" if change_set_id else "info", change_set_id)
    try:
        after: LeadPage = lead_page(lead_id)
    except NotFound:
        # Given away by somebody who sees own leads only.
        return go(url_for("leads.index"), toast=toast)
    if not name or not is_fragment():
        return go(after.url, toast=toast)
    after.with_names, after.saved = (name, *FOLLOWERS.get(name, ())), name
    response = render("leads/_rows.html", after)
    if change_set_id is None:
        return response
    return trigger(with_toast(response, toast), **{"lead-changed": {"id": lead_id}})
