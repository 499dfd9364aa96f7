"""What programs do with records of every kind: the list, one record, new ones, changes, the bin, notes, fields, merge and split.

Each view is written once; attach() puts all of them at the addresses of one kind.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request, url_for

from leadboard.domain.notes import add_note
from leadboard.domain.versions import FieldConflict
from leadboard.domain.whole_records import Besides, change_record, create_record, delete_record, merge_known, split
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.http import current_actor
from leadboard.queries.api_rows import note_of, record_row
from leadboard.rest import Schema, Shape, check_value, json_answer, json_body, operation, query_values
from leadboard.web.api.custom_json import filter_parameters, sort_names
from leadboard.web.api.json_types import ID, VERSION, body_object
from leadboard.web.api.record_json import RecordApi, sent_points

MOST_AT_ONCE = 200
USUAL_LIMIT = 50
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

Find = Callable[[dict[str, Any], RecordApi], tuple[list[tuple[Any, ...]], str | None]]
Place = Callable[[Mapping[str, Any]], dict[str, int | None]]


def attach(
    bp: Blueprint, kind: RecordApi, *, query: Mapping[str, Schema], sorts: Sequence[str], find: Find, place: Place
) -> None:
    """The views of one kind. `query` and `sorts` are the filters and orders of its list, `find` reads a page; `place` is checked of a new one."""
    noun, one = kind.record_type, f"/{kind.plural}/<int:{kind.id_name}>"
    article = "an" if noun[0] in "aeiou" else "a"
    reads: dict[str, Any] = {"scope": kind.read}
    writes: dict[str, Any] = {"scope": kind.write}
    merge_body = _merge_shape(kind)

    def list_query() -> dict[str, Schema]:
        """The parameters of the list, with those of the custom fields there are."""
        known = [*sorts, *sort_names(noun)]
        order = {**query["sort"], "enum": [*known, *(f"-{name}" for name in known)]}
        return {**query, "sort": order, **PAGING, **filter_parameters(noun)}

    @bp.get(f"/{kind.plural}")
    @operation(
        f"List {kind.plural}",
        query=list_query,
        answers={200: kind.page},
        description="The filters are those of the list on screen.",
        **reads,
    )
    def index() -> Response:
        found, following = find(query_values(), kind)
        return json_answer({"data": [kind.json(kind.named(row)) for row in found], "next_cursor": following})

    @bp.post(f"/{kind.plural}")
    @operation(f"Add {article} {noun}", body=kind.new, answers={201: kind.written}, **writes)
    def add() -> Response:
        sent = json_body()
        besides = Besides(sent_points(sent), kind.domain_links(sent))
        done = create_record(noun, kind.domain_values(sent), actor=current_actor(), besides=besides, **place(sent))
        response = written(kind, done.id, done.version, 201)
        ids: dict[str, Any] = {kind.id_name: done.id}
        response.headers["Location"] = url_for(f"{bp.name}.detail", **ids)
        return response

    @bp.get(one)
    @operation(f"Read {article} {noun}", answers={200: kind.record}, description="ETag is the version.", **reads)
    def detail(**ids: int) -> Response:
        row = read_row(kind, ids[kind.id_name])
        return json_answer(kind.json(row), headers=etag(row["version"]))

    @bp.patch(one)
    @operation(
        f"Change fields of {article} {noun}", body=kind.changes, headers=IF_MATCH, answers={200: kind.written}, **writes,
        description="Fields that are not sent stay. With a version, fields that somebody else changed since are a conflict; others merge.",
    )  # fmt: skip
    def update(**ids: int) -> Response:
        sent, record_id = json_body(), ids[kind.id_name]
        version = sent_version(sent)
        besides = Besides(sent_points(sent), kind.domain_links(sent))
        try:
            done = change_record(
                noun, record_id, kind.domain_values(sent), actor=current_actor(), version=version, besides=besides
            )
        except Conflict as conflict:
            raise with_version(kind, conflict, conflict.details, record_id, version) from conflict
        return written(kind, record_id, done.version, 200)

    @bp.delete(one)
    @operation(f"Put {article} {noun} in the bin", headers=IF_MATCH, answers={204: None}, **writes)
    def delete(**ids: int) -> Response:
        delete_record(noun, ids[kind.id_name], actor=current_actor(), version=sent_version({}))
        return Response(status=204)

    @bp.post(f"{one}/notes")
    @operation(f"Write a note about {article} {noun}", body=NEW_NOTE, answers={201: kind.note}, **writes)
    def write_note(**ids: int) -> Response:
        added = add_note(body=json_body()["body"], actor=current_actor(), **ids)
        return json_answer(kind.note_json(note_of(added.id, noun, ids[kind.id_name]), ids[kind.id_name]), 201)

    @bp.post(f"{one}/merge")
    @operation(
        f"Merge another {noun} into this one", body=merge_body, headers=IF_MATCH, answers={200: kind.written}, **writes,
        description=(
            "What hangs on the other one comes over and the other one goes; of two values the newer one's stays, never nothing over something,"
            " but for the fields in values. The answer is the one that stays; /split takes it back."
        ),
    )  # fmt: skip
    def merge(**ids: int) -> Response:
        sent, record_id = json_body(), ids[kind.id_name]
        done = merge_known(
            noun, record_id, sent["other_id"], actor=current_actor(), values=kind.domain_values(sent.get("values", {})),
            version=sent_version(sent), other_version=sent.get("other_version"),
        )  # fmt: skip
        return written(kind, done.id, read_version(kind, record_id), 200)

    @bp.post(f"{one}/split")
    @operation(
        f"Take a merge of two {kind.plural} back", body=SPLIT, answers={200: kind.written}, **writes,
        description="Both are there again, as far as nobody changed them since. For who merged them, and for managers.",
    )  # fmt: skip
    def take_apart(**ids: int) -> Response:
        record_id = ids[kind.id_name]
        split(noun, record_id, json_body()["other_id"], actor=current_actor())
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
