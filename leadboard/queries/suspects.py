"""Leads that may be the same as what somebody is typing: what the finders of plugins say, as far as the reader may see it."""

from dataclasses import dataclass

from leadboard import hookspecs
from leadboard.contributions import Draft, LeadRef, Match
from leadboard.permissions import Actor
from leadboard.pluginhost.calling import collect, has
from leadboard.queries.lead_refs import find_leads

MOST = 5


@dataclass(frozen=True)
class Suspect:
    """A lead and why it may be the same; `score` is the best of the reasons'."""

    lead: LeadRef
    reasons: tuple[str, ...]
    score: int


def has_finders() -> bool:
    """Whether any plugin looks for duplicates: without one, forms do not ask."""
    return has(hookspecs.find_duplicates)


def find_duplicates(draft: Draft, actor: Actor) -> list[Suspect]:
    """The likeliest first, at most five; never the draft's own lead, never one that the actor may not see."""
    found: dict[int, list[Match]] = {}
    for _, matches in collect(hookspecs.find_duplicates, draft=draft, actor=actor):
        for match in matches:
            if match.lead_id != draft.lead_id:
                found.setdefault(match.lead_id, []).append(match)
    leads = find_leads(found, actor) if found else {}
    suspects = [
        Suspect(
            lead, tuple(dict.fromkeys(match.reason for match in found[lead.id])), max(match.score for match in found[lead.id])
        )
        for lead in leads.values()
    ]
    return sorted(suspects, key=lambda suspect: (-suspect.score, -suspect.lead.id))[:MOST]
