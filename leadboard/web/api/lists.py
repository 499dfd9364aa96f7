"""/api/v1/pipelines and /fields: what a program has to know before it writes a lead."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext

from leadboard.forms.custom_inputs import known_fields
from leadboard.http import current_actor
from leadboard.models.pipelines import StageKind
from leadboard.models.record_fields import FieldKind
from leadboard.permissions import Scope
from leadboard.queries import pipelines as queries
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.users import owners
from leadboard.rest import Schema, Shape, json_answer, operation
from leadboard.web.api.custom_json import options_of, value_schema
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
        "key": {"type": "string", "description": "Its name in a lead; a custom field's in the lead's custom_fields."},
        "label": {"type": "string", "description": "As people see it."},
        "type": {"type": "string", "description": "The field's type, e.g. text, email, money, or one that a plugin brings."},
        "help": {"type": "string", "description": "What people are told beside the field."},
        "is_custom": {"type": "boolean", "description": "Whether an admin made it."},
        "is_required": {"type": "boolean", "description": "A new lead needs it, and nobody can empty it."},
        "is_unique": {"type": "boolean", "description": "No two leads have the same value."},
        "is_archived": {"type": "boolean", "description": "Not in use: leads keep their values, which are neither told nor changed."},
        "default": {"description": "What a new lead has when nothing is sent; null: nothing."},
        "options": {
            "type": ["array", "null"], "description": "What it can be, for fields with a list.",
            "items": answer_object({"value": {"type": ["string", "number", "boolean"]}, "label": NAME}),
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
        for pipeline in queries.pipelines()
    ]  # fmt: skip
    reasons = [
        {"id": one.id, "name": one.name} for one in queries.list_entries("lost_reason", current_actor()) if not one.is_archived
    ]
    return json_answer({"data": found, "lost_reasons": reasons})


@bp.get("/fields")
@operation("List the fields of a lead", scope=Scope.LEADS_READ, answers={200: FIELDS})
def fields() -> Response:
    own = [_told(field) for field in lead_fields()]
    return json_answer({"data": [*own, *(_told_custom(field) for field in known_fields().by_key.values())]})


def _told(field: ApiField) -> dict[str, Any]:
    return {
        "key": field.name, "label": gettext(field.label), "type": field.kind, "help": "", "is_custom": False, "is_required": False,
        "is_unique": False, "is_archived": False, "default": None, "options": _options(field), "schema": field.schema,
    }  # fmt: skip


def _told_custom(field: BoundField) -> dict[str, Any]:
    known = field.definition
    return {
        "key": known.key, "label": known.label, "type": known.type, "help": known.help, "is_custom": True,
        "is_required": known.is_required, "is_unique": known.is_unique, "is_archived": known.is_archived,
        "default": known.default, "options": options_of(field), "schema": value_schema(field),
    }  # fmt: skip


def _options(field: ApiField) -> list[dict[str, Any]] | None:
    if field.kind == FieldKind.USER:
        return [{"value": user_id, "label": name} for user_id, name in owners(current_actor())]
    if field.kind == FieldKind.SOURCE:
        entries = queries.list_entries("source", current_actor())
        return [{"value": entry.id, "label": entry.name} for entry in entries if not entry.is_archived]
    return [{"value": value, "label": gettext(label)} for value, label in field.options] or None
