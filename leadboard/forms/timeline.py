"""What is typed on a lead page: notes, calls and next steps."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import TextInput

from leadboard.domain.activities import CALL
from leadboard.formats import Formats
from leadboard.forms.base import Form, choices
from leadboard.lib.dates import DayError, parse_day
from leadboard.lib.text import to_ascii_digits
from leadboard.pluginhost.registry import registry
from leadboard.queries.tasks import Assignee

DIRECTIONS = (("outgoing", _("I called")), ("incoming", _("They called")))
OUTCOMES = (
    ("reached", _("Reached")), ("no_answer", _("No answer")), ("left_message", _("Left a message")), ("wrong_number", _("Wrong number")),
)  # fmt: skip
SECONDS_A_MINUTE = 60
MOST_DIGITS = 19


class DayField(Field):
    """A day in words or figures, beside buttons for the usual ones. All have the field's name: what is typed counts first."""

    widget = TextInput()

    # Set by the form before it reads what was sent.
    formats: Formats | None = None
    typed = ""
    picked = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        given = [text.strip() for text in valuelist if text.strip()]
        self.data = None
        if not given or self.formats is None:
            return
        shortcuts = {value for value, _label in self.shortcuts()}
        written = [text for text in given if text not in shortcuts]
        self.typed = written[-1] if written else ""
        self.picked = "" if written else given[-1]
        try:
            self.data = parse_day(
                given[-1] if not written else self.typed, today=self.formats.today, day_first=self.formats.day_first
            )
        except DayError as error:
            raise ValueError(
                gettext("“%(text)s” is not a day. Write it like 2026-11-20, 20 Nov, friday or +3.", text=self.typed[:40])
            ) from error

    def show(self, day: date | None) -> None:
        """Fill the field with a day that is stored."""
        self.data, self.typed = day, day.isoformat() if day is not None else ""

    def _value(self) -> str:
        return self.typed

    def shortcuts(self) -> list[tuple[str, str]]:
        """(day, label) of the buttons."""
        if self.formats is None:
            return []
        today = self.formats.today
        return [
            (today.isoformat(), gettext("Today")),
            ((today + timedelta(days=1)).isoformat(), gettext("Tomorrow")),
            ((today + timedelta(days=7 - today.weekday())).isoformat(), gettext("Next week")),
        ]


class MinutesField(IntegerField):
    """Whole minutes, in the digits of any script (which a number input refuses)."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = to_ascii_digits(valuelist[0].strip()) if valuelist else ""
        if text and not (text.isdecimal() and len(text) < 6):
            raise ValueError(gettext("Minutes are a whole number, e.g. 12."))
        self.data = int(text) if text else None

    @property
    def shown(self) -> str:
        """What was typed."""
        return str(self.raw_data[0]) if self.raw_data else ""

    @property
    def seconds(self) -> int | None:
        return self.data * SECONDS_A_MINUTE if self.data is not None else None


class NoteForm(Form):
    body = TextAreaField(_("Note"))
    version = HiddenField()


class StepForm(Form):
    title = StringField(_("What"), validators=[InputRequired(_("Say what to do, e.g. Call about the offer."))])
    due_on = DayField(_("Day"))
    assignee = SelectField(_("Who"), validate_choice=False)
    version = HiddenField()

    def __init__(
        self, people: Iterable[Assignee], shown: Formats, me: int | None, *args: Any, id_prefix: str, **kwargs: Any
    ) -> None:
        self._shown = shown
        super().__init__(*args, **kwargs)
        _name_ids(self, id_prefix)
        _offer(self.assignee, people)
        if self.title.raw_data is None and me is not None:
            self.assignee.data = str(me)

    def process(self, *args: Any, **kwargs: Any) -> None:
        self.due_on.formats = self._shown
        super().process(*args, **kwargs)

    @property
    def assignee_id(self) -> int | None:
        return _id_of(self.assignee)


class CallForm(Form):
    """Something that took place, a call unless chosen otherwise; with `next_title` filled also the step that came out of it."""

    kind = SelectField(_("What"), validate_choice=False)
    direction = SelectField(_("Direction"), validate_choice=False)
    outcome = SelectField(_("Outcome"), validate_choice=False)
    duration = MinutesField(_("Minutes"), validators=[Optional()])
    body = TextAreaField(_("What was said"))
    next_title = StringField(_("Next step"))
    next_due_on = DayField(_("Day"))
    next_assignee = SelectField(_("Who"), validate_choice=False)

    def __init__(self, people: Iterable[Assignee], shown: Formats, me: int | None, *args: Any, **kwargs: Any) -> None:
        self._shown = shown
        super().__init__(*args, **kwargs)
        _name_ids(self, "call")
        self.direction.choices, self.outcome.choices = choices(DIRECTIONS), choices(OUTCOMES)
        types = sorted(registry().items("register_activity_types"), key=lambda found: (found.order, found.key))
        self.kind.choices = choices([(found.key, gettext(found.label)) for found in types if found.is_typed])
        self.kind.data = self.kind.data or CALL
        _offer(self.next_assignee, people)
        if self.direction.raw_data is None and me is not None:
            self.next_assignee.data = str(me)

    def process(self, *args: Any, **kwargs: Any) -> None:
        self.next_due_on.formats = self._shown
        super().process(*args, **kwargs)

    @property
    def has_next_step(self) -> bool:
        return bool((self.next_title.data or "").strip() or self.next_due_on.typed or self.next_due_on.picked)

    @property
    def next_assignee_id(self) -> int | None:
        return _id_of(self.next_assignee)


def _offer(field: SelectField, people: Iterable[Assignee]) -> None:
    field.choices = choices([("", gettext("Nobody yet")), *((str(person.id), person.name) for person in people)])


def _id_of(field: SelectField) -> int | None:
    """The chosen person; nobody in particular is the empty choice. What is no id is somebody that nobody knows."""
    text = str(field.data or "")
    return None if not text else int(text) if text.isdecimal() and len(text) < MOST_DIGITS else 0


def _name_ids(form: Form, prefix: str) -> None:
    """Several forms with the same field names stand on one page: their ids must differ."""
    for field in form:
        field.id = f"{prefix}-{field.name}"
        field.label.field_id = field.id
