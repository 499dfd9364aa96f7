"""Choosing a contact or an organisation: by what somebody types, from those that it may mean, or a new one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request
from flask_babel import gettext

from leadboard.errors import N_, LeadboardError, Refused
from leadboard.forms.party_inputs import pick_in
from leadboard.http import current_actor, message_of
from leadboard.lib.ids import as_id, is_id
from leadboard.queries.party_matches import REASON_LABELS, PartyMatch
from leadboard.queries.party_names import LONGEST, find_parties
from leadboard.web.parties.kinds import KINDS, PartyKind

_HINTS = {
    "contact": N_("Name, e-mail or phone"),
    "organisation": N_("Name or website"),
}


@dataclass(frozen=True)
class Pick:
    """The form: where it goes, what was typed into it, and those that it may mean. `target` is the panel that the answer replaces."""

    record_type: str
    action: str
    target: str
    label: str
    button: str
    new_url: str = ""
    asks_title: bool = False
    typed: str = ""
    job_title: str = ""
    message: str = ""
    choices: Sequence[PartyMatch] = ()

    @property
    def kind(self) -> PartyKind:
        return KINDS[self.record_type]

    @property
    def suggest_url(self) -> str:
        return self.kind.url("suggest")

    @property
    def hint(self) -> str:
        return gettext(_HINTS[self.record_type])

    @property
    def is_open(self) -> bool:
        return bool(self.typed or self.message)

    def reason(self, match: PartyMatch) -> str:
        return gettext(REASON_LABELS[match.reason])


class Unclear(LeadboardError):
    """What was typed means several records, or none: the form asks again."""

    def __init__(self, pick: Pick) -> None:
        super().__init__(pick.message)
        self.pick = pick


def picked_id(pick: Pick) -> int:
    """The record that was picked, or the only one that the typed words can mean. Raises Unclear, Refused."""
    if request.form.get("id"):
        found = request.form.get("id", type=as_id)
        if found is None:
            raise Refused(N_("This is no record. Reload the page."), field="id")
        return found
    typed = request.form.get("text", "").strip()
    picked = pick_in(request.form.getlist("text-pick"), typed)
    if is_id(picked):
        return as_id(picked)
    pick = replace(pick, typed=typed[:LONGEST], job_title=request.form.get("job_title", "")[:200])
    if not typed:
        raise Unclear(replace(pick, message=gettext("Type a name, or an address, first.")))
    choices = find_parties(pick.record_type, typed, current_actor())
    if len(choices) == 1:
        return choices[0].id
    if choices:
        raise Unclear(replace(pick, choices=choices, message=gettext("Several fit. Which one?")))
    missing = {
        "contact": gettext("No contact is called so, and none has this address."),
        "organisation": gettext("No organisation is called so, and none has this address."),
    }
    raise Unclear(replace(pick, message=missing[pick.record_type]))


def asked_again(pick: Pick, error: Refused) -> Pick:
    """The form with what is wrong, and with what was typed."""
    return replace(
        pick,
        message=message_of(error), typed=request.form.get("text", "")[:LONGEST], job_title=request.form.get("job_title", "")[:200],
    )  # fmt: skip


def new_party_url(record_type: str, **values: Any) -> str:
    """The page of a new record, filled with what is known."""
    return KINDS[record_type].url("new", **values)
