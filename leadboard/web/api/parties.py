"""/api/v1/contacts and /api/v1/organisations: what is not every record's: who may be the same, and further firms of a person."""

from typing import Any

from flask import Blueprint, Response, request

from leadboard.domain.relations import add_employment, end_employment
from leadboard.errors import NotFound, Refused
from leadboard.http import current_actor
from leadboard.queries.exact_filter import LONGEST, ExactContacts, ExactOrganisations
from leadboard.queries.keyset import Order
from leadboard.queries.party_list import CONTACT_LIST, ORGANISATION_LIST
from leadboard.queries.party_matches import matching_contacts, matching_organisations
from leadboard.queries.record_filter import RecordFilter, known_owners
from leadboard.queries.views import with_view
from leadboard.rest import Schema, Shape, json_answer, json_body, operation
from leadboard.web.api import records
from leadboard.web.api.converting import MATCHES, match_json
from leadboard.web.api.json_types import ID, body_object
from leadboard.web.api.kinds import CONTACTS, ORGANISATIONS
from leadboard.web.api.record_json import RecordApi

contacts = Blueprint("api_contacts", __name__)
organisations = Blueprint("api_organisations", __name__)
EMPLOYMENT = Shape(
    "NewEmployment",
    lambda: body_object({"organisation_id": ID, "job_title": {"type": "string", "maxLength": 120}}, ("organisation_id",)),
)


_EXACT: dict[str, Schema] = {
    "country": {"type": "string", "maxLength": 2, "description": "Two letters, as some record has it."},
    "email": {"type": "string", "maxLength": LONGEST, "description": "Main or further address."},
    "phone": {"type": "string", "maxLength": 60, "description": "Main or further number, in whatever form it is written."},
    "external_source": {"type": "string", "maxLength": 40, "description": "The other system, together with external_id."},
    "external_id": {"type": "string", "maxLength": 120, "description": "Its number there."},
    "updated_since": {"type": "string", "format": "date-time", "maxLength": 40, "description": "Written then or later."},
}
CONTACT_QUERY: dict[str, Schema] = {
    **records.COMMON_QUERY, "organisation": {**ID, "description": "Main or further firm."}, **_EXACT,
}  # fmt: skip
ORGANISATION_QUERY: dict[str, Schema] = {
    **records.COMMON_QUERY, "industry": {"type": "string", "maxLength": 100, "description": "As some organisation has it."},
    "domain": {"type": "string", "maxLength": 253, "description": "Of its website or e-mail."}, **_EXACT,
}  # fmt: skip


def _read_contacts(sort: str | None) -> tuple[RecordFilter, Order]:
    args = with_view(request.args, current_actor(), "contact")
    return ExactContacts.from_args(args, current_actor(), known_owners()), CONTACT_LIST.order(sort or args.get("sort"))


def _read_organisations(sort: str | None) -> tuple[RecordFilter, Order]:
    args = with_view(request.args, current_actor(), "organisation")
    return ExactOrganisations.from_args(args, current_actor(), known_owners()), ORGANISATION_LIST.order(sort or args.get("sort"))


records.attach_list(contacts, CONTACTS, query=CONTACT_QUERY, listing=CONTACT_LIST, read=_read_contacts)
records.attach(contacts, CONTACTS)
records.attach_list(organisations, ORGANISATIONS, query=ORGANISATION_QUERY, listing=ORGANISATION_LIST, read=_read_organisations)
records.attach(organisations, ORGANISATIONS)


def matches(kind: RecordApi, record_id: int) -> Response:
    row = records.read_row(kind, record_id)
    asked = {name: row[name] for name in ("name", "email", "phone")}
    if kind is CONTACTS:
        found = matching_contacts(current_actor(), **asked, but=record_id)
    else:
        found = matching_organisations(current_actor(), **asked, website=row["website"], but=record_id)
    return json_answer({"data": [*map(match_json, found)]})


for bp, kind in ((contacts, CONTACTS), (organisations, ORGANISATIONS)):
    records.put(
        bp, kind, "GET", f"/<int:{kind.id_name}>/matches", matches, f"{kind.plural.capitalize()} that may be the same",
        scope=kind.read, answers={200: MATCHES}, description="By e-mail address, telephone number, domain and name.",
    )  # fmt: skip


@contacts.post("/contacts/<int:contact_id>/employments")
@operation(
    "Put a contact at a further firm", scope=CONTACTS.write, body=EMPLOYMENT, answers={200: CONTACTS.written},
    description="The main firm is organisation_id of the contact.",
)  # fmt: skip
def employ(contact_id: int) -> Response:
    sent = json_body()
    try:
        add_employment(contact_id, sent["organisation_id"], actor=current_actor(), job_title=sent.get("job_title", ""))
    except NotFound as error:
        if error.message != ORGANISATIONS.table.missing:
            raise
        raise Refused(error.message, field="organisation_id") from error
    return records.written(CONTACTS, contact_id, records.read_version(CONTACTS, contact_id), 200)


@contacts.delete("/contacts/<int:contact_id>/employments/<int:organisation_id>")
@operation(
    "Take a contact from a firm", scope=CONTACTS.write, answers={204: None}, description="From the main one or a further one.",
)  # fmt: skip
def leave(**ids: Any) -> Response:
    end_employment(ids["contact_id"], ids["organisation_id"], actor=current_actor())
    return Response(status=204)
