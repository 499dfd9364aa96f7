"""The hint under a form: leads that look like what is being typed."""

from flask import Blueprint, Response, request

from leadboard.contributions import Draft
from leadboard.http import current_actor, needs, render
from leadboard.lib.ids import as_id
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.permissions import Permission
from leadboard.queries.suspects import find_duplicates

bp = Blueprint("suspects", __name__)
LONGEST = 300


@bp.post("/leads/suspects")
@needs(Permission.WRITE)
def hint() -> Response:
    """POST, because a URL with names in it would end up in logs."""
    values = {name: request.form[name][:LONGEST] for name in LEAD_FIELDS if request.form.get(name, "").strip()}
    draft = Draft(values=values, lead_id=request.form.get("lead_id", type=as_id))
    return render("leads/_suspects.html", suspects=find_duplicates(draft, current_actor()) if values else [])
