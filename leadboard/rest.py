"""What a JSON endpoint is made of: who may call it, what it takes and answers. Request check and OpenAPI come from one schema.

A view marked with @operation (or @needs_scope alone) is reached with a token only: no cookie counts there, and no
answer is a redirect or a page.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from itertools import islice
from typing import Any, TypeVar, cast

from flask import Response, current_app, g, request
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from leadboard.domain.idempotency import Answer, answer_once
from leadboard.errors import N_, InvalidInput, Malformed, MissingScope, Refused, TokenNeeded, WrongMediaType
from leadboard.http import current_actor
from leadboard.lib.ids import is_id
from leadboard.lib.strictjson import JsonError, read_json
from leadboard.permissions import SCOPE_PERMISSIONS

Schema = Mapping[str, Any]
View = TypeVar("View", bound=Callable[..., Any])
MEDIA_TYPE = "application/json"
MOST_PROBLEMS = 100
MOST_TOLD = 60
# What an answer kept for an Idempotency-Key keeps of its headers.
KEPT_HEADERS = ("ETag", "Location")


@dataclass(frozen=True)
class Shape:
    """A JSON schema with the name it has in the OpenAPI document. Made when asked: fields come and go.

    A body's schema refers to no other; that of an answer may refer to those that it `uses`, by ref().
    """

    name: str
    make: Callable[[], Schema]
    uses: tuple["Shape", ...] = ()

    @property
    def ref(self) -> dict[str, Any]:
        return {"$ref": f"#/components/schemas/{self.name}"}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One endpoint as the OpenAPI document tells it. `answers` are those that went well; `scope` may be several."""

    summary: str
    scope: str
    answers: Mapping[int, Shape | None]
    description: str = ""
    body: Shape | None = None
    query: Mapping[str, Schema] | Callable[[], Mapping[str, Schema]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> Mapping[str, Schema]:
        """Those of the query, as they are now."""
        return self.query() if callable(self.query) else self.query


def needs_scope(scope: str) -> Callable[[View], View]:
    """A view for tokens with this scope, or with all of several in one text; "" takes any token. Who signed in by the browser has none."""
    needed = scope.split()
    for one in needed:
        if one not in SCOPE_PERMISSIONS:
            raise ValueError(f"{one} is not a scope; known are {', '.join(SCOPE_PERMISSIONS)}")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            actor = current_actor()
            if actor.token_id is None:
                raise TokenNeeded(N_("This address takes an API token: Authorization: Bearer lb_…"))
            missing = next((one for one in needed if one not in actor.scopes), None)
            if missing is not None:
                raise MissingScope(N_("This token lacks the scope %(scope)s."), scope=missing)
            return view(*args, **values)

        guarded.scope = scope  # type: ignore[attr-defined]
        guarded.csrf_exempt_reason = "asks for a token, never for a cookie"  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def operation(
    summary: str,
    *,
    scope: str,
    answers: Mapping[int, Shape | None],
    description: str = "",
    body: Shape | None = None,
    query: Mapping[str, Schema] | Callable[[], Mapping[str, Schema]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Callable[[View], View]:
    """A view of the API: needs_scope(), its place in the OpenAPI document, and Idempotency-Key when it is a POST.

    `answers` is {status: Shape or None for no body}; `headers` are those that it reads, with what they are for. `query` may be a
    function where parameters come and go.
    """
    told = Operation(
        summary=summary,
        scope=scope,
        answers=answers,
        description=description,
        body=body,
        query=query or {},
        headers=headers or {},
    )

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(*args: Any, **values: Any) -> Any:
            if request.method == "POST" and "Idempotency-Key" in request.headers:
                return _once(lambda: current_app.make_response(view(*args, **values)))
            return view(*args, **values)

        guarded = needs_scope(scope)(answered)
        guarded.operation = told  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def operation_of(view: object) -> Operation | None:
    return cast("Operation | None", getattr(view, "operation", None))


def takes_tokens(view: object) -> bool:
    """Whether a view is reached with a token only."""
    return getattr(view, "scope", None) is not None


def _once(work: Callable[[], Response]) -> Response:
    def answer() -> Answer:
        made = work()
        kept = {name: made.headers[name] for name in KEPT_HEADERS if name in made.headers}
        return Answer(made.status_code, kept, made.get_data(as_text=True))

    actor = current_actor()
    assert actor.token_id is not None
    said = b"\n".join([request.method.encode(), request.full_path.encode(), request.get_data()])
    given = answer_once(actor.token_id, request.headers["Idempotency-Key"], hashlib.sha256(said).hexdigest(), answer)
    response = Response(given.body, given.status, mimetype=MEDIA_TYPE, headers=dict(given.headers))
    if given.is_again:
        response.headers["Idempotency-Replayed"] = "true"
    return response


# ---------------------------------------------------------------------------------------------- reading


def json_body() -> dict[str, Any]:
    """The body of this request, as its operation says. Raises WrongMediaType, Malformed, InvalidInput."""
    told = operation_of(current_app.view_functions[request.endpoint or ""])
    assert told is not None and told.body is not None
    if request.mimetype != MEDIA_TYPE:
        raise WrongMediaType(N_("Send JSON, with the header Content-Type: application/json."))
    try:
        value = read_json(request.get_data())
    except JsonError as error:
        raise Malformed(N_("The body is not JSON as we take it: %(reason)s."), reason=str(error)) from error
    check_value(told.body.make(), value)
    return cast(dict[str, Any], value)


def query_values() -> dict[str, Any]:
    """The parameters of this request's address, as its operation says. Raises InvalidInput."""
    told = operation_of(current_app.view_functions[request.endpoint or ""])
    assert told is not None
    found: dict[str, Any] = {}
    parameters = told.parameters
    for name, values in request.args.lists():
        schema = parameters.get(name, {})
        if schema.get("type") == "array":
            found[name] = [_number(part) for value in values for part in value.split(",")]
        elif len(values) > 1:
            found[name] = values
        else:
            found[name] = _number(values[0]) if schema.get("type") == "integer" else values[0]
    check_value({"type": "object", "properties": parameters, "additionalProperties": False}, found)
    return found


def _number(text: str) -> int | str:
    return int(text) if is_id(text) else text


def check_value(schema: Schema, value: Any) -> None:
    """Raises InvalidInput naming every field that is not as the schema says, of very many the first ones."""
    found = (problem for error in Draft202012Validator(schema).iter_errors(value) for problem in _problems(error))
    problems = list(islice(found, MOST_PROBLEMS))
    if problems:
        raise InvalidInput(N_("The request is not as it should be. Nothing was saved."), problems)


_TYPES = {
    "object": N_("an object"), "array": N_("a list"), "string": N_("a text"), "integer": N_("a whole number"), "number": N_("a number"),
    "boolean": N_("true or false"), "null": N_("null"),
}  # fmt: skip
_RULES: dict[str, str] = {
    "maxLength": N_("At most %(limit)s characters."),
    "minLength": N_("At least %(limit)s characters."),
    "minimum": N_("Must be at least %(limit)s."),
    "maximum": N_("Must be at most %(limit)s."),
    "exclusiveMinimum": N_("Must be more than %(limit)s."),
    "exclusiveMaximum": N_("Must be less than %(limit)s."),
    "uniqueItems": N_("Nothing twice."),
    "maxItems": N_("At most %(limit)s entries."),
    "minItems": N_("At least %(limit)s entries."),
    "pattern": N_("Must look like %(limit)s"),
}


def _problems(error: ValidationError) -> Iterator[Refused]:
    """A validator's finding in our words, at the field it is about. Never with the value: it may be large, or secret."""
    path = [str(part) for part in error.absolute_path]

    def at(*more: str) -> str:
        return ".".join([*path, *more])[:100]

    rule, wanted, there = error.validator, error.validator_value, cast(dict[str, Any], error.instance)
    if rule == "required":
        missing = [name for name in _listed(wanted) if name not in there]
        yield from (
            Refused(N_("This is missing."), field=at(*below)) for name in missing for below in _needed(error.schema, name)
        )
    elif rule == "additionalProperties":
        known = cast(Schema, error.schema).get("properties", {})
        told = ", ".join([*known][:MOST_TOLD]) or "-"
        unknown = [name for name in there if name not in known]
        yield from (Refused(N_("There is no such field. Known: %(known)s."), field=at(name), known=told) for name in unknown)
    elif rule == "type":
        types = [_TYPES.get(kind, kind) for kind in ([wanted] if isinstance(wanted, str) else _listed(wanted))]
        yield Refused(N_("Must be %(types)s."), field=at(), types=" / ".join(types))
    elif rule == "enum":
        yield Refused(N_("Must be one of: %(known)s."), field=at(), known=", ".join(json.dumps(one) for one in _listed(wanted)))
    elif rule == "dependentRequired":
        yield Refused(N_("This comes only together with what belongs to it: %(rule)s"), field=at(), rule=json.dumps(wanted))
    else:
        yield Refused(_RULES.get(str(rule), N_("Breaks the rule %(rule)s.")), field=at(), limit=str(wanted)[:100], rule=str(rule))


def _needed(schema: object, name: str) -> list[list[str]]:
    """What is missing with a property: it, or what an object in its place would have to have."""
    below = cast(Schema, schema).get("properties", {}).get(name, {}).get("required", [])
    return [[name, one] for one in below] or [[name]]


def _listed(value: object) -> list[Any]:
    return list(cast(Iterable[Any], value))


# ---------------------------------------------------------------------------------------------- answering


def is_api() -> bool:
    """Whether this request is one of a program: its every answer is JSON."""
    return bool(g.get("is_api"))


def request_id() -> str:
    """The number of this request in the answer, its header and the log."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex
    return cast(str, g.request_id)


def json_answer(value: Any, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, mimetype=MEDIA_TYPE, headers=dict(headers or {}))


def problem(
    status: int,
    code: str,
    message: str,
    fields: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The one shape of every error. `fields` is {field: {"message": …}}, of a conflict with "yours", "theirs" and "by"."""
    body = {"error": {"code": code, "message": message, "fields": fields or {}, "request_id": request_id()}}
    return json_answer(body, status, headers=headers)
