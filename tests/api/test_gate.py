"""Who gets in: a bearer token, and nothing else."""

import logging

import pytest

from leadboard.domain.tokens import DAY_MS, revoke_token
from leadboard.domain.users import deactivate
from leadboard.lib.tokens import new_api_token
from leadboard.models import ApiToken, SignInThrottle, User
from tests.api.conftest import fields_of

# (method, path, scope)
ROUTES = (
    ("GET", "/leads", "leads:read"), ("POST", "/leads", "leads:write"), ("GET", "/leads/{lead}", "leads:read"),
    ("PATCH", "/leads/{lead}", "leads:write"), ("DELETE", "/leads/{lead}", "leads:write"), ("POST", "/leads/{lead}/move", "leads:write"),
    ("POST", "/leads/{lead}/notes", "leads:write"), ("GET", "/pipelines", "leads:read"), ("GET", "/fields", "leads:read"),
    ("GET", "/openapi.json", ""),
)  # fmt: skip
BODIES = {"/leads": {"title": "New"}, "/leads/{lead}": {"city": "Ulm"}, "/leads/{lead}/notes": {"body": "Hi"}}


def ask(program, method, path, lead):
    body = {"stage_id": lead.stage_id} if path.endswith("/move") else BODIES.get(path) if method in {"POST", "PATCH"} else None
    return program.open(method, path.format(lead=lead.id), body)


