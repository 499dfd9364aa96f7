"""Tokens: what they look like, who makes and ends them, and whom they stand for."""

import pytest

from leadboard.db import now_ms, rows
from leadboard.domain.tokens import DAY_MS, MOST_TOKENS, add_token, note_use, revoke_token
from leadboard.domain.users import deactivate, reactivate
from leadboard.errors import NotAllowed, NotFound, Refused
from leadboard.lib.tokens import is_api_token, new_api_token, token_hash
from leadboard.models import ApiToken
from leadboard.permissions import Permission, Scope, token_actor
from leadboard.queries.tokens import all_tokens, find_bearer, tokens_of

READ = [Scope.LEADS_READ]


def test_a_token_says_what_it_is_and_notices_typing_errors():
    text = new_api_token()

    assert text.startswith("lb_") and len(text) == 52 and text.isascii()
    assert is_api_token(text)
    assert not is_api_token(text[:-1] + ("a" if text[-1] != "a" else "b"))
    assert not is_api_token(text[:5] + ("a" if text[5] != "a" else "b") + text[6:])
    assert not any(map(is_api_token, ("", "lb_", text + "\n", text.upper(), "x" * 52, "lb_" + "é" * 49)))


def test_only_the_hash_of_a_token_is_kept(anna):
    made = add_token(anna.id, name="Form", scopes=READ, actor=anna.actor)

    assert ApiToken.get().token_hash == token_hash(made.text)
    kept = str(rows("select * from api_token")) + str(rows("select * from event")) + str(rows("select * from event_value"))
    assert made.text not in kept


def test_a_token_is_found_with_its_owner_as_they_are_now(anna):
    made = add_token(anna.id, name="Form", scopes=[Scope.TELEPHONY, Scope.LEADS_READ], actor=anna.actor, days=2)

    found = find_bearer(made.text)
    assert (found.token_id, found.user_id, found.role, found.scopes) == (
        made.id, anna.id, "member", ("leads:read", "telephony"),
    )  # fmt: skip
    assert find_bearer(made.text, now=now_ms() + 3 * DAY_MS) is None
    assert find_bearer(new_api_token()) is None


def test_members_make_and_end_their_own_admins_everybodys(anna, ben, ada):
    own = add_token(anna.id, name="Form", scopes=READ, actor=anna.actor)
    given = add_token(anna.id, name="Phones", scopes=READ, actor=ada.actor)
    with pytest.raises(NotAllowed):
        add_token(anna.id, name="Mine", scopes=READ, actor=ben.actor)
    with pytest.raises(NotFound):
        revoke_token(own.id, actor=ben.actor)
    with pytest.raises(NotAllowed):
        tokens_of(anna.id, ben.actor)
    with pytest.raises(NotAllowed):
        all_tokens(ben.actor)

    revoke_token(own.id, actor=anna.actor)
    revoke_token(given.id, actor=ada.actor)
    revoke_token(given.id, actor=ada.actor)
    assert (find_bearer(own.text), find_bearer(given.text)) == (None, None)
    assert [row.is_over for row in all_tokens(ada.actor)] == [True, True]
    assert [row.name for row in tokens_of(anna.id, anna.actor)] == ["Phones", "Form"]


def test_a_token_makes_no_token(anna, ada):
    for person in (anna, ada):
        actor = token_actor(person.actor, 1, [*Scope])
        with pytest.raises(NotAllowed):
            add_token(person.id, name="Another", scopes=READ, actor=actor)


def test_a_token_dies_with_its_owner_and_stays_dead(anna, ada):
    made = add_token(anna.id, name="Form", scopes=READ, actor=anna.actor)

    deactivate(anna.id, actor=ada.actor)
    assert find_bearer(made.text) is None
    reactivate(anna.id, actor=ada.actor)
    assert find_bearer(made.text) is None
    deactivate(anna.id, actor=ada.actor)
    with pytest.raises(Refused):
        add_token(anna.id, name="Form", scopes=READ, actor=ada.actor)


@pytest.mark.parametrize("field, values", [
    ("name", {"name": " "}), ("name", {"name": "x" * 81}), ("scopes", {"scopes": []}), ("scopes", {"scopes": ["admin"]}),
    ("days", {"days": 0}), ("days", {"days": 10**9}),
])  # fmt: skip
def test_what_a_token_cannot_be(field, values, anna):
    with pytest.raises(Refused) as refused:
        add_token(anna.id, **{"name": "Form", "scopes": READ, "actor": anna.actor, **values})
    assert refused.value.field == field


def test_there_is_an_end_to_tokens(anna):
    for number in range(MOST_TOKENS):
        add_token(anna.id, name=f"Form {number}", scopes=READ, actor=anna.actor)
    with pytest.raises(Refused):
        add_token(anna.id, name="One more", scopes=READ, actor=anna.actor)


@pytest.mark.parametrize("role, scopes, may", [
    ("admin", ["leads:read"], {"read"}),
    ("admin", ["leads:write"], {"read", "write", "delete_any", "restore", "assign"}),
    ("member", ["leads:write"], {"read", "write"}),
    ("viewer", ["leads:read", "leads:write", "telephony"], {"read"}),
    ("manager", ["telephony"], {"read", "write"}),
    ("admin", ["gone"], set()),
])  # fmt: skip
def test_a_token_may_what_both_its_owner_and_its_scopes_allow(role, scopes, may, person):
    actor = token_actor(person("Dora", role).actor, 7, scopes)

    assert {str(permission) for permission in Permission if actor.may(permission)} == may


def test_use_is_kept_to_the_minute(anna):
    made = add_token(anna.id, name="Form", scopes=READ, actor=anna.actor)

    note_use(made.id, None)
    first = find_bearer(made.text).last_used_at
    note_use(made.id, first)
    assert find_bearer(made.text).last_used_at == first
    note_use(made.id, first - 60_000)
    assert find_bearer(made.text).last_used_at >= first
