"""`leadboard token`, as a shell sees it."""

import json

import pytest

from leadboard.queries.tokens import find_bearer


@pytest.fixture
def admin(shell):
    made = shell(
        "user", "add", "ada@x.example", "--name", "Ada", "--role", "admin", "--password-stdin", typed="correct horse battery\n"
    )
    assert made[0] == 0


def test_a_token_is_printed_once_listed_and_revoked(shell, admin):
    code, text, _ = shell("token", "add", "ada@x.example", "--scope", "leads:read", "--scope", "telephony", "--name", "Phones")
    assert code == 0
    assert find_bearer(text.strip()).scopes == ("leads:read", "telephony")

    listed = shell("token", "list")[1]
    assert text.strip() not in listed and text.strip()[-4:] in listed and "never used" in listed
    shown = json.loads(shell("token", "list", "ada@x.example", "--json")[1])
    assert [(row["name"], row["state"], row["owner"]) for row in shown] == [("Phones", "active", "Ada")]

    assert shell("token", "revoke", str(shown[0]["id"]))[0] == 0
    assert find_bearer(text.strip()) is None
    assert "revoked" in shell("token", "list")[1]


def test_json_and_days(shell, admin):
    made = json.loads(shell("token", "add", "ada@x.example", "--scope", "leads:write", "--days", "3", "--json")[1])

    assert find_bearer(made["token"]).token_id == made["id"]
    shown = json.loads(shell("token", "list", "--json")[1])
    assert shown[0]["expires_at"] > shown[0]["created_at"]


def test_what_cannot_be_is_told_in_one_line(shell, admin):
    for arguments, status in (
        (("add", "nobody@x.example", "--scope", "leads:read"), 1),
        (("add", "ada@x.example", "--scope", "everything"), 2),
        (("add", "ada@x.example"), 2),
        (("add", "ada@x.example", "--scope", "leads:read", "--days", "0"), 1),
        (("revoke", "99"), 1),
        (("revoke", "9" * 30), 2),
    ):
        code, out, err = shell("token", *arguments)
        assert (code, out) == (status, "")
        assert "Traceback" not in err and err
