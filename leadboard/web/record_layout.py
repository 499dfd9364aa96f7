"""How the fields of a record are laid out: in its details, and in the groups of the whole form."""

from collections.abc import Mapping
from dataclasses import dataclass

from leadboard.domain.record_rows import TABLES
from leadboard.errors import N_
from leadboard.forms.custom_inputs import known_fields
from leadboard.models.record_fields import RecordField

Groups = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Layout:
    """`main` is shown also when empty, the rest is folded away until it holds something; `title` stands above it all.

    `groups` are those of the whole form, the first one always open. `followers` are fields that follow others: their rows are
    drawn again too. `pairs` are edited and shown as one, under the first of them.
    """

    record_type: str
    title: str
    main: tuple[str, ...]
    groups: Groups
    followers: Mapping[str, tuple[str, ...]]
    needs_name: str
    needed: str
    added: str
    pairs: tuple[tuple[str, ...], ...] = ()

    @property
    def fields(self) -> Mapping[str, RecordField]:
        return TABLES[self.record_type].fields

    @property
    def shown(self) -> tuple[str, ...]:
        """The typed fields of the details, in order."""
        hidden = {name for pair in self.pairs for name in pair[1:]}
        return tuple(name for name in dict.fromkeys((*self.main, *self.fields, self.title)) if name not in hidden)

    def together(self, name: str) -> tuple[str, ...]:
        """The fields that are edited with this one, the one whose row it is first."""
        return next((pair for pair in self.pairs if name in pair), (name,))

    def form_names(self) -> tuple[str, ...]:
        """Every field that a form may have."""
        return (*self.fields, *known_fields(self.record_type).editable)

    def form_groups(self) -> Groups:
        """How the whole form is laid out. Custom fields that must be filled stand with those that are always seen."""
        custom = known_fields(self.record_type).editable
        if not custom:
            return self.groups
        needed = tuple(name for name, field in custom.items() if field.definition.is_required)
        others = tuple(name for name in custom if name not in needed)
        first, *rest = self.groups
        return ((first[0], (*first[1], *needed)), *([(N_("More fields"), others)] if others else []), *rest)


_ADDRESS = ("street", "postal_code", "city", "region", "country")

LEAD = Layout(
    "lead", "title",
    main=("person_name", "organisation_name", "email", "phone", "value_amount", "owner", "source", "interest", "expected_close_on"),
    groups=(
        ("", ("person_name", "organisation_name", "email", "phone", "value_amount", "value_currency", "owner", "source", "interest", "expected_close_on")),
        (N_("More about the person and the deal"), ("title", "given_name", "family_name", "job_title", "website", "probability", "qualification")),
        (N_("Organisation and address"), ("industry", "employees", "territory", *_ADDRESS)),
    ),
    followers={
        "given_name": ("person_name", "title"), "family_name": ("person_name", "title"), "person_name": ("title",),
        "organisation_name": ("title",), "email": ("title",), "phone": ("title",),
    },
    needs_name=N_("A lead needs a name: of a person, of an organisation, or a title. The rest may stay empty."),
    needed=N_("Every lead needs this"),
    added=N_("Lead added"),
    pairs=(("value_amount", "value_currency"),),
)  # fmt: skip
CONTACT = Layout(
    "contact", "name",
    main=("organisation", "job_title", "email", "phone", "website", "owner"),
    groups=(
        ("", ("name", "organisation", "job_title", "email", "phone", "website", "owner")),
        (N_("Name in parts and address"), ("given_name", "family_name", *_ADDRESS)),
    ),
    followers={"given_name": ("name",), "family_name": ("name",)},
    needs_name=N_("A contact needs a name, an e-mail or a phone. The rest may stay empty."),
    needed=N_("Every contact needs this"),
    added=N_("Contact added"),
)  # fmt: skip
ORGANISATION = Layout(
    "organisation", "name",
    main=("email", "phone", "website", "industry", "employees", "parent", "owner"),
    groups=(
        ("", ("name", "website", "email", "phone", "industry", "employees", "parent", "owner")),
        (N_("Address"), _ADDRESS),
    ),
    followers={},
    needs_name=N_("An organisation needs a name. The rest may stay empty."),
    needed=N_("Every organisation needs this"),
    added=N_("Organisation added"),
)  # fmt: skip
LAYOUTS = {layout.record_type: layout for layout in (LEAD, CONTACT, ORGANISATION)}
