"""Who gets in: a bearer token, and nothing else."""

import logging
import re

import pytest

from leadboard.domain.merging import merge_records
from leadboard.domain.tokens import DAY_MS, revoke_token
from leadboard.domain.users import deactivate
from leadboard.lib.tokens import new_api_token
from leadboard.models import ApiToken, Pipeline, SignInThrottle, User
from leadboard.permissions import SYSTEM
from tests.api.conftest import fields_of

# (method, path, scopes)
ROUTES = (
    *(
        route
        for plural, read, write in (
            ("leads", "leads:read", "leads:write"), ("contacts", "contacts:read", "contacts:write"),
            ("organisations", "contacts:read", "contacts:write"),
        )
        for route in (
            ("GET", f"/{plural}", read), ("POST", f"/{plural}", write), ("GET", f"/{plural}/{{id}}", read), ("PATCH", f"/{plural}/{{id}}", write),
            ("POST", f"/{plural}/{{id}}/notes", write), ("POST", f"/{plural}/{{id}}/merge", write), ("POST", f"/{plural}/{{id}}/split", write),
            ("DELETE", f"/{plural}/{{id}}", write),
        )
    ),
    ("POST", "/leads/{id}/move", "leads:write"),
    ("GET", "/leads/{id}/convert", "leads:read contacts:read"), ("POST", "/leads/{id}/convert", "leads:write contacts:write"),
    ("GET", "/contacts/{id}/matches", "contacts:read"), ("GET", "/organisations/{id}/matches", "contacts:read"),
    ("POST", "/contacts/{id}/employments", "contacts:write"), ("DELETE", "/contacts/{id}/employments/{firm}", "contacts:write"),
    ("GET", "/pipelines", "leads:read"), ("GET", "/fields", "leads:read"), ("GET", "/contacts/fields", "contacts:read"),
    ("GET", "/organisations/fields", "contacts:read"), ("GET", "/search", "leads:read"), ("GET", "/tags", "leads:read"), ("GET", "/openapi.json", ""),
)  # fmt: skip
SCOPES = (
    ("leads:read",), ("leads:write",), ("contacts:read",), ("contacts:write",), ("telephony",), ("leads:read", "contacts:read"),
    ("leads:write", "contacts:write"),
)  # fmt: skip
NOUNS = {"leads": "lead", "contacts": "contact", "organisations": "organisation"}


class Asker:
    """Calls each route with a record of its kind that `owner` has; what is split was merged by `merger`."""

    def __init__(self, make, owner=None, merger=SYSTEM):
        self.make, self.owner, self.merger = make, owner, merger
        if not Pipeline.select().exists():
            make.pipeline()
        self.firm = make.organisation(owner=owner)

    def made(self, path):
        return getattr(self.make, NOUNS[path.split("/")[1]])(owner=self.owner).id

    def ask(self, program, method, path):
        record_id = self.made(path) if "{id}" in path else 0
        body = self.body(method, path)
        if path.endswith("/split"):
            merge_records(NOUNS[path.split("/")[1]], record_id, body["other_id"], actor=self.merger)
        return program.open(method, path.format(id=record_id, firm=self.firm.id), body)

    def body(self, method, path):
        if method not in {"POST", "PATCH"}:
            return None
        match path.rpartition("/")[2]:
            case "move":
                return {"stage_id": self.make.stage("Won").id}
            case "notes":
                return {"body": "Hi"}
            case "merge" | "split":
                return {"other_id": self.made(path)}
            case "convert":
                return {"organisation": {"new": {"name": "Acme"}}, "contact": None}
            case "employments":
                return {"organisation_id": self.firm.id}
            case "leads":
                return {"title": "New"}
            case "contacts" | "organisations":
                return {"name": "New"}
        return {"city": "Ulm"}


def test_the_table_names_every_route(app):
    known = {
        (
            method,
            re.sub(r"/<int:\w+>", "/{id}", re.sub(r"employments/<int:\w+>", "employments/{firm}", rule.rule)).removeprefix(
                "/api/v1"
            ),
        )
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    assert known == {(method, path) for method, path, _ in ROUTES}


@pytest.mark.parametrize("role", ["viewer", "member", "manager", "admin"])
def test_each_route_answers_role_and_scopes_together(role, api, person, make):
    owner = person("Dora", role)
    asker = Asker(make, owner.user, SYSTEM if role == "viewer" else owner.actor)
    programs = {scopes: api(owner, *scopes) for scopes in SCOPES}
    for method, path, needed in ROUTES:
        for scopes, program in programs.items():
            answer = asker.ask(program, method, path)
            if not set(needed.split()) <= set(scopes):
                expected = ({403}, "missing_scope")
            elif ":write" in needed and role == "viewer":
                expected = ({403}, "forbidden")
            else:
                expected = ({200, 201, 204}, "")
            found = (answer.status_code, answer.json["error"]["code"] if answer.status_code > 299 else "")
            assert (found[0] in expected[0], found[1]) == (True, expected[1]), (method, path, scopes, answer.text)


def test_members_delete_merge_and_split_only_what_is_their_own(api, anna, mona, make):
    asker = Asker(make)
    for method, path, _ in ROUTES:
        if path.endswith(("/merge", "/split")) or (method == "DELETE" and path.endswith("{id}")):
            assert asker.ask(api(anna), method, path).status_code in {403, 422}, (method, path)
            assert asker.ask(api(mona), method, path).status_code in {200, 204}, (method, path)


def test_others_records_are_hidden_when_members_see_their_own(api, anna, ben, mona, make):
    make.set_up(member_visibility="own")
    program, asker = api(anna), Asker(make, ben.user, ben.actor)
    theirs, free, own = make.lead(owner=ben.user), make.lead(), make.lead(owner=anna.user)

    for method, path, _ in ROUTES:
        if "{id}" in path:
            assert asker.ask(program, method, path).status_code == 404, (method, path)
    assert {lead["id"] for lead in program.get("/leads").json["data"]} == {free.id, own.id}
    assert {free.id, own.id, theirs.id} <= {lead["id"] for lead in api(mona).get("/leads").json["data"]}


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
        SignInThrottle.delete().execute()  # that guessing is slowed down, is another test
        answer = client.open(f"/api/v1{path.format(id=1, firm=1)}", method=method, headers=headers)
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorised")
        assert fields_of(answer) == {}
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="Leadboard"')
        assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers
    assert client.get("/api/v1/nowhere", headers=headers).status_code == 401, "what there is, strangers do not learn"


def test_a_session_is_no_token(ada, make):
    lead = make.lead()
    for method, path, _ in ROUTES:
        answer = ada.client.open(
            f"/api/v1{path.format(id=lead.id, firm=lead.id)}", method=method, headers={"X-CSRFToken": ada.csrf()}
        )
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
