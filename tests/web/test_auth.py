"""The sign-in page, seen from outside."""

import pytest

from leadboard.db import execute
from leadboard.domain.passwords import hash_password
from leadboard.domain.users import deactivate
from leadboard.lib.tokens import token_hash
from leadboard.models import Session, SignInThrottle

PASSWORD = "correct horse battery"


@pytest.fixture
def dora(make):
    return make.user("Dora", password_hash=hash_password(PASSWORD))


def sid(person):
    with person.client.session_transaction() as cookie:
        return cookie.get("sid")


def test_the_form_carries_what_a_script_needs(carla, html):
    page = html(carla.get("/login"))

    assert [(field.attrs["name"], field.attrs["type"]) for field in page.all("form input")] == [
        ("csrf_token", "hidden"), ("next", "hidden"), ("email", "email"), ("password", "password"),
    ]  # fmt: skip


def test_signing_in_leads_to_where_one_wanted_to_go(dora, carla):
    answer = carla.post("/login", {"email": dora.email, "password": PASSWORD, "next": "/account?x=1"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?x=1")
    assert carla.get("/account").status_code == 200


def test_a_wrong_password_keeps_what_was_typed_and_says_so_beside_the_field(dora, carla, html):
    answer = carla.post("/login", {"email": dora.email, "password": "wrong"})

    page = html(answer)
    assert answer.status_code == 422
    assert page.one("input[name=email]").attrs["value"] == dora.email
    assert page.one("input[name=password]").attrs["value"] == ""
    assert page.texts("#password-error") == ["E-mail or password is wrong."]


def test_empty_fields_are_named(carla, html):
    page = html(carla.post("/login", {}))

    assert page.texts(".error") == ["Type your e-mail address.", "Type your password."]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "///evil.example", "https://evil.example", "https:evil.example",
        "/\t/evil.example", "\t//evil.example", "/a\nLocation: x", "javascript:alert(1)", "evil", "/login?next=/login",
    ],
)  # fmt: skip
def test_next_leads_to_our_own_pages_only(target, dora, carla):
    answer = carla.post("/login", {"email": dora.email, "password": PASSWORD, "next": target})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_the_form_does_not_take_over_a_foreign_next(carla, html):
    assert html(carla.get("/login?next=//evil.example")).one("input[name=next]").attrs["value"] == "/"


def test_a_session_id_from_before_the_sign_in_is_worth_nothing(dora, carla):
    """Session fixation: the stranger's id and CSRF secret do not survive."""
    with carla.client.session_transaction() as cookie:
        cookie["sid"] = "planted"
        cookie["csrf_token"] = "planted"

    carla.post("/login", {"email": dora.email, "password": PASSWORD})

    with carla.client.session_transaction() as cookie:
        assert cookie["sid"] != "planted"
        assert "csrf_token" not in cookie
    assert Session.get_or_none(Session.token_hash == token_hash("planted")) is None


def test_signing_in_again_ends_the_session_before(anna, dora):
    before = sid(anna)

    anna.post("/login", {"email": dora.email, "password": PASSWORD})

    assert Session.get_or_none(Session.token_hash == token_hash(before)) is None
    assert Session.get().user_id == dora.id


def test_a_sign_in_without_csrf_token_is_refused(dora, carla):
    answer = carla.client.post("/login", data={"email": dora.email, "password": PASSWORD})

    assert answer.status_code == 400
    assert Session.select().count() == 0


def test_a_sign_in_started_by_another_site_is_refused(dora, carla):
    answer = carla.post("/login", {"email": dora.email, "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert Session.select().count() == 0


def test_too_many_tries_get_429_with_the_time_to_wait(dora, carla, html):
    for _ in range(5):
        carla.post("/login", {"email": dora.email, "password": "wrong"})

    answer = carla.post("/login", {"email": dora.email, "password": PASSWORD})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] in {"1", "2"}
    assert "Too many tries" in html(answer).one("[role=alert]").text
    assert html(answer).one("input[name=email]").attrs["value"] == dora.email


def test_a_browser_that_was_here_before_is_counted_for_itself(dora, carla, app):
    carla.post("/login", {"email": dora.email, "password": PASSWORD})
    carla.post("/logout")
    stranger = app.test_client()
    carla.post("/login", {"email": dora.email, "password": "wrong"})

    keys = [row.key.partition(":")[0] for row in SignInThrottle.select().order_by(SignInThrottle.key)]
    assert keys == ["device", "network"]
    stranger.set_cookie("leadboard-device", "forged")
    assert stranger.get("/login").status_code == 200


def test_the_sign_in_cookies_are_closed_to_scripts_and_other_sites(dora, carla):
    answer = carla.post("/login", {"email": dora.email, "password": PASSWORD})

    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_whoever_is_signed_in_needs_no_form(anna):
    assert anna.get("/login?next=/account").headers["Location"] == "/account"


def test_signing_out_ends_the_session_on_the_server(anna):
    kept = sid(anna)

    answer = anna.post("/logout")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert Session.get_or_none(Session.token_hash == token_hash(kept)) is None
    assert anna.get("/account").headers["Location"] == "/login?next=/account"


def test_a_deactivated_user_is_out_at_once(anna, ada):
    ada.user.password_hash = "x"
    ada.user.save()
    assert anna.get("/account").status_code == 200

    deactivate(anna.id, actor=ada.actor)

    assert anna.get("/account").status_code == 303


@pytest.mark.parametrize("column, days", [("last_seen_at", 8), ("created_at", 31)])
def test_sessions_run_out(column, days, anna):
    execute(f"update session set {column} = {column} - ?", (days * 86_400_000,))

    assert anna.get("/account").status_code == 303
    assert Session.select().count() == 0
