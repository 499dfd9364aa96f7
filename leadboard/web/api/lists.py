"""/api/v1/pipelines and the fields of each kind of records: what a program has to know before it writes one."""

from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext

from leadboard.http import current_actor
from leadboard.models.pipelines import StageKind
from leadboard.models.record_fields import FieldKind
from leadboard.queries import pipelines as queries
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.tags import offered_tags
from leadboard.queries.users import owners
from leadboard.rest import Shape, json_answer, operation
from leadboard.web.api.custom_json import known, options_of, value_schema
from leadboard.web.api.json_types import ID, TEXT, answer_object, list_of
from leadboard.web.api.kinds import KINDS, LEADS
from leadboard.web.api.record_json import ApiField, RecordApi

bp = Blueprint("api_lists", __name__)

STAGE = answer_object({
    "id": ID, "name": TEXT, "kind": {"enum": [str(kind) for kind in StageKind]},
    "probability": {"type": "integer", "minimum": 0, "maximum": 100}, "tone": TEXT,
})  # fmt: skip
PIPELINE = Shape("Pipeline", lambda: answer_object({"id": ID, "name": TEXT, "stages": list_of(STAGE)}))
PIPELINES = Shape(
    "PipelineList",
    lambda: answer_object({
        "data": list_of(PIPELINE.ref),
        "lost_reasons": {**list_of(answer_object({"id": ID, "name": TEXT})), "description": "One is needed to move a lead into a lost stage."},
    }),
    uses=(PIPELINE,),
)  # fmt: skip
TAG = answer_object({"id": ID, "name": TEXT, "tone": TEXT})
TAGS = Shape("TagList", lambda: answer_object({"data": list_of(TAG)}))
FIELD = Shape(
    "Field",
    lambda: answer_object({
        "key": {"type": "string", "description": "Its name in a record; a custom field's in the record's custom_fields."},
        "label": {"type": "string", "description": "As people see it."},
        "type": {"type": "string", "description": "The field's type, e.g. text, email, money, or one that a plugin brings."},
        "help": {"type": "string", "description": "What people are told beside the field."},
        "is_custom": {"type": "boolean", "description": "Whether an admin made it."},
        "is_required": {"type": "boolean", "description": "A new record needs it, and nobody can empty it."},
        "is_unique": {"type": "boolean", "description": "No two records have the same value."},
        "is_archived": {"type": "boolean", "description": "Not in use: records keep their values, which are neither told nor changed."},
        "default": {"description": "What a new record has when nothing is sent; null: nothing."},
        "options": {
            "type": ["array", "null"], "description": "What it can be, for fields with a list.",
            "items": answer_object({"value": {"type": ["string", "number", "boolean"]}, "label": TEXT}),
        },
        "schema": {"type": "object", "description": "The JSON schema that a value is checked with."},
    }),
)  # fmt: skip
FIELDS = Shape("FieldList", lambda: answer_object({"data": list_of(FIELD.ref)}), uses=(FIELD,))


@bp.get("/pipelines")
@operation("List pipelines with their stages", scope=LEADS.read, answers={200: PIPELINES})
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


@bp.get("/tags")
@operation("List the tags of leads", scope=LEADS.read, answers={200: TAGS}, description="Those in use, in the order of names.")
def tags() -> Response:
    return json_answer({"data": [{"id": tag.id, "name": tag.name, "tone": tag.tone} for tag in offered_tags()]})


def _add_fields(kind: RecordApi) -> None:
    """The fields of leads are at /fields, those of others below their own address."""
    is_lead = kind is LEADS

    @bp.get("/fields" if is_lead else f"/{kind.plural}/fields", endpoint="fields" if is_lead else f"{kind.plural}_fields")
    @operation(f"List the fields of {kind.plural}", scope=kind.read, answers={200: FIELDS})
    def fields() -> Response:
        custom = [_told_custom(field) for field in known(kind.record_type).by_key.values()]
        return json_answer({"data": [*(_told(field) for field in kind.fields), *custom]})


for one in KINDS:
    _add_fields(one)


def _told(field: ApiField) -> dict[str, Any]:
    return {
        "key": field.name, "label": gettext(field.label), "type": field.kind, "help": "", "is_custom": False, "is_required": False,
        "is_unique": False, "is_archived": False, "default": None, "options": _options(field), "schema": field.schema,
    }  # fmt: skip


def _told_custom(field: BoundField) -> dict[str, Any]:
    made = field.definition
    return {
        "key": made.key, "label": made.label, "type": made.type, "help": made.help, "is_custom": True,
        "is_required": made.is_required, "is_unique": made.is_unique, "is_archived": made.is_archived,
        "default": made.default, "options": options_of(field), "schema": value_schema(field),
    }  # fmt: skip


def _options(field: ApiField) -> list[dict[str, Any]] | None:
    if field.kind == FieldKind.USER:
        return [{"value": user_id, "label": name} for user_id, name in owners(current_actor())]
    if field.kind == FieldKind.SOURCE:
        entries = queries.list_entries("source", current_actor())
        return [{"value": entry.id, "label": entry.name} for entry in entries if not entry.is_archived]
    return [{"value": value, "label": gettext(label)} for value, label in field.options] or None
