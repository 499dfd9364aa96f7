"""What plugins may say about a write, asked inside its transaction."""

from collections.abc import Mapping
from typing import Any

from leadboard import hookspecs
from leadboard.contributions import LeadRef, PartyRef
from leadboard.errors import N_, Refused
from leadboard.permissions import Actor
from leadboard.pluginhost.calling import ask, guard, has
from leadboard.pluginhost.registry import registry


def lead_ref(row: Mapping[str, Any]) -> LeadRef:
    """A lead's row as hooks get it."""
    return LeadRef(row["id"], row["title"], row["pipeline_id"], row["stage_id"], row["owner_id"], row["version"])


def party_ref(record_type: str, row: Mapping[str, Any]) -> PartyRef:
    """A contact's or an organisation's row as hooks get it."""
    return PartyRef(record_type, row["id"], row["name"], row["owner_id"], row["version"])


def ask_stage_rules(lead: Mapping[str, Any], to_stage_id: int, actor: Actor) -> None:
    """Let the rules of plugins look at a move to another stage. Raises what a rule refuses with.

    A rule that raises lets the move go on, unless it is required: then nobody moves until it works again.
    """
    reference = lead_ref(lead)
    facts = {"lead": reference, "from_stage_id": reference.stage_id, "to_stage_id": to_stage_id, "actor": actor}
    for plugin, rule in registry().contributions.get("register_stage_rules", ()):
        answer = ask(plugin, f"rule {rule.key}", lambda rule=rule: rule.check(**facts))  # type: ignore[misc]
        if rule.is_required and not answer.is_ok:
            raise Refused(
                N_("A rule of this stage cannot be checked just now, so nothing was moved. Tell an admin."), field="stage"
            )


def ask_before_save(lead: Mapping[str, Any] | None, values: Mapping[str, Any], actor: Actor) -> None:
    """Let plugins look at what is about to be written to a lead; None is a new one. Raises what they refuse with."""
    if has(hookspecs.before_lead_save):
        guard(hookspecs.before_lead_save, lead=lead_ref(lead) if lead is not None else None, values=dict(values), actor=actor)
