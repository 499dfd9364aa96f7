"""The addresses for the telephone system: tell of a call, look a caller up. No cookie, a signature or a token."""

import hmac
import secrets
import threading
import time
from collections import deque

from flask import Response, jsonify, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from leadboard.api import (
    SYSTEM,
    PluginBlueprint,
    csrf_exempt,
    find_contacts_by_phone,
    find_leads_by_phone,
    is_signed,
    now_ms,
    one,
    public,
    settings_for,
)

from . import calls
from .told import KINDS, Unreadable, read_event

public_bp = PluginBlueprint("telephony_hook", is_public=True)

MOST_BYTES = 65_536
MOST_A_SECOND = 20
_lately: deque[float] = deque()
_lock = threading.Lock()


@public_bp.post("")
@public
@csrf_exempt(reason="signed with the plugin's secret, or with its token; requests with a cookie are refused")
def tell() -> Response:
    """One event of one call; the same event again is answered the same and changes nothing."""
    request.max_content_length = MOST_BYTES
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _problem(413, "too_large", "At most 64 kB.")
    refusal = _refusal(body)
    if refusal is not None:
        return refusal
    try:
        told = read_event(body)
    except Unreadable as error:
        extra = {"allowed": list(KINDS)} if error.code == "unknown_event" else {}
        return _problem(error.status, error.code, error.message, fields=error.fields, **extra)
    taken = calls.take(told, body.decode("utf-8", "replace").replace("\0", "\ufffd"))
    answer: dict[str, object] = {"accepted": True, "call": f"C-{taken.call_id}"}
    if told.warnings:
        answer["warnings"] = told.warnings
    if taken.is_duplicate:
        return _json(200, answer | {"duplicate": True})
    return _json(202, answer)


@public_bp.get("/lookup")
@public
def lookup() -> Response:
    """Who is calling: one lead, else one contact, or nobody when none or more than one of each has the number. It writes nothing."""
    refusal = _refusal(None)
    if refusal is not None:
        return refusal
    number = request.args.get("number", "")
    # A + that was not encoded comes as a blank.
    number = f"+{number.strip()}" if number.startswith(" ") and number.strip()[:1].isdigit() else number.strip()
    if not number:
        return _problem(400, "number_missing", "Ask with ?number=…", fields={"number": "missing"})
    found = find_leads_by_phone(number[:60], SYSTEM)
    if len(found) == 1:
        return _json(200, {"contacts": [_lead(found[0].id, number)]})
    people = find_contacts_by_phone(number[:60], SYSTEM)
    return _json(200, {"contacts": [_person(people[0].id, number)] if len(people) == 1 else []})


def _lead(lead_id: int, number: str) -> dict[str, str]:
    row = one(
        "select given_name, family_name, person_name, title, organisation_name, email, phone from lead where id = ?", (lead_id,)
    )
    assert row is not None
    given, family, person, title, organisation, email, phone = row
    names = (given or (person or title if not family else ""), family)
    url = url_for("leads.detail", lead_id=lead_id, _external=True)
    return _caller(f"L-{lead_id}", "Leads", names, organisation, email, phone, url, number)


def _person(contact_id: int, number: str) -> dict[str, str]:
    row = one(
        "select c.given_name, c.family_name, c.name, o.name, c.email, c.phone from contact c left join organisation o"
        " on o.id = c.organisation_id where c.id = ?",
        (contact_id,),
    )
    assert row is not None
    given, family, name, organisation, email, phone = row
    names = (given or (name if not family else ""), family)
    url = url_for("contacts.detail", record_id=contact_id, _external=True)
    return _caller(f"C-{contact_id}", "Contacts", names, organisation, email, phone, url, number)


def _caller(
    known_as: str, kind: str, names: tuple[str, str], organisation: str | None, email: str, phone: str, url: str, number: str
) -> dict[str, str]:
    return {
        "id": known_as, "type": kind, "first_name": names[0], "last_name": names[1] or "", "company": organisation or "", "email": email or "",
        "phone_business": phone or "", "phone_mobile": "",
        # Some systems drop an answer in which the number is not written as they asked for it.
        "phone_other": "" if phone == number else number, "url": url,
    }  # fmt: skip


def _refusal(body: bytes | None) -> Response | None:
    """Why this request is not taken, or None. `body` None: a question, which cannot be signed and needs the token."""
    settings = settings_for("telephony_hook")
    secret, token = str(settings.secret or "").strip(), str(settings.token or "").strip()
    if not secret and not token:
        return _problem(410, "off", "This address is off: no secret is set.")
    if request.cookies:
        return _problem(400, "cookie_refused", "Send a signature or a token, and no cookies.")
    headers = {name.lower(): value for name, value in request.headers.items()}
    scheme, _, given = headers.get("authorization", "").partition(" ")
    by_token = bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    if not by_token and not (secret and body is not None and is_signed([secret], headers, body, now_s=now_ms() / 1000)):
        answer = _problem(
            401, "unauthorised", "The token or the signature is wrong, or the signature is older than five minutes."
        )
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if not _is_in_pace():
        answer = _problem(429, "too_many", f"At most {MOST_A_SECOND} requests a second.")
        answer.headers["Retry-After"] = "1"
        return answer
    return None


def _is_in_pace() -> bool:
    """A telephone system gone wild must not take the server from everybody; counted in each process."""
    now = time.monotonic()
    with _lock:
        while _lately and _lately[0] < now - 1:
            _lately.popleft()
        if len(_lately) >= MOST_A_SECOND:
            return False
        _lately.append(now)
    return True


def _problem(status: int, code: str, message: str, *, fields: dict[str, str] | None = None, **extra: object) -> Response:
    error = {"code": code, "message": message, "fields": fields or {}, "request_id": secrets.token_hex(8), **extra}
    return _json(status, {"error": error})


def _json(status: int, values: dict[str, object]) -> Response:
    response = jsonify(values)
    response.status_code = status
    return response
