"""Forms of Settings: the instance, who sees what, pipelines, stages, sources, lost reasons."""

import json
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectFieldBase
from wtforms.validators import InputRequired, NumberRange, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from leadboard.domain.pipelines import DEFAULT_OPEN_STAGES
from leadboard.domain.stage_rules import FIELDS_TO_NEED
from leadboard.domain.stage_values import MOST_DAYS, MOST_LEADS, TONES, values_of_stage
from leadboard.errors import N_, Conflict, LeadboardError
from leadboard.forms.base import Form, choices
from leadboard.forms.custom_inputs import known_fields
from leadboard.forms.setup import RegionalForm
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.pipelines import StageKind
from leadboard.queries.pipelines import PipelineRow, StageRow

KIND_NAMES = {StageKind.OPEN: _("Open"), StageKind.WON: _("Won"), StageKind.LOST: _("Lost")}
TONE_NAMES = {
    "blue": _("Blue"), "indigo": _("Indigo"), "purple": _("Purple"), "pink": _("Pink"), "red": _("Red"),
    "orange": _("Orange"), "amber": _("Amber"), "green": _("Green"), "teal": _("Teal"), "grey": _("Grey"),
}  # fmt: skip


class GeneralForm(RegionalForm):
    name = StringField(_("Name of your team or company"), validators=[InputRequired(_("Type a name."))])
    language = SelectField(_("Language"))

    def __init__(self, languages: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = choices(languages)


class VisibilityForm(Form):
    member_visibility = RadioField(
        _("Which leads members and viewers see"),
        choices=choices([("all", _("All leads")), ("own", _("Only their own and unassigned leads"))]),
        validators=[InputRequired(_("Choose one of the two."))],
    )


class SeenForm(Form):
    """A form that knows what it showed: somebody else's change in the meantime is noticed, field by field."""

    seen = HiddenField()

    def remember(self, shown: dict[str, Any]) -> None:
        self.seen.data = json.dumps(shown)

    def shown(self) -> dict[str, Any] | None:
        """What remember() was told when the form was made; None when that was lost or meddled with."""
        try:
            kept = json.loads(self.seen.data or "")
        except ValueError:
            return None
        return kept if isinstance(kept, dict) else None

    def show_error(self, error: LeadboardError) -> None:
        """What somebody else wrote is told as the form would show it: not as it is stored."""
        field = self._fields.get(error.field) if error.field else None
        if isinstance(error, Conflict) and field is not None and "theirs" in error.params:
            theirs = (error.details or {}).get("theirs", error.params["theirs"])
            if theirs in (None, ""):
                error = Conflict(
                    N_("Somebody else emptied this while you were typing. Save again to write your own."), field=error.field
                )
            elif isinstance(field, SelectFieldBase):
                error.params["theirs"] = ", ".join(str(one.label.text) for one in field if str(one.data) in str(theirs).split())
        super().show_error(error)


class WholeNumber(IntegerField):
    """An integer whose one message is ours; what was typed instead stays."""

    def __init__(self, label: Any, message: Any, low: int, high: int, *, optional: bool = False, **kwargs: Any) -> None:
        first = Optional() if optional else InputRequired(message)
        super().__init__(label, validators=[first, NumberRange(low, high, message)], **kwargs)
        self.message = message
        self.is_optional = optional

    def process_formdata(self, valuelist: list[str]) -> None:
        if self.is_optional and not "".join(valuelist).strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(self.message) from error

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation


class PipelineForm(Form):
    name = StringField(_("Name"), validators=[InputRequired(_("Type a name."))])
    open_stages = TextAreaField(
        _("Open stages, one on each line"), default=lambda: "\n".join(gettext(name) for name in DEFAULT_OPEN_STAGES),
        validators=[InputRequired(_("Name at least one stage."))],
        description=_("Won and lost are added by themselves. Everything can be changed later."),
    )  # fmt: skip


class NameForm(SeenForm):
    """A name of a pipeline, a source or a lost reason."""

    name = StringField(_("Name"), validators=[InputRequired(_("Type a name."))])


class PipelineNameForm(NameForm):
    record_name = StringField(
        _("One of its leads is called"), description=_("For example Opportunity or Enquiry. Left empty: Lead.")
    )
    record_plural = StringField(
        _("Several are called"), description=_("For example Opportunities or Enquiries. Left empty: Leads.")
    )

    def values(self) -> dict[str, str]:
        return {name: self.text(name) for name in ("name", "record_name", "record_plural")}


class TagForm(NameForm):
    tone = RadioField(_("Colour"), choices=choices((tone, TONE_NAMES[tone]) for tone in TONES), default="blue")


class TicksField(SelectMultipleField):
    """Any of several, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _limit(label: Any, description: Any, most: int) -> WholeNumber:
    return WholeNumber(label, _("Type a whole number, or leave it empty."), 1, most, optional=True, description=description)


class StageForm(SeenForm):
    name = StringField(_("Name"), validators=[InputRequired(_("Type a name."))])
    kind = RadioField(
        _("Leads in this stage are"),
        choices=choices((str(kind), name) for kind, name in KIND_NAMES.items()),
        default=str(StageKind.OPEN),
    )
    probability = WholeNumber(
        _("Chance to win, in percent"), _("Type a whole number from 0 to 100."), 0, 100, default=50,
        description=_("For the weighted sum of open leads. Won counts as 100, lost as 0."),
    )  # fmt: skip
    tone = RadioField(_("Colour"), choices=choices((tone, TONE_NAMES[tone]) for tone in TONES), default="blue")

    touch_days = _limit(
        _("Days without contact"),
        _("After so many days a lead is marked as stale. A planned next step stops this clock."),
        MOST_DAYS,
    )
    stay_days = _limit(
        _("Days in this stage"), _("After so many days in the stage a lead is marked, whatever happens with it."), MOST_DAYS
    )
    most_leads = _limit(
        _("Leads at once"), _("The column says when there are more. Nothing is ever refused because of it."), MOST_LEADS
    )
    needs = TicksField(_("Fields that a lead needs to come in"))
    leads_to = TicksField(_("Leads go on to"), description=_("Nothing ticked: to every stage."), coerce=int)

    def __init__(self, pipeline: PipelineRow, stage: StageRow | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = known_fields()
        # One that is archived, or whose plugin is off, stays ticked until somebody takes it out.
        kept = [
            name for name in (stage.needs if stage is not None else ()) if name not in known.editable and name not in LEAD_FIELDS
        ]
        self.needs.choices = [
            *((name, gettext(LEAD_FIELDS[name].label)) for name in FIELDS_TO_NEED),
            *((name, one.label) for name, one in known.editable.items()),
            *((name, field.label) for name in kept if (field := known.named(name)) is not None),
        ]
        self.leads_to.choices = [(one.id, one.name) for one in pipeline.stages if stage is None or one.id != stage.id]

    def values(self) -> dict[str, Any]:
        return {
            "name": self.text("name"), "kind": self.kind.data, "probability": self.probability.data, "tone": self.tone.data,
            "touch_days": self.touch_days.data, "stay_days": self.stay_days.data, "most_leads": self.most_leads.data,
            "needs": self.needs.data or [], "leads_to": self.leads_to.data or [],
        }  # fmt: skip


def stage_form(pipeline: PipelineRow, stage: StageRow) -> StageForm:
    """The form as the stage is now."""
    values = values_of_stage(stage)
    form = StageForm(pipeline, stage, formdata=None, data={**values, "needs": stage.needs, "leads_to": stage.leads_to})
    form.remember(values)
    return form


class CardsForm(SeenForm):
    """What the cards of a board show; the usual when `is_usual` is ticked."""

    is_usual = BooleanField(
        _("The usual: organisation, value, interest, tags, next step, owner and the custom fields that are on cards")
    )
    card_fields = TicksField(_("Shown on cards"))

    def __init__(self, options: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.card_fields.choices = [(name, gettext(label)) for name, label in options]


class DeleteStageForm(Form):
    move_to = SelectField(_("Move its leads to"), coerce=int, default=0)

    def __init__(self, stages: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.move_to.choices = choices([(0, _("Choose…")), *stages])
