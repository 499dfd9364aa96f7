"""Boxes in the forms of a lead: whom it is going to be linked to, as far as what is typed says so (decision 019)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from leadboard.domain.linking import LINK_COLUMNS
from leadboard.errors import NotFound
from leadboard.forms.party_inputs import pick_in
from leadboard.http import current_actor
from leadboard.lib.ids import as_id, is_id
from leadboard.queries.party_names import party_name
from leadboard.queries.party_page import one_party
from leadboard.queries.recognised import recognise
from leadboard.web.parties.kinds import record_url

LONGEST = 300
# The field of a lead that names a record of each type, and all that one is recognised by.
NAMED_BY = {"organisation": "organisation_name", "contact": "person_name"}
LOOKED_AT = ("email", "organisation_name", "website")


@dataclass(frozen=True)
class LinkChoice:
    """A record that the lead will be linked to, if the box is ticked. `is_given`: the page was opened for it."""

    record_type: str
    id: int
    name: str
    is_on: bool
    is_given: bool = False

    @property
    def url(self) -> str:
        return record_url(self.record_type, self.id)


@dataclass(frozen=True)
class LinkBoxes:
    """The boxes in the form of a lead that is there; they come again from `url` as it is typed."""

    links: list[LinkChoice]
    url: str


def typed() -> dict[str, str]:
    """What was sent of that by which records are recognised."""
    return {name: request.form[name][:LONGEST] for name in LOOKED_AT if name in request.form}


def _offered() -> dict[str, tuple[int, bool]]:
    """(id, whether the page was opened for it) of what the form had a box for, by record type."""
    found = {}
    for text in request.form.getlist("offered"):
        record_type, _, rest = text.partition(":")
        number, _, given = rest.partition(":")
        if record_type in LINK_COLUMNS and number.isdecimal() and len(number) < 19:
            found[record_type] = (int(number), given == "given")
    return found


def _picked() -> dict[str, int]:
    """The suggestions that were taken, by record type: of a text that is still there."""
    found = {}
    for record_type, name in NAMED_BY.items():
        pick = pick_in(request.form.getlist(f"{name}-pick"), request.form.get(name, ""))
        if is_id(pick):
            found[record_type] = as_id(pick)
    return found


def chosen_links() -> dict[str, int | None]:
    """What the boxes say, by column; a side without a box is not in it, unless a suggestion was taken for it just now."""
    offered = _offered()
    found: dict[str, int | None] = {
        LINK_COLUMNS[record_type]: number if request.form.get(f"link-{record_type}") else None
        for record_type, (number, _) in offered.items()
    }
    for record_type, number in _picked().items():
        known, is_given = offered.get(record_type, (0, False))
        if number != known and not is_given:
            found[LINK_COLUMNS[record_type]] = number
    return found


def link_choices(values: Mapping[str, Any], *, sides: Iterable[str] = tuple(NAMED_BY), is_on: bool = True) -> list[LinkChoice]:
    """The boxes for what is typed now: a box that was touched for the same record stays so; others begin as `is_on` says.

    A suggestion that was taken goes before what is recognised, and its box is ticked.
    """
    actor, offered, picked = current_actor(), _offered(), _picked()
    found = recognise(actor, values)
    known = {"organisation": found.organisation, "contact": found.contact}
    choices = []
    for record_type in sides:
        number, is_given = offered.get(record_type, (0, False))
        was_on = bool(request.form.get(f"link-{record_type}"))
        if is_given:
            try:
                name = one_party(record_type, number, actor)["name"]
            except NotFound:
                # Gone meanwhile, in another tab.
                continue
            choices.append(LinkChoice(record_type, number, name, was_on, True))
            continue
        pick = party_name(record_type, picked[record_type], actor) if record_type in picked else None
        meant = pick or known[record_type]
        if meant is not None:
            begins = is_on or pick is not None
            choices.append(LinkChoice(record_type, meant.id, meant.name, was_on if meant.id == number else begins))
    return choices
