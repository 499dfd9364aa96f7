"""`leadboard user`, as a shell sees it."""

import json

import pytest

from leadboard.domain.passwords import is_right
from leadboard.models import Pipeline, Session, User
from leadboard.queries.settings import instance

PASSWORD = "correct horse battery"


@pytest.fixture
def admin(shell):
    assert (
        shell("user", "add", "ada@x.example", "--name", "Ada", "--role", "admin", "--password-stdin", typed=f"{PASSWORD}\n")[0]
        == 0
    )


def test_the_first_admin_sets_the_instance_up(shell, admin):
    user = User.get()

    assert (user.email, user.role, is_right(user.password_hash, PASSWORD)) == ("ada@x.example", "admin", True)
    assert (instance().is_set_up, [pipeline.name for pipeline in Pipeline.select()]) == (True, ["Sales"])


@pytest.mark.parametrize("arguments", [["--role", "member", "--password-stdin"], ["--role", "admin"]])
def test_the_first_person_is_an_admin_who_can_sign_in(arguments, shell):
    code, _, err = shell("user", "add", "ben@x.example", "--name", "Ben", *arguments, typed=f"{PASSWORD}\n")

    assert code == 1
    assert "--role admin --password-stdin" in err
    assert (User.select().count(), instance().is_set_up) == (0, False)


def test_without_password_a_link_is_printed(shell, admin, monkeypatch):
    monkeypatch.setenv("LEADBOARD_BASE_URL", "https://crm.example.org/")

    code, out, _ = shell("user", "add", "ben@x.example", "--name", "Ben")

    assert code == 0
    assert "https://crm.example.org/welcome/" in out
    assert User.get(User.name == "Ben").password_hash is None


def test_the_list_as_text_and_as_json(shell, admin):
    assert shell("user", "list")[1] == "1\tada@x.example\tadmin\tactive\tAda\n"

    assert json.loads(shell("user", "list", "--json")[1]) == [
        {"id": 1, "name": "Ada", "email": "ada@x.example", "role": "admin", "state": "active", "leads": 0, "last_seen_at": None}
    ]


def test_a_new_password_ends_the_sessions(shell, admin):
    Session.create(token_hash="x", user=1)

    code, *_ = shell("user", "password", "ADA@x.example", "--password-stdin", typed="ein nasser Hund bellt\n")

    assert code == 0
    assert is_right(User.get().password_hash, "ein nasser Hund bellt")
    assert Session.select().count() == 0


def test_disabling(shell, admin):
    shell("user", "add", "ben@x.example", "--name", "Ben")

    assert shell("user", "disable", "ben@x.example")[0] == 0

    assert not User.get(User.name == "Ben").is_active


@pytest.mark.parametrize(
    "arguments, typed, message",
    [
        (["disable", "ada@x.example"], "", "Ada is the only admin"),
        (["password", "nobody@x.example"], "", "leadboard user list"),
        (["password", "ada@x.example", "--password-stdin"], "", "No password came"),
        (["password", "ada@x.example", "--password-stdin"], "short\n", "at least 12 characters"),
        (["add", "ada@x.example", "--name", "Eve"], "", "has this e-mail address already"),
        (["add", "nonsense", "--name", "Eve"], "", "is not an e-mail address"),
    ],
)
def test_a_failure_is_one_clear_line_and_exit_code_1(arguments, typed, message, shell, admin):
    code, out, err = shell("user", *arguments, typed=typed)

    assert (code, out) == (1, "")
    assert message in err
    assert err.startswith("leadboard: ")
    assert err.count("\n") == 1


def test_bad_usage_is_exit_code_2(shell):
    assert shell("user", "add", "x@x.example", "--name", "X", "--role", "king")[0] == 2
    assert shell("user", "add", "x@x.example")[0] == 2
    assert shell("user", "frobnicate")[0] == 2


def test_help_makes_no_instance(tmp_path, monkeypatch, shell):
    monkeypatch.setenv("LEADBOARD_INSTANCE", str(tmp_path / "new"))

    code, out, _ = shell("user", "add", "--help")

    assert (code, "--password-stdin" in out) == (0, True)
    assert not (tmp_path / "new").exists()
