"""/api/v1/openapi.json: made from the operations of the views, those of plugins that are on included."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from flask import Blueprint, Response, current_app
from werkzeug.routing import IntegerConverter, Rule

from leadboard import __version__
from leadboard.blueprints import plugin_of
from leadboard.http import instance
from leadboard.pluginhost.registry import registry
from leadboard.rest import MEDIA_TYPE, Operation, Schema, Shape, json_answer, operation, operation_of
from leadboard.web.api.json_types import MAX_ID, answer_object

bp = Blueprint("api_document", __name__)

DOCUMENT = Shape("OpenAPI", lambda: {"type": "object"})
ERROR = Shape(
    "Error",
    lambda: answer_object({
        "error": answer_object({
            "code": {"type": "string"},
            "message": {"type": "string", "description": "For people, in the language of this Leadboard."},
            "fields": {
                "type": "object", "description": "What is wrong, by field.",
                "additionalProperties": {
                    "type": "object", "required": ["message"], "additionalProperties": False,
                    "properties": {
                        "message": {"type": "string"},
                        "yours": {"description": "In a conflict: the value sent."},
                        "theirs": {"description": "In a conflict: the value that is there."},
                        "by": {"type": ["string", "null"], "description": "In a conflict: who wrote it."},
                    },
                },
            },
            "request_id": {"type": "string", "description": "Also in the header X-Request-Id and in the server's log."},
        }),
    }),
)  # fmt: skip
_TEXTS = {
    200: "Done.", 201: "Made.", 204: "Done; nothing to tell.",
    400: "The request cannot be read.", 401: "No token, or one that is not good.", 403: "The role or the scopes do not include this.",
    404: "No such record, or none that the token's owner sees.", 409: "Somebody else changed it first.", 413: "The body is too large.",
    415: "The body is not JSON.", 422: "A value is wrong; the fields say which.", 429: "Too many tries; see Retry-After.",
    500: "A fault of ours.", 503: "The database is busy or away; see Retry-After.",
}  # fmt: skip
_ALWAYS = (400, 401, 403, 429, 500, 503)


@bp.get("/openapi.json")
@operation("This document", scope="", answers={200: DOCUMENT})
def document() -> Response:
    return json_answer(openapi())


def openapi() -> dict[str, Any]:
    """The document of this instance as it is now: its fields, and what its plugins add."""
    spec = APISpec(
        title="Leadboard", version=__version__, openapi_version="3.1.0",
        info={"description": f"The JSON API of {instance().name}. docs/api/ has a guide."},
        servers=[{"url": "/"}], security=[{"token": []}],
    )  # fmt: skip
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer", "bearerFormat": "lb_…"})
    named: set[str] = set()
    _add_shape(spec, ERROR, named)
    for rule, told, plugin in operations():
        for shape in (told.body, *told.answers.values()):
            _add_shape(spec, shape, named)
        methods = {method.lower() for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
        described = _operation(rule, told, plugin)
        spec.path(re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), operations={
            method: {**described, "operationId": _operation_id(rule)} for method in methods
        })  # fmt: skip
    return spec.to_dict()


def operations() -> Iterator[tuple[Rule, Operation, str | None]]:
    """(route, what it does, plugin or None) of every documented endpoint that answers now."""
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        told = operation_of(current_app.view_functions[rule.endpoint])
        plugin = plugin_of(current_app.blueprints.get(rule.endpoint.rpartition(".")[0]))
        if told is not None and (plugin is None or plugin in registry().on):
            yield rule, told, plugin


def _add_shape(spec: APISpec, shape: Shape | None, named: set[str]) -> None:
    if shape is None or shape.name in named:
        return
    named.add(shape.name)
    for used in shape.uses:
        _add_shape(spec, used, named)
    spec.components.schema(shape.name, dict(shape.make()))


def _operation_id(rule: Rule) -> str:
    return rule.endpoint.removeprefix("api_").replace(".", "_")


def _operation(rule: Rule, told: Operation, plugin: str | None) -> dict[str, Any]:
    scope = f"Scope: {' and '.join(told.scope.split())}." if told.scope else "Any token."
    found: dict[str, Any] = {
        "summary": told.summary,
        "description": f"{told.description}\n\n{scope}".strip(),
        "tags": [plugin or rule.rule.split("/")[3]],
        "parameters": [*_path(rule), *_query(told), *_headers(rule, told)],
        "responses": _answers(rule, told),
    }
    if told.body is not None:
        found["requestBody"] = {"required": True, "content": {MEDIA_TYPE: {"schema": told.body.ref}}}
    return found


def _path(rule: Rule) -> Iterator[dict[str, Any]]:
    for name in sorted(rule.arguments):
        is_number = isinstance(rule._converters[name], IntegerConverter)
        schema: Schema = {"type": "integer", "minimum": 0, "maximum": MAX_ID} if is_number else {"type": "string"}
        yield {"in": "path", "name": name, "required": True, "schema": schema}


def _query(told: Operation) -> Iterator[dict[str, Any]]:
    for name, schema in told.parameters.items():
        rest: Mapping[str, Any] = {key: value for key, value in schema.items() if key != "description"}
        yield {"in": "query", "name": name, "description": schema.get("description", ""), "schema": rest}


def _headers(rule: Rule, told: Operation) -> Iterator[dict[str, Any]]:
    for name, text in told.headers.items():
        yield {"in": "header", "name": name, "description": text, "schema": {"type": "string"}}
    if "POST" in (rule.methods or ()):
        yield {
            "in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
            "description": "Sent again with the same key within a day, the request is answered as the first time and not done again.",
        }  # fmt: skip


def _answers(rule: Rule, told: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, shape in told.answers.items():
        content = {} if shape is None else {"content": {MEDIA_TYPE: {"schema": shape.ref}}}
        found[str(status)] = {"description": _TEXTS.get(status, "Done."), **content}
    writes = bool((rule.methods or set()) & {"POST", "PATCH", "PUT", "DELETE"})
    errors = [*_ALWAYS, *([404] if rule.arguments else []), *([409, 413, 415, 422] if writes else [422])]
    for status in sorted(errors):
        found[str(status)] = {"description": _TEXTS[status], "content": {MEDIA_TYPE: {"schema": ERROR.ref}}}
    return found
