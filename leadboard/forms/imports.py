"""The forms of the import wizard. The choice for each column is read from the request: its fields depend on the file."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from leadboard.forms.base import Form, choices
from leadboard.models.import_options import CREATABLE, DELIMITER_NAMES, Options

FIRST_OPEN, NOBODY = 0, 0


class UploadForm(Form):
    file = FileField(_("File"), validators=[FileRequired(_("Choose a file first."))])


class EncodingForm(Form):
    """In which encoding the file makes sense; the separator is looked for again unless told."""

    encoding = RadioField(_("Which one reads right?"), validators=[InputRequired(_("Choose the one that reads right."))])
    delimiter = SelectField(_("Separator"))

    def __init__(self, encodings: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.encoding.choices = choices((name, name) for name in encodings)
        self.delimiter.choices = choices([("", gettext("Find it")), *DELIMITER_NAMES.items()])


class OptionsForm(Form):
    """Everything beside the columns."""

    pipeline_id = SelectField(_("Pipeline"), coerce=int, description=_("For rows that name none"))
    stage_id = SelectField(_("Stage"), coerce=int, description=_("For rows that name none"))
    owner_id = SelectField(_("Owner"), coerce=int, description=_("For rows that name none"))
    match = SelectField(_("Leave out what is already there"))
    create_stages = BooleanField(_("Make missing stages and pipelines"))
    create_owners = BooleanField(_("Make missing owners"), description=_("They cannot sign in until you invite them"))
    create_sources = BooleanField(_("Make missing sources"))
    create_reasons = BooleanField(_("Make missing lost reasons"))
    decimal = SelectField(_("Numbers such as 1,234"))
    day_order = SelectField(_("Dates such as 3/4/2026"))
    unguard = BooleanField(_("Take off apostrophes that guard cells against spreadsheets"))

    def __init__(
        self,
        *args: Any,
        pipelines: Mapping[int, str],
        stages: Mapping[str, Sequence[tuple[int, str]]],
        owners: Mapping[int, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pipeline_id.choices = choices(pipelines.items())
        self.stage_id.choices = [
            SelectChoice(FIRST_OPEN, gettext("The first open stage")),
            *(SelectChoice(stage_id, name, optgroup=group) for group, entries in stages.items() for stage_id, name in entries),
        ]
        self.owner_id.choices = choices([(NOBODY, gettext("Nobody")), *owners.items()])
        self.match.choices = choices(
            [
                ("", gettext("Only rows whose external ID is known")),
                ("email", gettext("Same e-mail")),
                ("phone", gettext("Same phone")),
                ("title", gettext("Same title")),
                ("organisation_name", gettext("Same organisation")),
            ]
        )
        by_rows = ("", gettext("Decide by all rows of a column"))
        self.decimal.choices = choices(
            [
                by_rows,
                ("point", gettext("1234.50 – the point marks decimals")),
                ("comma", gettext("1234,50 – the comma marks decimals")),
            ]
        )
        self.day_order.choices = choices(
            [by_rows, ("day", gettext("3 April – the day first")), ("month", gettext("March 4 – the month first"))]
        )

    def say(self, field: str | None, message: str) -> None:
        """Put an error of the domain beside its field, or in front of the form."""
        names = {"pipeline": "pipeline_id", "stage": "stage_id", "create": "create_stages"}
        name = names.get(field or "", field or "")
        if name in self:
            self[name].errors = [*self[name].errors, message]
        else:
            self.form_errors.append(message)

    def created(self) -> tuple[str, ...]:
        return tuple(what for what in CREATABLE if self[f"create_{what}"].data)

    @staticmethod
    def values_of(options: Options) -> dict[str, Any]:
        """The form as the options have it."""
        return {
            "pipeline_id": options.pipeline_id,
            "stage_id": options.stage_id or FIRST_OPEN,
            "owner_id": options.owner_id or NOBODY,
            "match": "" if options.match == "external_id" else options.match,
            "decimal": options.decimal,
            "day_order": options.day_order,
            "unguard": options.unguard,
            **{f"create_{what}": what in options.create for what in CREATABLE},
        }
