"""One's own account."""

import pytest

from leadboard.db import now_ms
from leadboard.domain.passwords import hash_password, is_right
from leadboard.models import PasswordLink, Session, User

PASSWORD = "correct horse battery"
NEW = "ein nasser Hund bellt"


@pytest.fixture
def dora(person):
    somebody = person("Dora Neri")
    User.update(password_hash=hash_password(PASSWORD)).where(User.id == somebody.id).execute()
    return somebody


def user(somebody):
    return User.get_by_id(somebody.id)


def test_the_page_shows_who_one_is_and_where_one_is_signed_in(dora, html):
    Session.create(token_hash="x", user=dora.id, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/150.0", address="192.0.2.9")

    page = html(dora.get("/account"))

    assert page.one("#profile-name").attrs["value"] == "Dora Neri"
    assert [line.one(".name").text for line in page.all(".set-i")][-1] == "Firefox on Windows"
    assert len(page.texts(".set-i .tag")) == 1


def test_a_name_is_changed_without_the_password(dora):
    assert dora.post("/account", {"name": " Dora  Bianchi ", "email": "dora@team.example"}).status_code == 303

    assert user(dora).name == "Dora Bianchi"


def test_a_new_address_asks_for_the_password(dora, html):
    answer = dora.post("/account", {"name": "Dora", "email": "d@elsewhere.example"})

    assert answer.status_code == 422
    assert html(answer).texts("#profile-password-error") == ["This is not your current password."]
    assert html(answer).one("form input[name=email]").attrs["value"] == "d@elsewhere.example"
    assert user(dora).email == "dora@team.example"

    dora.post("/account", {"name": "Dora", "email": "D@Elsewhere.example", "current_password": PASSWORD})
    assert (user(dora).email, user(dora).email_key) == ("D@Elsewhere.example", "d@elsewhere.example")


def test_an_address_belongs_to_one_person(dora, anna, html):
    answer = dora.post("/account", {"name": "Dora", "email": "ANNA@team.example", "current_password": PASSWORD})

    assert html(answer).texts("#email-error") == ["Anna Kowalska has this e-mail address already."]


def test_a_new_password_ends_all_other_sessions_and_links(dora, carla):
    carla.post("/login", {"email": "dora@team.example", "password": PASSWORD})
    PasswordLink.create(token_hash="x", user=dora.id, expires_at=now_ms() + 1000)

    answer = dora.post("/account/password", {"current_password": PASSWORD, "new_password": NEW})

    assert answer.status_code == 303
    assert is_right(user(dora).password_hash, NEW)
    assert (dora.get("/account").status_code, carla.get("/account").status_code) == (200, 303)
    assert PasswordLink.select().count() == 0


@pytest.mark.parametrize(
    "current, new, field",
    [
        ("wrong", NEW, "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "dora neri 2026", "new_password"),
        ("", "", "current_password"),
    ],
)
def test_a_refused_password_changes_nothing(current, new, field, dora, html):
    answer = dora.post("/account/password", {"current_password": current, "new_password": new})

    assert answer.status_code == 422
    assert html(answer).all(f"#password #{field}-error")
    assert is_right(user(dora).password_hash, PASSWORD)


def test_the_current_password_cannot_be_guessed_in_an_open_session(dora):
    codes = [dora.post("/account/password", {"current_password": "wrong", "new_password": NEW}).status_code for _ in range(6)]

    assert codes == [422] * 5 + [429]


def test_whose_password_it_is_comes_from_the_session_alone(dora, anna):
    dora.post(
        "/account/password", {"current_password": PASSWORD, "new_password": NEW, "user_id": str(anna.id), "id": str(anna.id)}
    )

    assert user(anna).password_hash is None


@pytest.mark.parametrize("theme, attribute", [("dark", "dark"), ("light", "light"), ("auto", None)])
def test_light_and_dark(theme, attribute, dora, html):
    dora.post("/account/theme", {"theme": theme})

    assert html(dora.get("/account")).one("html").attrs.get("data-bs-theme") == attribute


def test_an_unknown_theme_is_refused(dora):
    assert dora.post("/account/theme", {"theme": "neon"}).status_code == 422


def test_another_browser_is_signed_out(dora):
    other = Session.create(token_hash="x", user=dora.id)

    dora.post(f"/account/sessions/{other.id}/end")

    assert Session.get_or_none(Session.id == other.id) is None
    assert dora.get("/account").status_code == 200


def test_nobody_signs_somebody_else_out(dora, anna):
    hers = Session.get(Session.user == anna.id)

    assert dora.post(f"/account/sessions/{hers.id}/end").status_code == 404
    assert anna.get("/account").status_code == 200


def test_signing_out_everywhere_means_here_too(dora, carla, anna):
    carla.post("/login", {"email": "dora@team.example", "password": PASSWORD})

    assert dora.post("/account/sessions/end").headers["Location"] == "/login"

    assert [person.get("/account").status_code for person in (dora, carla, anna)] == [303, 303, 200]


def test_a_viewer_has_an_account_too(vera):
    assert vera.get("/account").status_code == 200
    assert vera.post("/account/theme", {"theme": "dark"}).status_code == 303
