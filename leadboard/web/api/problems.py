"""What went wrong, as a program reads it: one shape for every status."""

from typing import Any

from flask import Response, request
from flask_babel import gettext

from leadboard.domain.versions import FieldConflict
from leadboard.errors import Conflict, Incomplete, InvalidInput, LeadboardError, MissingScope, Refused, TokenNeeded, TooManyTries
from leadboard.http import message_of
from leadboard.rest import problem
from leadboard.web.api.json_types import api_value
from leadboard.web.api.kinds import kind_of

CODES = {
    400: "malformed", 401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 409: "conflict", 413: "too_large",
    415: "unsupported_media_type", 422: "invalid", 429: "too_many_requests", 500: "server_error", 503: "unavailable",
}  # fmt: skip
# Where a rule of the domain names its field otherwise than the API does.
_NAMES = {"stage": "stage_id", "lost_reason": "lost_reason_id", "other": "other_id"}
_PARAMETERS = {"page": "cursor"}


def api_problem(status: int, message: str) -> Response:
    """An error that is about no field."""
    return problem(status, CODES.get(status, "error"), message)


def problem_of(error: LeadboardError, status: int) -> Response:
    """Any error of ours, with the fields that it names and the headers of its status."""
    code, headers = CODES.get(status, "error"), {}
    if isinstance(error, TokenNeeded):
        headers["WWW-Authenticate"] = 'Bearer realm="Leadboard"' + (', error="invalid_token"' if error.is_wrong else "")
    if isinstance(error, MissingScope):
        code = "missing_scope"
        headers["WWW-Authenticate"] = f'Bearer realm="Leadboard", error="insufficient_scope", scope="{error.params["scope"]}"'
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = str(error.retry_after_s)
    return problem(status, code, message_of(error), _fields(error), headers=headers)


def _fields(error: LeadboardError) -> dict[str, dict[str, Any]]:
    if isinstance(error, Incomplete):
        return {_name(one): {"message": message_of(one)} for one in error.problems}
    if isinstance(error, InvalidInput):
        return {one.field or "body": {"message": message_of(one)} for one in error.problems}
    if isinstance(error, Conflict):
        return _sides(error)
    if isinstance(error, Refused) and error.field:
        return {_name(error): {"message": message_of(error)}}
    return {}


def _name(error: Refused) -> str:
    """The field as the API calls it. Parameters of a list are called as on screen."""
    field = error.field or ""
    return _PARAMETERS.get(field, field) if request.method == "GET" else _NAMES.get(field, _api_name(field))


def _api_name(field: str) -> str:
    return kind_of(request.path).api_name(field)


def _sides(error: Conflict) -> dict[str, dict[str, Any]]:
    """What both have: the value sent, the one that is there, and who wrote it."""
    sides = error.details if isinstance(error.details, list) else []
    return {
        _api_name(side.field): {
            "message": gettext("Changed by %(by)s in the meantime.", by=side.by) if side.by else gettext("Changed in the meantime."),
            "yours": api_value(side.yours), "theirs": api_value(side.theirs), "by": side.by or None,
        }
        for side in sides
        if isinstance(side, FieldConflict)
    }  # fmt: skip
