"""The questions a move may need answered before it is saved."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from leadboard.forms.base import Form


class LossForm(Form):
    """Why a lead was lost. Choices are the reasons that admins keep."""

    lost_reason = RadioField(_("Why was it lost?"), coerce=int, validators=[InputRequired(_("Choose a reason."))])
    lost_to = StringField(_("Lost to"), description=_("The competitor, if there is one"), validators=[Length(max=120)])
    come_back_on = DateField(_("Come back on"), description=_("Adds a next step on that day"), validators=[Optional()])

    def __init__(self, reasons: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lost_reason.choices = reasons


class LaterForm(Form):
    """Until when a lead leaves the board."""

    until = DateField(_("Not before"), validators=[InputRequired(_("Choose a day."))])


class StageForm(Form):
    """Which stage, when there are several to choose from: {pipeline: [(stage, name)]} as option groups."""

    stage_id = SelectField(_("Stage"), coerce=int, validators=[InputRequired(_("Choose a stage."))])

    def __init__(self, stages: dict[str, list[tuple[int, str]]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stage_id.choices = stages
