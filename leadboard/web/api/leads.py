"""/api/v1/leads: what is a lead's alone. The rest is what programs do with every record, see records.py."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, request

from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.versions import FieldConflict
from leadboard.errors import N_, Conflict, Refused
from leadboard.http import current_actor
from leadboard.models.pipelines import StageKind
from leadboard.queries.keyset import Order
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.lead_states import KINDS
from leadboard.queries.leads import LEAD_LIST
from leadboard.queries.pipelines import pipelines
from leadboard.queries.record_filter import RecordFilter
from leadboard.queries.views import with_view
from leadboard.rest import Schema, Shape, json_body, operation
from leadboard.web.api import records
from leadboard.web.api.json_types import DAY_OR_NULL, ID, ID_OR_NULL, VERSION, body_object
from leadboard.web.api.kinds import LEADS

bp = Blueprint("api_leads", __name__)

QUERY: dict[str, Schema] = {
    "pipeline": ID,
    "stage": {"type": "array", "items": ID, "maxItems": 100, "description": "Any of these."},
    "source": ID,
    "tag": {**ID, "description": "See /tags."},
    "firm": {**ID, "description": "The organisation that leads are linked to."},
    "person": {**ID, "description": "The contact that leads are linked to."},
    "closed": {"enum": [*KINDS]},
    **records.COMMON_QUERY,
}
MOVE = Shape(
    "Move",
    lambda: body_object(
        {
            "stage_id": ID,
            "before_id": {**ID_OR_NULL, "description": "Goes above this lead."},
            "after_id": {**ID_OR_NULL, "description": "Goes below this lead, when before_id is not there or has gone."},
            "version": {
                **VERSION,
                "description": "The version that was read: 409 when the stage changed since. Or send If-Match.",
            },
            "lost_reason_id": {**ID_OR_NULL, "description": "Needed for a move into a lost stage."},
            "lost_to": {"type": ["string", "null"], "maxLength": 120, "description": "The competitor who won."},
            "come_back_on": {**DAY_OR_NULL, "description": "A next step is planned for this day."},
        },
        ("stage_id",),
        dependentRequired={"lost_to": ["lost_reason_id"], "come_back_on": ["lost_reason_id"]},
    ),
)


def _read(sort: str | None) -> tuple[RecordFilter, Order]:
    args = with_view(request.args, current_actor(), "lead")
    return LeadFilter.from_args(args, current_actor(), known_values()), LEAD_LIST.order(sort or args.get("sort"))


def _place(sent: Mapping[str, Any]) -> dict[str, int | None]:
    """A new lead starts where the form offers it to: on a board in use, and not as lost, which needs a reason."""
    stage_id, pipeline_id = sent.get("stage_id"), sent.get("pipeline_id")
    known = pipelines()
    if pipeline_id is not None and all(pipeline.id != pipeline_id for pipeline in known):
        raise Refused(N_("This pipeline does not exist any more, or it is archived."), field="pipeline_id")
    kind = {stage.id: stage.kind for pipeline in known for stage in pipeline.stages}
    if stage_id is not None and stage_id not in kind:
        raise Refused(N_("This stage no longer exists. Choose another one."), field="stage")
    if stage_id is not None and kind[stage_id] == StageKind.LOST:
        raise Refused(N_("A lead does not start as lost: add it, then move it there with its reason."), field="stage")
    return {"stage_id": stage_id, "pipeline_id": pipeline_id, "before_id": sent.get("before_id")}


records.attach_list(bp, LEADS, query=QUERY, listing=LEAD_LIST, read=_read)
records.attach(bp, LEADS, place=_place)


@bp.post("/leads/<int:lead_id>/move")
@operation(
    "Move a lead", scope=LEADS.write, body=MOVE, headers=records.IF_MATCH, answers={200: LEADS.written},
    description="To a stage, of another pipeline too, or to another place in its stage; on top when no neighbour is named.",
)  # fmt: skip
def move(lead_id: int) -> Response:
    sent = json_body()
    version = records.sent_version(sent)
    try:
        done = move_lead(
            lead_id, to_stage_id=sent["stage_id"], actor=current_actor(), before_id=sent.get("before_id"), after_id=sent.get("after_id"),
            version=version, loss=_loss(sent),
        )  # fmt: skip
    except Conflict as conflict:
        side = FieldConflict("stage_id", sent["stage_id"], conflict.details.stage_id, "")
        raise records.with_version(LEADS, conflict, [side], lead_id, version) from conflict
    return records.written(LEADS, lead_id, done.version, 200)


def _loss(sent: Mapping[str, Any]) -> Loss | None:
    if sent.get("lost_reason_id") is None:
        return None
    return Loss(sent["lost_reason_id"], sent.get("lost_to") or "", _day(sent.get("come_back_on")))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(N_("This must be a day such as 2026-12-31."), field="come_back_on") from error
