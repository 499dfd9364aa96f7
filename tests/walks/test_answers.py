"""What every answer carries, and what an error looks like: whatever route, page, part, file or mistake."""

import pytest

from leadboard import paths
from leadboard.app import MAX_FORM_BYTES
from leadboard.http import public
from leadboard.web.gate import CSP
from tests.walks.walking import HTMX, visit, visits
from tests.walks.world import kept, taken_back

pytestmark = pytest.mark.sqlite_only  # headers and error pages are the same on both engines

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# Views that add to the policy, by a declared list: none so far.
OWN_POLICY: dict[str, str] = {}
TELLTALES = ("Traceback", "File &#34;", 'File "', "werkzeug", "jinja2", "peewee", "sqlite3", "psycopg", "/leadboard/")


def missing(answer, *, path=""):
    headers = answer.headers
    if headers.get("Content-Security-Policy") != OWN_POLICY.get(path, CSP):
        yield f"Content-Security-Policy: {headers.get('Content-Security-Policy')}"
    yield from (f"{name}: {headers.get(name)}" for name, value in ALWAYS.items() if headers.get(name) != value)
    if "Cache-Control" not in headers:
        yield "Cache-Control is missing"
    if answer.mimetype.startswith("text/") and "charset=utf-8" not in headers.get("Content-Type", "").lower():
        yield f"Content-Type: {headers.get('Content-Type')} without a charset"
    if "Server" in headers or "X-Powered-By" in headers:
        yield "tells what it runs on"


@pytest.mark.parametrize("role", ["nobody", "admin"])
def test_every_page_carries_the_security_headers(role, world):
    problems = [f"{visit}: {problem}" for visit in visits(world, world.people[role]) for problem in missing(visit.response)]

    assert not problems, "\n".join(["", *sorted(set(problems))[:40]])


def test_every_write_and_every_refusal_carries_the_security_headers(world):
    problems = []
    for method, rule in world.routes():
        url = world.addresses(rule)[0]
        for person in (world.people["viewer"], world.people["nobody"]):
            answer = person.client.open(url, method=method)
            problems += [f"{method} {url} {answer.status_code}: {problem}" for problem in missing(answer)]

    assert not problems, "\n".join(["", *sorted(set(problems))[:40]])


def test_nothing_private_may_be_kept_by_a_proxy(world):
    problems = [
        f"{visit}: {visit.response.headers['Cache-Control']}"
        for visit in visits(world, world.people["admin"])
        if not any(word in visit.response.headers["Cache-Control"] for word in ("no-store", "no-cache", "private"))
    ]

    assert not problems, "\n".join(["", *problems])


def test_static_files_carry_headers_and_are_kept_for_ever(world):
    client = world.people["nobody"].client
    for path in sorted(paths.STATIC.rglob("[a-zA-Z]*.*")):
        if path.suffix in {".br", ".gz"}:  # sent in place of the file beside it
            continue
        with client.get(f"/static/{path.relative_to(paths.STATIC).as_posix()}") as answer:
            assert answer.status_code == 200, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
            assert "max-age=31536000" in answer.headers["Cache-Control"], path


# ---------------------------------------------------------------------------------------------- mistakes


def as_page(answer, status):
    """The error is a page in our words."""
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert list(missing(answer)) == []
    assert not [word for word in TELLTALES if word in text], text[:500]
    assert "<h1>" in text


def as_toast(answer, status):
    """The error is a message beside the page that htmx leaves as it is."""
    assert answer.status_code == status
    assert answer.get_data() == b""
    assert "toast" in answer.headers["HX-Trigger"]
    assert answer.headers["HX-Reswap"] == "none"


@pytest.mark.parametrize("role", ["nobody", "member"])
@pytest.mark.parametrize("url", ["/nowhere", "/leads/abc", "/static/nothing.css", "/leads/1/", "/..%2f..%2fetc/passwd", "/%00"])
def test_an_address_that_leads_nowhere_is_a_404(url, role, world):
    answer = world.people[role].get(url)

    as_page(answer, 404)


