"""Forms of Settings: the instance, who sees what, pipelines, stages, sources, lost reasons."""

import json
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange

from leadboard.domain.pipelines import DEFAULT_OPEN_STAGES, TONES
from leadboard.forms.base import Form, choices
from leadboard.forms.setup import RegionalForm
from leadboard.models.pipelines import StageKind

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


class PipelineForm(Form):
    name = StringField(_("Name"), validators=[InputRequired(_("Type a name."))])
    open_stages = TextAreaField(
        _("Open stages, one on each line"), default=lambda: "\n".join(gettext(name) for name in DEFAULT_OPEN_STAGES),
        description=_("Won and lost are added by themselves. Everything can be changed later."),
    )  # fmt: skip


class NameForm(SeenForm):
    """A name of a pipeline, a source or a lost reason."""

    name = StringField(_("Name"), validators=[InputRequired(_("Type a name."))])


class StageForm(SeenForm):
    name = StringField(_("Name"), validators=[InputRequired(_("Type a name."))])
    kind = RadioField(
        _("Leads in this stage are"),
        choices=choices((str(kind), name) for kind, name in KIND_NAMES.items()),
        default=str(StageKind.OPEN),
    )
    probability = IntegerField(
        _("Chance to win, in percent"), default=50,
        description=_("For the weighted sum of open leads. Won counts as 100, lost as 0."),
        validators=[
            InputRequired(_("Type a whole number from 0 to 100.")),
            NumberRange(0, 100, _("Type a whole number from 0 to 100.")),
        ],
    )  # fmt: skip
    tone = RadioField(_("Colour"), choices=choices((tone, TONE_NAMES[tone]) for tone in TONES), default="blue")

    def values(self) -> dict[str, Any]:
        return {"name": self.text("name"), "kind": self.kind.data, "probability": self.probability.data, "tone": self.tone.data}


class DeleteStageForm(Form):
    move_to = SelectField(_("Move its leads to"), coerce=int, default=0)

    def __init__(self, stages: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.move_to.choices = choices([(0, _("Choose…")), *stages])
