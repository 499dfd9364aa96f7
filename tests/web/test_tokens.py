"""Tokens in the browser: one's own on the account page, a colleague's on the admin's page about them."""

import pytest

from leadboard.domain.passwords import hash_password
from leadboard.domain.tokens import add_token
from leadboard.models import ApiToken, User
from leadboard.queries.tokens import find_bearer

PASSWORD = "correct horse battery"
GOOD = {"name": "Website form", "scopes": ["leads:read", "leads:write"], "days": "90", "current_password": PASSWORD}


@pytest.fixture
def dora(person):
    somebody = person("Dora Neri")
    User.update(password_hash=hash_password(PASSWORD)).where(User.id == somebody.id).execute()
    return somebody


def test_a_new_token_is_shown_once_and_works(dora, html):
    answer = dora.post("/account/tokens", GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account#tokens")

    page = html(dora.get("/account"))
    text = page.one("#token-text").attrs["value"]
    assert find_bearer(text).scopes == ("leads:read", "leads:write")
    assert page.one("#tokens .set-i .name").text.split() == ["Website", "form", f"lb_…{text[-4:]}"]
    assert "never used" in page.one("#tokens .set-i").text and "good until" in page.one("#tokens .set-i").text
    again = dora.get("/account")
    assert text not in again.get_data(as_text=True) and not html(again).all("#token-text")


@pytest.mark.parametrize("changed, field, message", [
    ({"name": " "}, "token-name", "Say what the token is for"), ({"scopes": []}, "scopes", "Choose what the token may be used for"),
    ({"scopes": ["everything"]}, "scopes", "not a valid choice"), ({"current_password": ""}, "token-password", "Type your current password"),
    ({"current_password": "wrong horse battery"}, "token-password", "not your current password"), ({"days": "5"}, "days", "Not a valid choice"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_made(changed, field, message, dora, html):
    answer = dora.post("/account/tokens", {**GOOD, **changed})

    assert answer.status_code == 422
    assert message in html(answer).one(f"#{field}-error").text
    assert ApiToken.select().count() == 0


def test_the_password_cannot_be_guessed_here(dora):
    answers = [dora.post("/account/tokens", {**GOOD, "current_password": "wrong horse battery"}).status_code for _ in range(7)]
    assert (answers[0], answers[-1]) == (422, 429)


def test_a_viewer_is_offered_what_a_viewer_may(vera, html):
    assert [option.attrs["value"] for option in html(vera.get("/account")).all("input[name=scopes]")] == [
        "leads:read",
        "contacts:read",
    ]


def test_one_revokes_ones_own_and_no_others(anna, ben, html):
    made = add_token(anna.id, name="Form", scopes=["leads:read"], actor=anna.actor)

    assert ben.post(f"/account/tokens/{made.id}/revoke").status_code == 404
    assert find_bearer(made.text) is not None
    assert anna.post(f"/account/tokens/{made.id}/revoke").headers["Location"] == "/account"
    assert find_bearer(made.text) is None
    item = html(anna.get("/account")).one("#tokens .set-i")
    assert item.one(".tag").text == "Revoked" and not item.all("form")


def test_an_admin_sees_and_revokes_a_colleagues(ada, anna, html):
    made = add_token(anna.id, name="Form", scopes=["leads:read"], actor=anna.actor)
    url = f"/admin/people/{anna.id}"

    page = html(ada.get(url))
    form = next(form for form in page.all("form") if form.attrs["action"].endswith("/revoke"))
    assert form.one("input[name=next]").attrs["value"] == url
    assert ada.post(form.attrs["action"], {"next": url}).headers["Location"] == url
    assert find_bearer(made.text) is None
    assert "Revoked" in ada.get(url).get_data(as_text=True)


def test_the_page_of_somebody_without_tokens_has_no_list(ada, anna, html):
    assert "API tokens" not in ada.get(f"/admin/people/{anna.id}").get_data(as_text=True)
