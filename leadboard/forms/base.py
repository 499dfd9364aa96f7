"""What all forms share. CSRF is checked at the door for every unsafe request, so the forms carry no field for it."""

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from leadboard.errors import InvalidInput, LeadboardError
from leadboard.http import message_of


class Form(FlaskForm):
    """A form whose errors may also come from the domain."""

    class Meta(FlaskForm.Meta):
        csrf = False

    def text(self, name: str) -> str:
        """What was typed into a text field."""
        return str(self._fields[name].data or "")

    def show_error(self, error: LeadboardError) -> None:
        """Put a refusal beside the field that it names, else in front of the form; each one of several."""
        if isinstance(error, InvalidInput):
            for problem in error.problems:
                self.show_error(problem)
            return
        field = self._fields.get(error.field) if error.field else None
        if field is None:
            self.form_errors.append(message_of(error))
        else:
            field.errors = [*field.errors, message_of(error)]


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """(value, label) pairs as a select field takes them."""
    return [SelectChoice(value, label) for value, label in pairs]
