"""What programs do with records of every kind: the list, one record, new ones, changes, the bin, notes, fields, merge and split.

Each view is written once, with its kind as the first argument; attach() puts all of them at the addresses of one kind.
"""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request, url_for

from leadboard.domain.notes import add_note
from leadboard.domain.versions import FieldConflict
from leadboard.domain.whole_records import Besides, change_record, create_record, delete_record, merge_known, split
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.http import current_actor, formats
from leadboard.queries.api_rows import note_of, record_row
from leadboard.queries.field_filter import refuse_missing_types
from leadboard.queries.keyset import Listing, Order
from leadboard.queries.record_filter import MAX_TEXT, NEXT_STEPS, RecordFilter
from leadboard.queries.record_list import records_from
from leadboard.rest import Schema, Shape, check_value, json_answer, json_body, operation, query_values
from leadboard.web.api.custom_json import filter_parameters, sort_names
from leadboard.web.api.json_types import ID, VERSION, body_object
from leadboard.web.api.record_json import TAGS, RecordApi, sent_points

MOST_AT_ONCE = 200
USUAL_LIMIT = 50
COMMON_QUERY: dict[str, Schema] = {
    "owner": {"type": "string", "pattern": "^(me|none|[0-9]{1,18})$", "description": "A person's id, me or none."},
    "q": {"type": "string", "maxLength": MAX_TEXT, "description": "Names, addresses, telephone numbers."},
    "next": {"enum": [*NEXT_STEPS], "description": "The state of the next step."},
    "query": {"type": "string", "maxLength": 2000, "description": "A filter as text, as above the list on screen."},
    "view": {**ID, "description": "A saved view; other parameters come on top of it."},
}
PAGING: dict[str, Schema] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST_AT_ONCE, "default": USUAL_LIMIT},
    "cursor": {"type": "string", "minLength": 1, "maxLength": 1000, "description": "next_cursor of the page before."},
}
IF_MATCH = {"If-Match": "The ETag that was read. 409 when the record has changed since where it matters."}
_ETAG = re.compile(r'"?([0-9]{1,10})"?')
NEW_NOTE = Shape("NewNote", lambda: body_object({"body": {"type": "string", "minLength": 1, "maxLength": 100_000}}, ("body",)))
SPLIT = Shape(
    "Split", lambda: body_object({"other_id": {**ID, "description": "The one that was merged into this one."}}, ("other_id",))
)

Read = Callable[[str | None], tuple[RecordFilter, Order]]
Place = Callable[[Mapping[str, Any]], dict[str, int | None]]
View = Callable[..., Response]


def put(bp: Blueprint, kind: RecordApi, method: str, rule: str, view: View, summary: str, **told: Any) -> None:
    """Put a view at the kind's address followed by `rule`; it is called with the kind, then with the ids of the address."""

    @wraps(view)
    def bound(**ids: int) -> Response:
        return view(kind, *ids.values())

    described = operation(summary, **told)(bound)
    bp.add_url_rule(f"/{kind.plural}{rule}", view.__name__, described, methods=[method])


def attach(bp: Blueprint, kind: RecordApi, *, place: Place = lambda sent: {}) -> None:
    """What every kind of records has, but for the list. `place` reads and checks what says where a new one starts."""
    noun, one = kind.record_type, f"/<int:{kind.id_name}>"
    a_noun = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
    writes: dict[str, Any] = {"scope": kind.write}

    @wraps(add)
    def add_one(kind: RecordApi) -> Response:
        return add(kind, place)

    put(bp, kind, "POST", "", add_one, f"Add {a_noun}", body=kind.new, answers={201: kind.written}, **writes)
    put(
        bp, kind, "GET", one, detail, f"Read {a_noun}", scope=kind.read, answers={200: kind.record}, description="ETag is the version."
    )  # fmt: skip
    put(
        bp, kind, "PATCH", one, update, f"Change fields of {a_noun}", body=kind.changes, headers=IF_MATCH, answers={200: kind.written},
        description="Fields that are not sent stay. With a version, fields that somebody else changed since are a conflict; others merge.",
        **writes,
    )  # fmt: skip
    put(bp, kind, "DELETE", one, delete, f"Put {a_noun} in the bin", headers=IF_MATCH, answers={204: None}, **writes)
    put(
        bp, kind, "POST", f"{one}/notes", write_note, f"Write a note about {a_noun}", body=NEW_NOTE, answers={201: kind.note}, **writes
    )  # fmt: skip
    put(
        bp, kind, "POST", f"{one}/merge", merge, f"Merge another {noun} into this one", body=_merge_shape(kind), headers=IF_MATCH,
        answers={200: kind.written}, **writes,
        description=(
            "What hangs on the other one comes over and the other one goes; of two values the newer one's stays, never nothing over something,"
            " but for the fields in values. The answer is the one that stays; /split takes it back."
        ),
    )  # fmt: skip
    put(
        bp, kind, "POST", f"{one}/split", take_apart, f"Take a merge of two {kind.plural} back", body=SPLIT,
        answers={200: kind.written}, **writes,
        description="Both are there again, as far as nobody changed them since. For who merged them, and for managers.",
    )  # fmt: skip


