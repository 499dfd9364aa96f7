"""/api/v1/pipelines and /fields: what a program has to know before it writes a lead."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext

from leadboard.http import current_actor
from leadboard.models.pipelines import StageKind
from leadboard.models.record_fields import FieldKind
from leadboard.permissions import Scope
from leadboard.queries import board
from leadboard.queries.pipelines import list_entries
from leadboard.queries.users import owners
from leadboard.rest import Schema, Shape, json_answer, operation
from leadboard.web.api.lead_json import ID, ApiField, answer_object, lead_fields

bp = Blueprint("api_lists", __name__)

NAME: Schema = {"type": "string"}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


STAGE = answer_object({
    "id": ID, "name": NAME, "kind": {"enum": [str(kind) for kind in StageKind]},
    "probability": {"type": "integer", "minimum": 0, "maximum": 100}, "tone": NAME,
})  # fmt: skip
PIPELINE = Shape("Pipeline", lambda: answer_object({"id": ID, "name": NAME, "stages": _list(STAGE)}))
PIPELINES = Shape(
    "PipelineList",
    lambda: answer_object({
        "data": _list(PIPELINE.ref),
        "lost_reasons": {**_list(answer_object({"id": ID, "name": NAME})), "description": "One is needed to move a lead into a lost stage."},
    }),
    uses=(PIPELINE,),
)  # fmt: skip
FIELD = Shape(
    "Field",
    lambda: answer_object({
        "name": {"type": "string", "description": "The key in a lead."},
        "label": {"type": "string", "description": "As people see it."},
        "kind": {"type": "string", "description": "The field's type, e.g. text, email, money."},
        "options": {
            "type": ["array", "null"], "description": "What it can be, for fields with a list.",
            "items": answer_object({"value": {"type": ["string", "integer"]}, "label": NAME}),
        },
        "schema": {"type": "object", "description": "The JSON schema that a value is checked with."},
    }),
)  # fmt: skip
FIELDS = Shape("FieldList", lambda: answer_object({"data": _list(FIELD.ref)}), uses=(FIELD,))


@bp.get("/pipelines")
@operation("List pipelines with their stages", scope=Scope.LEADS_READ, answers={200: PIPELINES})
def pipelines() -> Response:
    found = [
        {
            "id": pipeline.id, "name": pipeline.name,
            "stages": [
                {"id": stage.id, "name": stage.name, "kind": stage.kind, "probability": stage.probability, "tone": stage.tone}
                for stage in pipeline.stages
            ],
        }
        for pipeline in board.pipelines()
    ]  # fmt: skip
    reasons = [{"id": one.id, "name": one.name} for one in list_entries("lost_reason", current_actor()) if not one.is_archived]
    return json_answer({"data": found, "lost_reasons": reasons})


@bp.get("/fields")
@operation("List the fields of a lead", scope=Scope.LEADS_READ, answers={200: FIELDS})
def fields() -> Response:
    return json_answer({"data": [_told(field) for field in lead_fields()]})


def _told(field: ApiField) -> dict[str, Any]:
    return {
        "name": field.name, "label": gettext(field.label), "kind": field.kind, "options": _options(field), "schema": field.schema,
    }  # fmt: skip


def _options(field: ApiField) -> list[dict[str, Any]] | None:
    if field.kind == FieldKind.USER:
        return [{"value": user_id, "label": name} for user_id, name in owners(current_actor())]
    if field.kind == FieldKind.SOURCE:
        entries = list_entries("source", current_actor())
        return [{"value": entry.id, "label": entry.name} for entry in entries if not entry.is_archived]
    return [{"value": value, "label": gettext(label)} for value, label in field.options] or None