def test_the_wrong_kind_of_request_is_a_405_and_says_which_is_right(world):
    answer = world.people["member"].client.delete("/healthz")

    as_page(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_form_without_its_token_is_a_400(world):
    as_page(world.people["member"].client.post("/logout"), 400)
    as_toast(world.people["member"].client.post("/logout", headers=HTMX), 400)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"])
def test_too_large_a_body_is_a_413(kind, world):
    person = world.people["member"]
    body = b"a=" + b"x" * (MAX_FORM_BYTES + 1)

    answer = person.client.post("/logout", data=body, content_type=kind, headers={"X-CSRFToken": person.csrf()})

    as_page(answer, 413)


NONSENSE = (
    "?pipeline=1e9", "?stage=-1", "?page=999999999999999999999", "?before=999999999999999999999", "?after=%ff%fe", "?q=%00", "?q=%25_%22'*",
    "?sort=drop table", "?next=//evil.example", f"?after=-{'9' * 30}&stage={'9' * 30}", f"?stages={'9' * 5000}", "?owner=0x10&source=none&closed=maybe", "?day=2026-13-45&field=__class__",
)  # fmt: skip


def test_nonsense_in_an_address_is_no_crash(world):
    problems = []
    addresses = [world.addresses(rule)[0] for method, rule in world.routes() if method == "GET"]
    for url in [address + query for address in addresses for query in NONSENSE]:
        for part in (False, True):
            found = visit(world.people["admin"], url, part=part)
            if found.response.status_code >= 500:
                problems.append(f"{found}: {found.response.status}")

    assert not problems, "\n".join(["", *problems])


def test_nonsense_in_the_headers_of_a_live_board_is_no_crash(world):
    for name in ("HX-PTag", "X-Board-Loaded"):
        for value in ("-" + "9" * 30, "9" * 5000, "1:" + "9" * 30, "²"):
            with world.people["admin"].get(
                "/board/1/changes", headers={**HTMX, name: value.encode().decode("latin-1")}
            ) as answer:
                assert answer.status_code < 500, (name, value[:40])


@pytest.mark.parametrize("data", [
    {}, {"version": "x", "title": "\x00", "lead_id": "999999999999999999999"},
    {"version": "9" * 5000, "stage_id": "2", "before_id": "9" * 30, "after_id": "9" * 5000, "board": "9" * 30, "remove": "9" * 30},
    {"stage_id": "1", "after_id": "-" + "9" * 30},
    {"version": "9" * 30, "stage": "x", "stage_id": "x", "before_id": "-1", "ids": ["a", "b"], "due_on": "2026-13-45", "name": "x" * 5000},
])  # fmt: skip
def test_nonsense_in_a_form_is_no_crash(data, world):
    problems = []
    for method, rule in world.routes():
        if method == "GET":
            continue
        url = world.addresses(rule)[0]
        for headers in ({}, HTMX):
            found = send(world, method, url, data, headers)
            if found >= 500:
                problems.append(f"{method} {url}: {found}")

    assert not problems, "\n".join(["", *problems])


def send(world, method, url, data, headers):
    person = world.people["admin"]
    with kept(person.client), taken_back():
        token = {"X-CSRFToken": person.csrf()}
        return person.client.open(url, method=method, data=data, headers={**headers, **token}).status_code


def test_a_crash_is_a_page_with_a_reference_and_nothing_else(world, caplog):
    def crash():
        raise ZeroDivisionError("the secret of the world")

    world.app.view_functions["health.readyz"] = public(crash)

    answer = world.people["nobody"].get("/readyz")
    as_page(answer, 500)
    assert "secret" not in answer.get_data(as_text=True)
    reference = caplog.messages[-1].rsplit(" ", 1)[-1]
    assert reference in answer.get_data(as_text=True)
    as_toast(world.people["nobody"].get("/readyz", headers=HTMX), 500)


def test_errors_are_json_for_those_who_ask_for_it(world):
    answer = world.people["nobody"].get("/nowhere", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert set(answer.json["error"]) == {"code", "message"}
