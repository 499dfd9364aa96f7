"""Leads that find their contact and organisation: by themselves, as a suggestion, or made from what was typed."""

from collections.abc import Collection, Mapping
from typing import Any

from leadboard.domain.conversion import first_contact, first_organisation
from leadboard.domain.hosts import host_of
from leadboard.domain.leads import Done, create_lead, update_lead
from leadboard.domain.parties import create_party
from leadboard.domain.record_rows import LEAD, TABLES, load_visible, visible_ids
from leadboard.domain.relations import employ, link_columns, link_lead
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import Change, EventKind, change
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.lead_links import is_refused
from leadboard.queries.recognised import Recognised, recognise

NO_LINKS: Mapping[str, int | None] = {}
LINK_COLUMNS = {"contact": "contact_id", "organisation": "organisation_id"}


def create_linked_lead(
    values: Mapping[str, Any],
    *,
    actor: Actor,
    links: Mapping[str, int | None] = NO_LINKS,
    but: Collection[tuple[str, int]] = (),
    stage_id: int | None = None,
    pipeline_id: int | None = None,
    complete: bool = False,
) -> tuple[Done, Recognised]:
    """A new lead with its contact_id and organisation_id; a column that `links` does not name is found by what was typed.

    One that `links` gives as None stays empty, and none of `but` is linked unasked. Raises as create_lead(), and NotFound for a link that is gone.
    """
    with change(actor, "lead.create"):
        done = create_lead(values, actor=actor, stage_id=stage_id, pipeline_id=pipeline_id, complete=complete)
        found = recognise(actor, values).without(but) if len(links) < len(LINK_COLUMNS) else Recognised()
        wanted = {name: record_id for name, record_id in {**found.links, **links}.items() if record_id is not None}
        if wanted:
            link_lead(done.lead_id, actor=actor, **wanted)
        return done, Recognised(
            found.contact if "contact_id" not in links else None,
            found.organisation if "organisation_id" not in links else None,
        )


def update_linked_lead(
    lead_id: int,
    values: Mapping[str, Any],
    *,
    actor: Actor,
    links: Mapping[str, int | None] = NO_LINKS,
    version: int | None = None,
) -> int | None:
    """Change fields and, where the lead is not linked yet, set those `links` that are not None: one change set. Raises as update_lead()."""
    with change(actor, "lead.update") as step:
        row = load_visible(LEAD, lead_id, actor)
        wanted = {name: record_id for name, record_id in links.items() if record_id is not None and row[name] is None}
        # First: with its new owner it may be out of the writer's sight.
        if wanted:
            link_lead(lead_id, actor=actor, **wanted)
        update_lead(lead_id, values, actor=actor, version=version)
        return step.change_set_id if step.recorded else None


def make_of_lead(lead_id: int, record_type: str, *, actor: Actor) -> int:
    """A contact or an organisation of what the lead says, linked to it; the change set. Raises Refused, NotFound, NotAllowed.

    The lead stays what it is: to move it on at the same time is domain/conversion.py.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.link") as step:
        lead = load_visible(LEAD, lead_id, actor)
        if lead[LINK_COLUMNS[record_type]] is not None:
            raise Refused(N_("This lead is linked already. Take the link away first."))
        first = first_contact(lead) if record_type == "contact" else first_organisation(lead)
        # What is hidden, or in the bin, stays out of it.
        if record_type == "contact" and _sees(actor, "organisation", lead["organisation_id"]):
            first["organisation"] = lead["organisation_id"]
        made = create_party(record_type, first, actor=actor).id
        link_columns(step, host_of(actor, lead_id=lead_id), {LINK_COLUMNS[record_type]: made}, actor)
        if record_type == "organisation" and _sees(actor, "contact", lead["contact_id"]):
            employ(lead["contact_id"], made, actor=actor)
        return step.change_set_id


def _sees(actor: Actor, record_type: str, record_id: int | None) -> bool:
    return record_id is not None and bool(visible_ids(TABLES[record_type], [record_id], actor))


def refuse_link(lead_id: int, record_type: str, record_id: int, *, actor: Actor) -> int | None:
    """Say that a lead has nothing to do with a record that was suggested for it; None when that was said before."""
    require(actor, Permission.WRITE)
    with change(actor, "lead.link") as step:
        if is_refused(lead_id, record_type, record_id):
            return None
        _write_refusal(step, lead_id, record_type, record_id, actor, refused=True)
        return step.change_set_id


def revert_refusal(step: Change, lead_id: int, record_type: str, record_id: int, actor: Actor) -> None:
    """Let it be suggested again; part of domain/undo.py's change."""
    if not is_refused(lead_id, record_type, record_id):
        raise Conflict(N_("It was changed since. Nothing was taken back."))
    _write_refusal(step, lead_id, record_type, record_id, actor, refused=False)


def _write_refusal(step: Change, lead_id: int, record_type: str, record_id: int, actor: Actor, *, refused: bool) -> None:
    host = host_of(actor, lead_id=lead_id)
    data: dict[str, Any] = {**host.place, record_type: record_id, "refused": refused}
    step.record(EventKind.LINK_REFUSED, "lead", lead_id, **data)
