"""What a field for a contact or an organisation suggests while somebody types (templates/macros/suggest.html)."""

from collections.abc import Sequence

from flask import Response, request

from leadboard.http import current_actor, render
from leadboard.queries.party_names import PartyName, parties_named, suggested_leads, suggested_parties
from leadboard.web import leads
from leadboard.web.parties.kinds import PartyKind, on_both


@on_both("/suggest")
def suggest(kind: PartyKind) -> Response:
    """The options for `q`, or for the field that `of` names; with `new` also to make one, unless it is there."""
    text, actor = typed(), current_actor()
    found = suggested_parties(kind.record_type, text, actor)
    makes = bool(text and request.args.get("new")) and not parties_named(kind.record_type, text, actor)
    return suggestions(found, kind.icon, text=text, makes=makes)


@leads.bp.get("/leads/suggest", endpoint="suggest")
def suggest_leads() -> Response:
    """The leads that a field may mean."""
    return suggestions(suggested_leads(typed(), current_actor()), "user")


def typed() -> str:
    return " ".join(request.args.get("q", request.args.get(request.args.get("of", ""), "")).split())


def suggestions(found: Sequence[PartyName], icon: str, *, text: str = "", makes: bool = False) -> Response:
    """With `numbered` in the address a name is taken with its number."""
    return render(
        "parties/_suggestions.html", found=found, text=text, makes=makes, icon=icon, list=request.args.get("list", "q"),
        is_numbered="numbered" in request.args,
    )  # fmt: skip
