"""The forms of the import wizard. The choice for each column is read from the request: its fields depend on the file."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from leadboard.file_formats import ReaderOption
from leadboard.forms.base import Form, choices
from leadboard.models.import_fields import FIRST_RECORD
from leadboard.models.import_options import (
    CREATABLE_OF,
    INCOMPLETE_FIRST,
    INCOMPLETE_REJECTED,
    LINK_KNOWN,
    LINK_NEW,
    LINK_NONE,
    MATCHES_OF,
    Options,
)

FIRST_OPEN, NOBODY = 0, 0
CREATABLE = frozenset(what for names in CREATABLE_OF.values() for what in names)


class UploadForm(Form):
    file = FileField(_("File"), validators=[FileRequired(_("Choose a file first."))])
    record_type = SelectField(_("Each row is"), default="")
    importer = SelectField(_("Format"), default="")

    def __init__(self, formats: Sequence[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.importer.choices = choices([("", gettext("Find it")), *formats])
        self.record_type.choices = choices(
            [
                ("", gettext("Find it")),
                ("lead", gettext("A lead")),
                ("contact", gettext("A contact")),
                ("organisation", gettext("An organisation")),
            ]
        )


class ReadingForm(Form):
    """How a file is to be read: a field for each thing that its reader has to know. Made anew for each file."""

    def picks(self) -> list[Field]:
        """Those whose choices show what they make of the file."""
        return [field for field in self if isinstance(field, RadioField)]

    def selects(self) -> list[Field]:
        return [field for field in self if isinstance(field, SelectField) and not isinstance(field, RadioField)]

    def given(self) -> dict[str, str]:
        return {field.short_name: field.data for field in [*self.picks(), *self.selects()]}


def reading_form(options: Sequence[ReaderOption]) -> ReadingForm:
    """Pictures to choose from where a choice shows lines of the file, else a list."""
    fields: dict[str, Any] = {}
    for option in options:
        shows = any(choice.lines for choice in option.choices)
        known = [(choice.value, gettext(choice.label) if choice.label else choice.value) for choice in option.choices]
        field: Field
        if shows:
            field = RadioField(
                gettext(option.label), choices=choices(known), validators=[InputRequired(_("Choose the one that reads right."))]
            )
        else:
            field = SelectField(gettext(option.label), choices=choices(known))
        fields[option.name] = field
    # What can be found is found again unless it is said; a choice that nobody made yet begins with the likeliest.
    free = {option.name for option in options if any(choice.value == "" for choice in option.choices)}
    data = {
        option.name: ""
        if option.name in free
        else option.value or option.likely or (option.choices[0].value if option.choices else "")
        for option in options
    }
    return type("ReadingForm", (ReadingForm,), fields)(data=data)


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
    create_organisations = BooleanField(_("Make missing organisations"))
    people = SelectField(_("People and organisations"), description=_("What is typed in a lead stays as it is"))
    incomplete = SelectField(_("Rows that lack what their stage needs"))
    decimal = SelectField(_("Numbers such as 1,234"))
    day_order = SelectField(_("Dates such as 3/4/2026"))
    unguard = BooleanField(_("Take off apostrophes that guard cells against spreadsheets"))

    def __init__(
        self,
        *args: Any,
        pipelines: Mapping[int, str],
        stages: Mapping[str, Sequence[tuple[int, str]]],
        owners: Mapping[int, str],
        record_type: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._creatable = CREATABLE_OF[record_type]
        self.people.choices = choices(
            [
                (LINK_NONE, gettext("Do not link them")),
                (LINK_KNOWN, gettext("Link those that are here")),
                (LINK_NEW, gettext("Link them, and make those that are missing")),
            ]
        )
        self.incomplete.choices = choices(
            [(INCOMPLETE_REJECTED, gettext("Leave them out, with the reason")), (INCOMPLETE_FIRST, gettext("Put them into the first stage that takes them"))]
        )  # fmt: skip
        if record_type != FIRST_RECORD:
            # Only leads have a stage.
            for name in ("pipeline_id", "stage_id", "people", "incomplete"):
                del self[name]
        for name in CREATABLE - set(self._creatable):
            del self[f"create_{name}"]
        if record_type == FIRST_RECORD:
            self._choose_stages(pipelines, stages)
        self.owner_id.choices = choices([(NOBODY, gettext("Nobody")), *owners.items()])
        same = {
            "": gettext("Only rows whose external ID is known"),
            "email": gettext("Same e-mail"),
            "phone": gettext("Same phone"),
            "title": gettext("Same title"),
            "name": gettext("Same name"),
            "website": gettext("Same domain"),
            "organisation_name": gettext("Same organisation"),
        }
        self.match.choices = choices(
            [(name, label) for name, label in same.items() if not name or name in MATCHES_OF[record_type]]
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

    def _choose_stages(self, pipelines: Mapping[int, str], stages: Mapping[str, Sequence[tuple[int, str]]]) -> None:
        self.pipeline_id.choices = choices(pipelines.items())
        self.stage_id.choices = [
            SelectChoice(FIRST_OPEN, gettext("The first open stage")),
            *(SelectChoice(stage_id, name, optgroup=group) for group, entries in stages.items() for stage_id, name in entries),
        ]

    def say(self, field: str | None, message: str) -> None:
        """Put an error of the domain beside its field, or in front of the form."""
        names = {"pipeline": "pipeline_id", "stage": "stage_id", "create": "create_stages"}
        name = names.get(field or "", field or "")
        if name in self:
            self[name].errors = [*self[name].errors, message]
        else:
            self.form_errors.append(message)

    def created(self) -> tuple[str, ...]:
        return tuple(what for what in self._creatable if self[f"create_{what}"].data)

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
            "people": options.people,
            "incomplete": options.incomplete,
            **{f"create_{what}": what in options.create for what in CREATABLE},
        }
