"""Each kind of error becomes one kind of answer, as a page or as a fragment for htmx."""

import logging
import uuid
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, jsonify, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from htmx_flask import request as htmx_request
from peewee import DatabaseError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError

from leadboard.db import forget_connection
from leadboard.errors import (
    Conflict,
    DatabaseProblem,
    LeadboardError,
    Malformed,
    NotAllowed,
    NotFound,
    PluginFailed,
    Refused,
    TokenNeeded,
    TooManyTries,
    Unknown,
    WrongMediaType,
)
from leadboard.http import Toast, message_of, render, reswap, with_toast
from leadboard.queries.field_filter import PREFIX
from leadboard.rest import is_api, request_id
from leadboard.web.api.problems import api_problem, problem_of
from leadboard.web.field_chips import ActiveChip

log = logging.getLogger("leadboard.web")

STATUS: dict[type[LeadboardError], int] = {
    Malformed: 400,
    Unknown: 400,
    TokenNeeded: 401,
    WrongMediaType: 415,
    Refused: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    TooManyTries: 429,
    DatabaseProblem: 503,
    PluginFailed: 500,
}
RETRY_AFTER_S = "5"


def init_errors(app: Flask) -> None:
    app.register_error_handler(LeadboardError, known_error)
    app.register_error_handler(CSRFError, csrf_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_error)
    app.register_error_handler(InterfaceError, database_error)
    app.register_error_handler(DatabaseError, database_error)


def answer(status: int, title: str, message: str, chip: ActiveChip | None = None) -> Response:
    """The error as a program, as htmx (a toast, nothing swapped) or as a page of its own, with the filter that it is about."""
    if is_api():
        return api_problem(status, message)
    if htmx_request.htmx and not htmx_request.htmx.boosted:
        response = with_toast(Response(status=status), Toast(message, "error"))
        return reswap(response, "none")
    if request.accept_mimetypes.best == "application/json":
        response = jsonify({"error": {"code": str(status), "message": message}})
        response.status_code = status
        return response
    return render("errors/error.html", status=status, code=status, title=title, message=message, chip=chip)


def known_error(error: LeadboardError) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    if is_api():
        return problem_of(error, STATUS[Refused] if isinstance(error, Refused) else status)
    titles = {
        403: gettext("Not allowed"),
        404: gettext("Not found"),
        409: gettext("Somebody else was faster"),
        422: gettext("That did not work"),
        429: gettext("Too many tries"),
        500: gettext("Something went wrong"),
        503: gettext("The database is not available"),
    }
    response = answer(status, titles.get(status, gettext("That did not work")), message_of(error), chip_of(error))
    if isinstance(error, TooManyTries):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def chip_of(error: LeadboardError) -> ActiveChip | None:
    """The filter of the address that the error is about, to be taken out."""
    name = error.field or ""
    if not name.startswith(PREFIX) or name not in request.args or request.method != "GET":
        return None
    rest = [(key, text) for key, text in request.args.items(multi=True) if key != name]
    clear_url = f"{request.path}?{urlencode(rest)}" if rest else request.path
    return ActiveChip(str(error.params.get("label", name)), request.args[name], clear_url)


def csrf_error(error: CSRFError) -> Response:
    return answer(
        400, gettext("This form is out of date"), gettext("Nothing was saved. Reload the page and send the form again."),
    )  # fmt: skip


def http_error(error: HTTPException) -> Response:
    """Errors of Flask itself, in our words."""
    if isinstance(error, InternalServerError):
        return crashed(error)
    if isinstance(error, SecurityError):
        return unknown_host()
    texts = {
        404: (gettext("Not found"), gettext("There is nothing at this address, or you may not see it.")),
        405: (gettext("Not like this"), gettext("This address does not take that kind of request.")),
        413: (gettext("Too large"), gettext("What you sent is larger than this server takes.")),
        429: (gettext("Too many tries"), gettext("Wait a moment, then try again.")),
    }
    if error.code == 413 and getattr(current_app.view_functions.get(request.endpoint or ""), "takes_files", False):
        texts[413] = (
            gettext("Too large"),
            gettext(
                "This server takes files of up to %(most)d MB. Split the file, or let an admin raise LEADBOARD_IMPORT_MAX_MB.",
                most=current_app.config["LEADBOARD"].import_max_mb,
            ),
        )
    status = error.code or 500
    title, message = texts.get(status, (gettext("That did not work"), error.description or ""))
    response = answer(status, title, message)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def unknown_host() -> Response:
    """Plain text: no template may run for a host that is not ours."""
    if is_api():
        return api_problem(400, gettext("This Leadboard does not answer to this name."))
    return Response(
        f"This Leadboard does not answer to the name {request.environ.get('HTTP_HOST', '')[:100]!r}.\n"
        "Add it to LEADBOARD_TRUSTED_HOSTS (comma separated) or set LEADBOARD_BASE_URL, then restart.\n",
        status=400,
        content_type="text/plain; charset=utf-8",
    )


def database_error(error: Exception) -> Response:
    """The database is locked, full, read-only or gone: reads go on when they can, writes say when to try again."""
    reference = _reference()
    text = _with_causes(error)
    log.error("database error %s: %s", reference, text)
    forget_connection()
    g.pop("actor", None)
    if "full" in text:
        message = gettext("The disk of the server is full. Nothing of this was saved; reading goes on.")
    elif "locked" in text:
        message = gettext("The database is busy. Nothing of this was saved; try again in a few seconds.")
    elif "readonly" in text or "read-only" in text:
        message = gettext("The database is read-only. Nothing was saved; an admin has to give Leadboard write access.")
    else:
        message = gettext("The database does not answer. Nothing of this was saved; try again in a few seconds.")
    response = answer(503, gettext("The database is not available"), f"{message} ({reference})")
    response.headers["Retry-After"] = RETRY_AFTER_S
    return response


def _with_causes(error: BaseException) -> str:
    """The error with those it came from: SQLite ends the transaction of a full disk by itself, and then the rollback fails."""
    texts: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        if str(cause) not in texts:
            texts.append(str(cause))
        cause = cause.__cause__ or cause.__context__
    return "; after: ".join(texts)


def crashed(error: InternalServerError) -> Response:
    reference = _reference()
    log.error("unexpected error %s", reference, exc_info=error.original_exception)
    forget_connection()
    return answer(
        500, gettext("Something went wrong"),
        gettext("Nothing of this was saved. If it happens again, give your admin the reference %(ref)s.", ref=reference),
    )  # fmt: skip


def _reference() -> str:
    return request_id() if is_api() else uuid.uuid4().hex[:8]
