"""A lead that buys, by the API: what its firm and its person may be, and the conversion itself."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from leadboard.domain.conversion import Carried, Side, carried_values, convert_lead, first_contact, first_organisation
from leadboard.domain.record_rows import load_visible
from leadboard.errors import NotFound, Refused
from leadboard.fieldtypes import PREFIX
from leadboard.http import current_actor
from leadboard.queries.party_matches import PartyMatch, Reason, matching_contacts, matching_organisations
from leadboard.rest import Schema, Shape, json_answer, json_body, operation
from leadboard.web.api.json_types import (
    ID,
    ID_OR_NULL,
    MOMENT_OR_NULL,
    TEXT,
    VERSION,
    answer_object,
    body_object,
    list_of,
    moment_json,
)
from leadboard.web.api.kinds import CONTACTS, LEADS, ORGANISATIONS
from leadboard.web.api.leads import bp
from leadboard.web.api.record_json import RecordApi
from leadboard.web.api.records import read_version

_SIDES = (ORGANISATIONS, CONTACTS)
_MATCH = answer_object({
    "id": ID, "name": TEXT, "detail": {**TEXT, "description": "Tells two of one name apart."},
    "reason": {"enum": [str(reason) for reason in Reason], "description": "What they have in common, the surest first."},
})  # fmt: skip
MATCHES = Shape("MatchList", lambda: answer_object({"data": list_of(_MATCH)}))


def _suggestion(kind: RecordApi) -> Schema:
    return answer_object({
        "matches": list_of(_MATCH),
        "new": {**kind.values_schema(), "description": "What a new one takes from the lead."},
    })  # fmt: skip


SUGGESTIONS = Shape(
    "ConversionSuggestions",
    lambda: answer_object({
        "converted_at": MOMENT_OR_NULL, "organisation_id": ID_OR_NULL, "contact_id": ID_OR_NULL,
        **{kind.record_type: _suggestion(kind) for kind in _SIDES},
        "carried": {
            **list_of(answer_object({"record_type": {"enum": [kind.record_type for kind in _SIDES]}, "key": TEXT, "value": {}})),
            "description": "Custom fields of the lead for which the other side has one of the same key and type.",
        },
    }),
)  # fmt: skip


def _side(kind: RecordApi) -> Schema:
    return {
        "type": ["object", "null"],
        "properties": {
            "id": {**ID, "description": "One that is there."},
            "new": {**kind.values_schema(), "description": "A new one; what is not said is taken from the lead."},
        },
        "minProperties": 1, "maxProperties": 1, "additionalProperties": False, "description": "null: none.",
    }  # fmt: skip


CONVERSION = Shape(
    "Conversion",
    lambda: body_object(
        {
            **{kind.record_type: _side(kind) for kind in _SIDES},
            "stage_id": {**ID, "description": "The lead moves on to this stage, of another pipeline too."},
            "carry": {
                **list_of({"type": "string", "maxLength": 40}),
                "maxItems": 500,
                "description": "The keys of the custom fields to take over; without it all that fit.",
            },
        },
        tuple(kind.record_type for kind in _SIDES),
    ),
)
CONVERTED = Shape(
    "Converted",
    lambda: answer_object({
        "lead_id": ID, "version": {**VERSION, "description": "The lead's."}, "organisation_id": ID_OR_NULL, "contact_id": ID_OR_NULL,
        "was_converted": {"type": "boolean", "description": "Somebody had done it before: nothing was changed."},
    }),
)  # fmt: skip


def match_json(match: PartyMatch) -> dict[str, Any]:
    """A match as the shape of one."""
    return {"id": match.id, "name": match.name, "detail": match.detail, "reason": str(match.reason)}


@bp.get("/leads/<int:lead_id>/convert")
@operation(
    "What a lead may be converted to", scope=f"{LEADS.read} {CONTACTS.read}", answers={200: SUGGESTIONS},
    description="The organisations and people that it may mean, and what new ones would take from it.",
)  # fmt: skip
def suggest(lead_id: int) -> Response:
    actor = current_actor()
    lead = load_visible(LEADS.table, lead_id, actor)
    firms = matching_organisations(
        actor, name=lead["organisation_name"], email=lead["email"], website=lead["website"], phone=lead["phone"]
    )
    people = matching_contacts(actor, name=lead["person_name"], email=lead["email"], phone=lead["phone"])
    return json_answer({
        "converted_at": moment_json(lead["converted_at"]), "organisation_id": lead["organisation_id"], "contact_id": lead["contact_id"],
        "organisation": {"matches": [*map(match_json, firms)], "new": ORGANISATIONS.sent_values(first_organisation(lead))},
        "contact": {"matches": [*map(match_json, people)], "new": CONTACTS.sent_values(first_contact(lead))},
        "carried": [*map(_carried_json, carried_values(lead))],
    })  # fmt: skip


def _carried_json(carried: Carried) -> dict[str, Any]:
    return {"record_type": carried.record_type, "key": carried.field.key, "value": carried.value}


@bp.post("/leads/<int:lead_id>/convert")
@operation(
    "Convert a lead", scope=f"{LEADS.write} {CONTACTS.write}", body=CONVERSION, answers={200: CONVERTED},
    description=(
        "Its organisation and its person are linked or made, and the same lead moves on with its whole history. It is done once:"
        " asked again, by whomever, the answer is what came of the first time."
    ),
)  # fmt: skip
def convert(lead_id: int) -> Response:
    sent = json_body()
    carry = frozenset(PREFIX + key for key in sent["carry"]) if "carry" in sent else None
    try:
        done = convert_lead(
            lead_id, organisation=_read_side(ORGANISATIONS, sent), contact=_read_side(CONTACTS, sent), actor=current_actor(),
            to_stage_id=sent.get("stage_id"), carry=carry,
        )  # fmt: skip
    except NotFound as error:
        kind = next((kind for kind in _SIDES if kind.table.missing == error.message), None)
        if kind is None:
            raise
        raise Refused(error.message, field=f"{kind.record_type}.id") from error
    return json_answer({
        "lead_id": lead_id, "version": read_version(LEADS, lead_id), "organisation_id": done.organisation_id, "contact_id": done.contact_id,
        "was_converted": done.change_set_id is None,
    })  # fmt: skip


def _read_side(kind: RecordApi, sent: Mapping[str, Any]) -> Side:
    side = sent[kind.record_type] or {}
    return Side(side.get("id"), "new" in side, kind.domain_values(side.get("new", {})))
