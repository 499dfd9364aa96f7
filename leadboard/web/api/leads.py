"""/api/v1/leads: the list, one lead, and what is done with it. The rules are the domain's, as for the screens."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, request, url_for

from leadboard.domain.leads import create_lead, delete_lead, update_lead
from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.notes import add_note
from leadboard.domain.versions import FieldConflict
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.http import current_actor, formats
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Scope
from leadboard.queries.field_filter import refuse_missing_types
from leadboard.queries.lead_cursor import lead_row
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.lead_states import KINDS
from leadboard.queries.leads import LEAD_LIST, SORTS
from leadboard.queries.notes import note_row
from leadboard.queries.pipelines import pipelines
from leadboard.queries.record_filter import MAX_TEXT, NEXT_STEPS
from leadboard.queries.record_list import records_from
from leadboard.rest import Schema, check_value, json_answer, json_body, operation, query_values
from leadboard.web.api.custom_json import filter_parameters, sort_names
from leadboard.web.api.lead_json import (
    COLUMNS,
    ID,
    LEAD,
    LEAD_CHANGES,
    LEADS,
    MOVE,
    NEW_LEAD,
    NEW_NOTE,
    NOTE,
    VERSION,
    WRITTEN,
    domain_values,
    lead_json,
    note_json,
)

bp = Blueprint("api_leads", __name__)

MOST_AT_ONCE = 200
USUAL_LIMIT = 50
QUERY: dict[str, Schema] = {
    "pipeline": ID,
    "stage": {"type": "array", "items": ID, "maxItems": 100, "description": "Any of these."},
    "owner": {"type": "string", "pattern": "^(me|none|[0-9]{1,18})$", "description": "A person's id, me or none."},
    "source": ID,
    "q": {"type": "string", "maxLength": MAX_TEXT, "description": "Names, addresses, telephone numbers."},
    "closed": {"enum": [*KINDS]},
    "next": {"enum": [*NEXT_STEPS], "description": "The state of the next step."},
    "sort": {"enum": [*SORTS], "default": LEAD_LIST.usual, "description": "-: falling."},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": USUAL_LIMIT},
    "cursor": {"type": "string", "minLength": 1, "maxLength": 1000, "description": "next_cursor of the page before."},
}


def list_query() -> dict[str, Schema]:
    """The parameters of the list, with those of the custom fields there are."""
    sorts = [*SORTS, *sort_names()]
    return {**QUERY, "sort": {**QUERY["sort"], "enum": [*sorts, *(f"-{name}" for name in sorts)]}, **filter_parameters()}


IF_MATCH = {"If-Match": "The ETag that was read. 409 when the lead has changed since where it matters."}
_ETAG = re.compile(r'"?([0-9]{1,10})"?')


@bp.get("/leads")
@operation(
    "List leads",
    scope=Scope.LEADS_READ,
    query=list_query,
    answers={200: LEADS},
    description="The filters are those of the list on screen.",
)
def index() -> Response:
    refuse_missing_types(request.args)
    asked, actor = query_values(), current_actor()
    found, following = records_from(
        LeadFilter.from_args(request.args, actor, known_values()), LEAD_LIST.order(asked.get("sort")), actor, formats().today,
        columns=COLUMNS, limit=asked.get("limit", USUAL_LIMIT), cursor=asked.get("cursor"),
    )  # fmt: skip
    return json_answer({"data": [lead_json(row) for row in found], "next_cursor": following})


@bp.post("/leads")
@operation("Add a lead", scope=Scope.LEADS_WRITE, body=NEW_LEAD, answers={201: WRITTEN})
def add() -> Response:
    sent = json_body()
    stage_id, pipeline_id = sent.get("stage_id"), sent.get("pipeline_id")
    _check_start(stage_id, pipeline_id)
    done = create_lead(
        domain_values(sent), actor=current_actor(), stage_id=stage_id, pipeline_id=pipeline_id, before_id=sent.get("before_id"),
        complete=True,
    )  # fmt: skip
    response = _written(done.lead_id, done.version, 201)
    response.headers["Location"] = url_for("api_leads.detail", lead_id=done.lead_id)
    return response


@bp.get("/leads/<int:lead_id>")
@operation("Read a lead", scope=Scope.LEADS_READ, answers={200: LEAD}, description="ETag is the version.")
def detail(lead_id: int) -> Response:
    row = lead_row(lead_id, current_actor(), columns=COLUMNS)
    return json_answer(lead_json(row), headers=_etag(row["version"]))


@bp.patch("/leads/<int:lead_id>")
@operation(
    "Change fields of a lead", scope=Scope.LEADS_WRITE, body=LEAD_CHANGES, headers=IF_MATCH, answers={200: WRITTEN},
    description="Fields that are not sent stay. With a version, fields that somebody else changed since are a conflict; others merge.",
)  # fmt: skip
def update(lead_id: int) -> Response:
    sent = json_body()
    version = _version(sent)
    try:
        done = update_lead(lead_id, domain_values(sent), actor=current_actor(), version=version)
    except Conflict as conflict:
        raise _with_version(conflict, conflict.details, lead_id, version) from conflict
    return _written(lead_id, done.version, 200)


@bp.delete("/leads/<int:lead_id>")
@operation("Put a lead in the bin", scope=Scope.LEADS_WRITE, headers=IF_MATCH, answers={204: None})
def delete(lead_id: int) -> Response:
    delete_lead(lead_id, actor=current_actor(), version=_version({}))
    return Response(status=204)


@bp.post("/leads/<int:lead_id>/move")
@operation(
    "Move a lead", scope=Scope.LEADS_WRITE, body=MOVE, headers=IF_MATCH, answers={200: WRITTEN},
    description="To a stage, of another pipeline too, or to another place in its stage; on top when no neighbour is named.",
)  # fmt: skip
def move(lead_id: int) -> Response:
    sent = json_body()
    version = _version(sent)
    try:
        done = move_lead(
            lead_id, to_stage_id=sent["stage_id"], actor=current_actor(), before_id=sent.get("before_id"), after_id=sent.get("after_id"),
            version=version, loss=_loss(sent),
        )  # fmt: skip
    except Conflict as conflict:
        side = FieldConflict("stage_id", sent["stage_id"], conflict.details.stage_id, "")
        raise _with_version(conflict, [side], lead_id, version) from conflict
    return _written(lead_id, done.version, 200)


@bp.post("/leads/<int:lead_id>/notes")
@operation("Write a note", scope=Scope.LEADS_WRITE, body=NEW_NOTE, answers={201: NOTE})
def write_note(lead_id: int) -> Response:
    actor = current_actor()
    added = add_note(lead_id, body=json_body()["body"], actor=actor)
    return json_answer(note_json(note_row(added.id, actor)), 201)


def _check_start(stage_id: int | None, pipeline_id: int | None) -> None:
    """A new lead starts where the form offers it to: on a board in use, and not as lost, which needs a reason."""
    known = pipelines()
    if pipeline_id is not None and all(pipeline.id != pipeline_id for pipeline in known):
        raise Refused(N_("This pipeline does not exist any more, or it is archived."), field="pipeline_id")
    kind = {stage.id: stage.kind for pipeline in known for stage in pipeline.stages}
    if stage_id is None:
        return
    if stage_id not in kind:
        raise Refused(N_("This stage no longer exists. Choose another one."), field="stage")
    if kind[stage_id] == StageKind.LOST:
        raise Refused(N_("A lead does not start as lost: add it, then move it there with its reason."), field="stage")


def _loss(sent: Mapping[str, Any]) -> Loss | None:
    if sent.get("lost_reason_id") is None:
        return None
    return Loss(sent["lost_reason_id"], sent.get("lost_to") or "", _day(sent.get("come_back_on")))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(N_("This must be a day such as 2026-12-31."), field="come_back_on") from error


def _version(sent: Mapping[str, Any]) -> int | None:
    """The version that the writer has read, from the body or from If-Match. Raises Refused, InvalidInput."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return sent.get("version")
    found = _ETAG.fullmatch(header)
    if found is None:
        raise Refused(N_('If-Match takes the ETag of a lead, e.g. "7".'), field="If-Match")
    version = int(found[1])
    check_value({"properties": {"version": VERSION}}, {"version": version})
    if sent.get("version", version) != version:
        raise Refused(N_("If-Match and version contradict each other."), field="version")
    return version


def _with_version(conflict: Conflict, sides: list[FieldConflict], lead_id: int, version: int | None) -> Conflict:
    """The conflict, with the version to write on once it is settled."""
    now = lead_row(lead_id, current_actor(), columns=("id", "version"))["version"]
    told = [*sides, FieldConflict("version", version, now, "")]
    return Conflict(conflict.message, details=told, field=conflict.field, **conflict.params)


def _written(lead_id: int, version: int, status: int) -> Response:
    """The lead as it is now, or what is left to tell when it went out of the writer's sight."""
    try:
        row = lead_row(lead_id, current_actor(), columns=COLUMNS)
    except NotFound:
        return json_answer({"id": lead_id, "version": version}, status, headers=_etag(version))
    return json_answer(lead_json(row), status, headers=_etag(row["version"]))


def _etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
