"""What a field for a contact or an organisation suggests while somebody types (templates/macros/suggest.html)."""

from flask import Response, request

from leadboard.http import current_actor, render
from leadboard.queries.party_names import parties_named, suggested_parties
from leadboard.web.parties.kinds import PartyKind, on_both


@on_both("/suggest")
def suggest(kind: PartyKind) -> Response:
    """The options for `q`, or for the field that `of` names; with `new` also to make one, unless it is there."""
    text = " ".join(request.args.get("q", request.args.get(request.args.get("of", ""), "")).split())
    actor = current_actor()
    found = suggested_parties(kind.record_type, text, actor)
    makes = bool(text and request.args.get("new")) and not parties_named(kind.record_type, text, actor)
    return render("parties/_suggestions.html", found=found, text=text, makes=makes, kind=kind, list=request.args.get("list", "q"))
