"""/api/v1/search: the one search, for programs."""

from typing import Any

from flask import Blueprint, Response

from leadboard.errors import N_, MissingScope, Refused
from leadboard.http import current_actor
from leadboard.lib.ids import is_id
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, Scope
from leadboard.queries.record_filter import MAX_TEXT
from leadboard.queries.search import KINDS, Hit, search, search_page
from leadboard.rest import Schema, Shape, json_answer, operation, query_values
from leadboard.web.api.json_types import (
    DAY_OR_NULL,
    ID,
    MOMENT_OR_NULL,
    TEXT,
    TEXT_OR_NULL,
    answer_object,
    day_json,
    list_of,
    moment_json,
    plain,
)

bp = Blueprint("api_search", __name__)

MOST = 50
USUAL = 20
QUERY: dict[str, Schema] = {
    "q": {"type": "string", "maxLength": MAX_TEXT, "description": "Words: all of them are found together; any piece of a name or a number."},
    "type": {"enum": [*KINDS], "description": "Only these, newest first and page by page."},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL, "description": "Of each type."},
    "cursor": {"type": "string", "minLength": 1, "maxLength": 100, "description": "next_cursor of the page before, of the same type."},
}  # fmt: skip
_HOST: Schema = {
    "type": ["object", "null"], "description": "What a note or a next step hangs on.", "additionalProperties": False,
    "properties": {"type": {"enum": [*RECORD_TYPES]}, "id": ID, "name": TEXT}, "required": ["type", "id", "name"],
}  # fmt: skip
HIT = answer_object({
    "type": {"enum": [*KINDS, "activity"], "description": "Activities come among the notes."},
    "id": ID,
    "name": {**TEXT_OR_NULL, "description": "What it is called; null for notes."},
    "details": {**list_of(TEXT), "description": "Its organisation, and what else the text was found in."},
    "host": _HOST,
    "text": {**TEXT_OR_NULL, "description": "Of notes and activities, in Markdown."},
    "written_at": MOMENT_OR_NULL,
    "due_on": DAY_OR_NULL,
    "is_done": {"type": ["boolean", "null"], "description": "Of next steps."},
})  # fmt: skip
RESULTS = Shape(
    "SearchResults",
    lambda: answer_object({
        "data": list_of(HIT),
        "more": {**list_of({"enum": [*KINDS]}), "description": "The types of which there is more: ask for them by type."},
        "next_cursor": TEXT_OR_NULL,
    }),
)  # fmt: skip


@bp.get("/search")
@operation(
    "Search",
    scope=Scope.LEADS_READ,
    query=QUERY,
    answers={200: RESULTS},
    description=(
        "Leads, contacts, organisations, notes and next steps with a text; the best of each type first, then the newest. Without "
        "contacts:read neither contacts nor organisations are found, nor what hangs on them."
    ),
)
def index() -> Response:
    sent, actor = query_values(), current_actor()
    text, kind, limit = sent.get("q", ""), sent.get("type"), sent.get("limit", USUAL)
    hosts = _hosts(actor)
    if kind is None:
        if "cursor" in sent:
            raise Refused(N_("A cursor goes on within one type: send the type, too."), field="cursor")
        kinds = [one for one in KINDS if one in hosts or one not in RECORD_TYPES]
        found = search(text, actor, most=limit, kinds=kinds, hosts=hosts)
        hits = [hit for of_kind in found.hits.values() for hit in of_kind]
        more = [one for one in kinds if one in found.more]
        return json_answer({"data": [_told(hit) for hit in hits], "more": more, "next_cursor": None})
    if kind in RECORD_TYPES and kind not in hosts:
        raise MissingScope(N_("This token lacks the scope %(scope)s."), scope=Scope.CONTACTS_READ)
    page = search_page(kind, text, actor, most=limit, before=_before(sent.get("cursor", "")), hosts=hosts)
    cursor = ".".join(map(str, page.before)) or None
    return json_answer({"data": [_told(hit) for hit in page.hits], "more": [kind] if cursor else [], "next_cursor": cursor})


def _hosts(actor: Actor) -> tuple[str, ...]:
    """The types of records that the token may read."""
    return RECORD_TYPES if Scope.CONTACTS_READ in actor.scopes else ("lead",)


def _before(cursor: str) -> tuple[int, ...]:
    parts = cursor.split(".") if cursor else []
    if not all(map(is_id, parts)):
        raise Refused(N_("This cursor is not one of ours."), field="cursor")
    return tuple(map(int, parts))


def _told(hit: Hit) -> dict[str, Any]:
    record_type, record_id, name = hit.host or ("", 0, "")
    is_step = hit.kind == "task"
    return {
        "type": hit.kind, "id": hit.id, "name": plain(hit.title), "details": [*hit.details, *([hit.phone] if hit.phone else [])],
        "host": {"type": record_type, "id": record_id, "name": name} if hit.host else None, "text": plain(hit.body),
        "written_at": moment_json(hit.at) if hit.host else None, "due_on": day_json(hit.due_on), "is_done": hit.is_done if is_step else None,
    }  # fmt: skip