def attach_list(bp: Blueprint, kind: RecordApi, *, query: Mapping[str, Schema], listing: Listing, read: Read) -> None:
    """The list of a kind: its filters and orders, and what reads them from a request that asks for a sort."""

    def parameters() -> dict[str, Schema]:
        """Those of the list, with those of the custom fields there are."""
        known = [*listing.sorts, *sort_names(kind.record_type)]
        order = {"enum": [*known, *(f"-{name}" for name in known)], "default": listing.usual, "description": "-: falling."}
        return {**query, "sort": order, **PAGING, **filter_parameters(kind.record_type)}

    def index(kind: RecordApi) -> Response:
        refuse_missing_types(request.args, kind.record_type)
        asked = query_values()
        wanted, order = read(asked.get("sort"))
        found, following = records_from(
            wanted, order, current_actor(), formats().today, columns=kind.columns, limit=asked.get("limit", USUAL_LIMIT),
            cursor=asked.get("cursor"),
        )  # fmt: skip
        return json_answer({"data": [kind.json(kind.named(row)) for row in found], "next_cursor": following})

    put(
        bp, kind, "GET", "", index, f"List {kind.plural}", scope=kind.read, query=parameters, answers={200: kind.page},
        description="The filters are those of the list on screen.",
    )  # fmt: skip


def add(kind: RecordApi, place: Place) -> Response:
    sent = json_body()
    done = create_record(
        kind.record_type, kind.domain_values(sent), actor=current_actor(), besides=_besides(kind, sent), **place(sent)
    )
    response = written(kind, done.id, done.version, 201)
    ids: dict[str, Any] = {kind.id_name: done.id}
    response.headers["Location"] = url_for(f"api_{kind.plural}.detail", **ids)
    return response


def detail(kind: RecordApi, record_id: int) -> Response:
    row = read_row(kind, record_id)
    return json_answer(kind.json(row), headers=etag(row["version"]))


def update(kind: RecordApi, record_id: int) -> Response:
    sent = json_body()
    version = sent_version(sent)
    try:
        done = change_record(
            kind.record_type, record_id, kind.domain_values(sent), actor=current_actor(), version=version, besides=_besides(kind, sent)
        )  # fmt: skip
    except Conflict as conflict:
        raise with_version(kind, conflict, conflict.details, record_id, version) from conflict
    return written(kind, record_id, done.version, 200)


def _besides(kind: RecordApi, sent: Mapping[str, Any]) -> Besides:
    return Besides(sent_points(sent), sent.get(TAGS), kind.domain_links(sent))


def delete(kind: RecordApi, record_id: int) -> Response:
    delete_record(kind.record_type, record_id, actor=current_actor(), version=sent_version({}))
    return Response(status=204)


def write_note(kind: RecordApi, record_id: int) -> Response:
    host: dict[str, Any] = {kind.id_name: record_id}
    added = add_note(body=json_body()["body"], actor=current_actor(), **host)
    return json_answer(kind.note_json(note_of(added.id, kind.record_type, record_id), record_id), 201)


def merge(kind: RecordApi, record_id: int) -> Response:
    sent = json_body()
    merge_known(
        kind.record_type, record_id, sent["other_id"], actor=current_actor(), values=kind.domain_values(sent.get("values", {})),
        version=sent_version(sent), other_version=sent.get("other_version"),
    )  # fmt: skip
    return written(kind, record_id, read_version(kind, record_id), 200)


def take_apart(kind: RecordApi, record_id: int) -> Response:
    split(kind.record_type, record_id, json_body()["other_id"], actor=current_actor())
    return written(kind, record_id, read_version(kind, record_id), 200)


def _merge_shape(kind: RecordApi) -> Shape:
    return kind.shape(
        "Merge{}",
        lambda: body_object(
            {
                "other_id": {**ID, "description": "The one that goes."},
                "version": {**VERSION, "description": "The version of this one that was read: 409 when it changed since."},
                "other_version": {**VERSION, "description": "That of the other one."},
                "values": {**kind.values_schema(), "description": "What these fields are afterwards."},
            },
            ("other_id",),
        ),
    )


def read_row(kind: RecordApi, record_id: int) -> dict[str, Any]:
    """A record that the actor may see, as kind.json() takes it. Raises NotFound."""
    return kind.named(record_row(kind.record_type, record_id, current_actor(), columns=kind.columns, missing=kind.table.missing))


def read_version(kind: RecordApi, record_id: int) -> int:
    columns = (f"{kind.record_type}.version",)
    return int(record_row(kind.record_type, record_id, current_actor(), columns=columns, missing=kind.table.missing)[0])


def sent_version(sent: Mapping[str, Any]) -> int | None:
    """The version that the writer has read, from the body or from If-Match. Raises Refused, InvalidInput."""
    header = request.headers.get("If-Match", "*").strip()
    if header == "*":
        return sent.get("version")
    found = _ETAG.fullmatch(header)
    if found is None:
        raise Refused(N_('If-Match takes the ETag of a record, e.g. "7".'), field="If-Match")
    version = int(found[1])
    check_value({"properties": {"version": VERSION}}, {"version": version})
    if sent.get("version", version) != version:
        raise Refused(N_("If-Match and version contradict each other."), field="version")
    return version


def with_version(
    kind: RecordApi, conflict: Conflict, sides: list[FieldConflict], record_id: int, version: int | None
) -> Conflict:
    """The conflict, with the version to write on once it is settled."""
    told = [*sides, FieldConflict("version", version, read_version(kind, record_id), "")]
    return Conflict(conflict.message, details=told, field=conflict.field, **conflict.params)


def written(kind: RecordApi, record_id: int, version: int, status: int) -> Response:
    """The record as it is now, or what is left to tell when it went out of the writer's sight."""
    try:
        row = read_row(kind, record_id)
    except NotFound:
        return json_answer({"id": record_id, "version": version}, status, headers=etag(version))
    return json_answer(kind.json(row), status, headers=etag(row["version"]))


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