def test_the_table_names_every_route(app):
    known = {
        (method, rule.rule.removeprefix("/api/v1").replace("<int:lead_id>", "{lead}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert known == {(method, path) for method, path, _ in ROUTES}


@pytest.mark.parametrize("role", ["viewer", "member", "manager", "admin"])
def test_each_route_answers_role_and_scopes_together(role, api, person, make):
    lead = make.lead(title="Acme")
    owner = person("Dora", role)
    programs = {scope: api(owner, scope) for scope in ("leads:read", "leads:write", "telephony")}
    for method, path, needed in ROUTES:
        for scope, program in programs.items():
            answer = ask(program, method, path, lead)
            if needed not in {"", scope}:
                expected = ({403}, "missing_scope")
            elif needed == "leads:write" and (role == "viewer" or (method == "DELETE" and role == "member")):
                expected = ({403}, "forbidden")
            else:
                expected = ({200, 201, 204}, "")
            found = (answer.status_code, answer.json["error"]["code"] if answer.status_code > 299 else "")
            assert (found[0] in expected[0], found[1]) == (True, expected[1]), (method, path, scope)
            if method == "DELETE" and answer.status_code == 204:
                lead = make.lead(title="Acme")


def test_others_leads_are_hidden_when_members_see_their_own(api, anna, ben, mona, make):
    make.set_up(member_visibility="own")
    theirs, free, own = make.lead(owner=ben.user), make.lead(), make.lead(owner=anna.user)
    program = api(anna)

    for method, path, _ in ROUTES:
        if "{lead}" in path:
            assert ask(program, method, path, theirs).status_code == 404, (method, path)
    assert {lead["id"] for lead in program.get("/leads").json["data"]} == {free.id, own.id}
    assert {lead["id"] for lead in api(mona).get("/leads").json["data"]} == {free.id, own.id, theirs.id}


UNKNOWN = f"Bearer {new_api_token()}"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", "Token lb_x", UNKNOWN, "Bearer é"],
    ids=lambda header: "unknown" if header == UNKNOWN else str(header),
)
def test_without_a_good_token_nothing_is_told(header, app, make):
    headers = {} if header is None else {"Authorization": header}
    client = app.test_client()
    for method, path, _ in ROUTES:
        answer = client.open(f"/api/v1{path.format(lead=1)}", method=method, headers=headers)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorised")
        assert fields_of(answer) == {}
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Leadboard"')
        assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers
    assert client.get("/api/v1/nowhere", headers=headers).status_code == 401, "what there is, strangers do not learn"


def test_a_session_is_no_token(ada, make):
    lead = make.lead()
    for method, path, _ in ROUTES:
        answer = ada.client.open(f"/api/v1{path.format(lead=lead.id)}", method=method, headers={"X-CSRFToken": ada.csrf()})
        assert answer.status_code == 401


def test_a_token_is_no_session(api, ada, make):
    program, lead = api(ada), make.lead()
    for url in ("/", "/leads", f"/leads/{lead.id}", "/admin"):
        answer = program.client.get(url, headers={"Authorization": f"Bearer {program.token}"})
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/login")


def test_a_token_stops_when_revoked_expired_or_when_its_owner_leaves(api, anna, ben, ada):
    revoked, expired, left = api(anna), api(anna, days=1), api(ben)
    revoke_token(revoked.token_id, actor=anna.actor)
    ApiToken.update(expires_at=ApiToken.expires_at - 2 * DAY_MS).where(ApiToken.id == expired.token_id).execute()
    deactivate(ben.id, actor=ada.actor)

    for program in (revoked, expired, left):
        answer = program.get("/leads")
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_follows_the_role_of_its_owner(api, anna, make):
    lead, program = make.lead(), api(anna)
    assert program.patch(f"/leads/{lead.id}", {"city": "Ulm"}).status_code == 200

    User.update(role="viewer").where(User.id == anna.id).execute()

    assert program.patch(f"/leads/{lead.id}", {"city": "Bonn"}).status_code == 403
    assert program.get(f"/leads/{lead.id}").json["city"] == "Ulm"


def test_whoever_guesses_is_slowed_down_and_nobody_else(app, api, anna):
    program, client = api(anna), app.test_client()

    def guess():
        return client.get("/api/v1/leads", headers={"Authorization": f"Bearer {new_api_token()}"})

    answers = [guess() for _ in range(22)]
    assert [answer.status_code for answer in answers[:20]] == [401] * 20
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert fields_of(answers[-1]) == {}
    assert program.get("/leads").status_code == 200
    assert not SignInThrottle.select().where(SignInThrottle.key.startswith("network:")).exists(), "people sign in as before"


def test_requests_without_a_token_are_not_counted(app):
    for _ in range(30):
        assert app.test_client().get("/api/v1/leads").status_code == 401
    assert SignInThrottle.select().count() == 0


def test_use_is_written_once_a_minute(api, anna):
    program = api(anna)
    assert ApiToken.get_by_id(program.token_id).last_used_at is None

    program.get("/leads")
    first = ApiToken.get_by_id(program.token_id).last_used_at
    program.get("/leads")
    assert ApiToken.get_by_id(program.token_id).last_used_at == first is not None


def test_no_other_site_is_let_in_by_its_browser(api, anna, make):
    program = api(anna)
    make.pipeline()
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}

    asked = program.open("OPTIONS", "/leads", headers={**headers, "Access-Control-Request-Method": "POST"})
    for answer in (asked, program.get("/leads", headers=headers), program.post("/leads", {"title": "x"}, headers=headers)):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_host_that_is_not_ours_is_refused_in_the_one_shape(api, anna):
    answer = api(anna).get("/leads", headers={"Host": "evil.example"})

    assert (answer.status_code, fields_of(answer)) == (400, {})


def test_a_crash_is_a_500_with_the_number_that_the_log_has(app, api, anna, caplog, monkeypatch):
    def crash():
        raise ZeroDivisionError("the secret of the world")

    crash.scope = ""
    monkeypatch.setitem(app.view_functions, "api_lists.fields", crash)
    with caplog.at_level(logging.ERROR):
        answer = api(anna).get("/fields")

    assert (answer.status_code, fields_of(answer)) == (500, {})
    assert "secret" not in answer.get_data(as_text=True)
    assert answer.headers["X-Request-Id"] in caplog.text
