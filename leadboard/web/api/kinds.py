"""The three kinds of records as the API tells them: what is in a lead, a contact, an organisation beside its typed fields."""

from typing import Any

from leadboard.domain.record_rows import CONTACT, LEAD, ORGANISATION
from leadboard.permissions import Scope
from leadboard.queries.api_rows import employments_sql, json_list
from leadboard.queries.tags import in_order, parse_ids, tag_ids_sql
from leadboard.web.api.json_types import (
    DAY_OR_NULL,
    ID,
    ID_OR_NULL,
    MOMENT,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    answer_object,
    day_json,
    list_of,
    moment_json,
    plain,
)
from leadboard.web.api.record_json import TAGS, RecordApi, Told


def _employments(stored: Any) -> list[dict[str, Any]]:
    return [{"organisation_id": number, "job_title": plain(title)} for number, title in json_list(stored)]


def _tags(stored: Any) -> list[str]:
    return [tag.name for tag in in_order(parse_ids(stored))]


_EMPLOYMENT = answer_object({"organisation_id": ID, "job_title": TEXT_OR_NULL})
_LINK_NOTE = "Linked beside what was typed; null: no link."

LEADS = RecordApi(
    table=LEAD,
    plural="leads",
    read=Scope.LEADS_READ,
    write=Scope.LEADS_WRITE,
    told={
        "pipeline_id": Told(ID, int),
        "stage_id": Told(ID, int),
        "stage_entered_at": Told(MOMENT, moment_json),
        "snoozed_until": Told(DAY_OR_NULL, day_json),
        "closed_at": Told(MOMENT_OR_NULL, moment_json),
        "converted_at": Told(MOMENT_OR_NULL, moment_json),
        "lost_reason_id": Told(ID_OR_NULL, plain),
        "lost_to": Told(TEXT_OR_NULL, plain),
        "contact_id": Told(ID_OR_NULL, plain),
        "organisation_id": Told(ID_OR_NULL, plain),
        TAGS: Told({**list_of(TEXT), "description": "By name, in their order."}, _tags, lambda: tag_ids_sql("lead")),
    },
    has_tags=True,
    links={
        "contact_id": {**ID_OR_NULL, "description": f"The person of this lead. {_LINK_NOTE}"},
        "organisation_id": {**ID_OR_NULL, "description": f"The firm of this lead. {_LINK_NOTE}"},
    },
    place={
        "pipeline_id": {**ID, "description": "Starts in its first open stage."},
        "stage_id": {**ID, "description": "Starts there, on top. Not a lost stage: move the lead there with its reason."},
        "before_id": {**ID, "description": "The lead of that stage above which it goes."},
    },
    notes={"title": "What is shown. Empty: the person or the organisation."},
)
CONTACTS = RecordApi(
    table=CONTACT,
    plural="contacts",
    read=Scope.CONTACTS_READ,
    write=Scope.CONTACTS_WRITE,
    told={
        "employments": Told(
            {**list_of(_EMPLOYMENT), "description": "Further firms, beside organisation_id."}, _employments, employments_sql
        ),
    },
    links={},
    notes={
        "name": "What is shown. Empty: given and family name.",
        "organisation_id": "The main firm; further ones are in employments.",
    },
)
ORGANISATIONS = RecordApi(
    table=ORGANISATION,
    plural="organisations",
    read=Scope.CONTACTS_READ,
    write=Scope.CONTACTS_WRITE,
    told={
        "domain": Told({**TEXT_OR_NULL, "description": "That of its website or e-mail; none of free mail."}, plain),
        "primary_contact_id": Told(ID_OR_NULL, plain),
    },
    links={"primary_contact_id": {**ID_OR_NULL, "description": "Whom to ask first: somebody who works there."}},
    new_links=False,
    notes={"parent_id": "The organisation that it is part of."},
)
KINDS = (LEADS, CONTACTS, ORGANISATIONS)


def kind_of(path: str) -> RecordApi:
    """The kind that an address is about; leads where it says none."""
    parts = path.split("/")
    return next((kind for kind in KINDS if kind.plural in parts), LEADS)
