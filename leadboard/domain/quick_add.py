"""Leads from typed or pasted lines: all of them or none."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from leadboard.domain.linking import create_linked_lead
from leadboard.domain.notes import add_note
from leadboard.events import change
from leadboard.lib.quickadd import QuickLead
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.recognised import Recognised

NOTHING: Mapping[str, Any] = {}


def add_lines(
    lines: Sequence[QuickLead],
    *,
    stage_id: int,
    pipeline_id: int,
    actor: Actor,
    custom: Mapping[str, Any] = NOTHING,
    but: Collection[tuple[str, int]] = (),
) -> tuple[int | None, list[int], list[Recognised]]:
    """Make one lead a line, the first line on top, in one change set; its id, the leads' ids, and whom each is linked to.

    What a line says beyond the known parts becomes a note, so that nothing typed is lost. `custom` fields are given to
    each of them. Whom a line means without doubt is linked, but none of the (record type, id) in `but`. Raises Incomplete when they lack a required one, Refused, NotAllowed.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.create") as step:
        made, linked = [], []
        for line in reversed(lines):
            # What the line says wins over what was asked for all of them.
            values = {**custom, **{name: value for name, value in values_of(line).items() if value or name not in custom}}
            done, found = create_linked_lead(
                values, stage_id=stage_id, pipeline_id=pipeline_id, actor=actor, complete=True, but=but
            )
            lead_id = done.lead_id
            linked.append(found)
            if line.rest and not is_title(line):
                add_note(lead_id, body=line.rest, actor=actor)
            made.append(lead_id)
        return (step.change_set_id if step.recorded else None), made[::-1], linked[::-1]


def values_of(line: QuickLead) -> dict[str, Any]:
    """The typed fields of a line; the rest is the title when there is no name at all."""
    values: dict[str, Any] = {
        "person_name": line.person_name, "organisation_name": line.organisation_name, "email": line.email, "phone": line.phone,
        "value_amount": line.value_amount, "value_currency": line.value_currency if line.value_amount is not None else "",
    }  # fmt: skip
    if is_title(line):
        values["title"] = line.rest
    return values


def is_title(line: QuickLead) -> bool:
    return bool(line.rest) and not (line.person_name or line.organisation_name)
