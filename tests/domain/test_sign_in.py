"""Signing in: passwords, sessions, and slowing down whoever guesses."""

import pytest
from argon2 import PasswordHasher

from leadboard.db import now_ms, rows
from leadboard.domain import throttle
from leadboard.domain.passwords import hash_password
from leadboard.domain.sign_in import Browser, end_other_sessions, end_session, sign_in, sweep_sign_ins
from leadboard.errors import NotFound, Refused, TooManyTries
from leadboard.lib.tokens import token_hash
from leadboard.models import Event, EventValue, PasswordLink, Session, SignInThrottle, User

PASSWORD = "correct horse battery"
HOME = Browser(address="192.0.2.7", agent="Firefox")
NOW = 1_800_000_000_000
MINUTE = 60_000


@pytest.fixture
def dora(make):
    return make.user("Dora", password_hash=hash_password(PASSWORD))


def guess(times, *, now=NOW, browser=HOME, email="dora@team.example"):
    """Wrong passwords, one after another; the waits that were asked for."""
    waits = []
    for _ in range(times):
        try:
            sign_in(email, "not the password", browser=browser, now=now)
        except TooManyTries as error:
            waits.append(error.retry_after_s)
        except Refused:
            waits.append(0)
    return waits


def test_the_right_password_opens_a_session_of_which_only_the_hash_is_kept(dora):
    done = sign_in(" Dora@Team.Example ", PASSWORD, browser=HOME)

    session = Session.get()
    assert (session.user_id, session.token_hash, session.address, session.agent) == (
        dora.id, token_hash(done.token), "192.0.2.7", "Firefox",
    )  # fmt: skip
    assert [event.kind for event in Event.select()] == ["signed_in"]


@pytest.mark.parametrize("email", ["dora@team.example", "nobody@team.example", "not an address", ""])
def test_every_failure_says_the_same(dora, email):
    with pytest.raises(Refused) as refusal:
        sign_in(email, "wrong", browser=HOME)

    assert (refusal.value.message, refusal.value.field) == ("E-mail or password is wrong.", "password")
    assert Session.select().count() == 0


def test_people_without_password_and_deactivated_ones_stay_outside(make, dora):
    make.user("Imported")
    User.update(is_active=False).where(User.id == dora.id).execute()

    for email, password in (("imported@team.example", ""), ("dora@team.example", PASSWORD)):
        with pytest.raises(Refused):
            sign_in(email, password, browser=HOME)


def test_a_failure_is_logged_without_personal_data_outside_of_values(dora):
    guess(1)
    guess(1, email="stranger@elsewhere.example")

    events = list(Event.select().order_by(Event.id))
    assert [(event.kind, event.record_id, event.data) for event in events] == [
        ("sign_in_failed", dora.id, "{}"),
        ("sign_in_failed", 0, "{}"),
    ]
    assert {value.field for value in EventValue.select()} == {"address"}


def test_what_was_typed_is_not_kept_in_the_throttle(dora):
    guess(1, email="my secret password typed into the wrong field")

    assert not [row.key for row in SignInThrottle.select() if "secret" in row.key]


def test_an_old_hash_is_renewed(make):
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    user = make.user("Dora", password_hash=old)

    sign_in(user.email, PASSWORD, browser=HOME)

    kept = User.get_by_id(user.id).password_hash
    assert kept != old
    assert kept.startswith("$argon2id$")
    sign_in(user.email, PASSWORD, browser=HOME)


# ---------------------------------------------------------------------------------------------- guessing


def test_tries_cost_more_and_more_time_and_never_more_than_a_minute(dora):
    assert guess(6) == [0, 0, 0, 0, 0, 2]
    waits, now = [], NOW
    for _ in range(8):
        now += 61_000
        waits += guess(2, now=now)[1:]
    assert waits == [4, 8, 16, 32, 60, 60, 60, 60]


def test_a_blocked_try_does_not_make_the_wait_longer(dora):
    guess(5)

    assert guess(50, now=NOW + 500) == [2] * 50
    assert sign_in(dora.email, PASSWORD, browser=HOME, now=NOW + 2000).user_id == dora.id


def test_even_the_right_password_has_to_wait(dora):
    guess(5)

    with pytest.raises(TooManyTries) as refusal:
        sign_in(dora.email, PASSWORD, browser=HOME, now=NOW)
    assert refusal.value.retry_after_s == 2


def test_unknown_addresses_are_slowed_down_alike(dora):
    assert guess(6, email="nobody@team.example") == [0, 0, 0, 0, 0, 2]


def test_one_network_that_tries_many_accounts_is_slowed_down(make):
    waits = [guess(1, email=f"user{number}@team.example")[0] for number in range(22)]

    assert waits == [0] * 20 + [2, 2]


def test_one_ipv6_customer_is_one_network():
    assert throttle.network_bucket("2001:db8:1:2::1").key == throttle.network_bucket("2001:db8:1:2:ffff::9").key
    assert throttle.network_bucket("2001:db8:1:2::1").key != throttle.network_bucket("2001:db8:1:3::1").key


def test_a_stranger_who_keeps_guessing_does_not_lock_the_owner_out(dora):
    """The browser in which Dora was signed in before is counted for itself."""
    first = sign_in(dora.email, PASSWORD, browser=HOME, now=NOW)
    guess(40, now=NOW + 1)
    known = Browser(HOME.address, HOME.agent, device=(dora.id, first.device))

    again = sign_in(dora.email, PASSWORD, browser=known, now=NOW + 2)

    assert again.device == first.device


def test_a_known_browser_cannot_guess_for_ever(dora):
    known = Browser(device=(dora.id, "stolen"))

    assert guess(12, browser=known) == [0] * 10 + [2, 2]


def test_a_known_browser_of_somebody_else_is_nothing_special(make, dora):
    assert guess(6, browser=Browser("192.0.2.7", device=(dora.id + 1, "x"))) == [0, 0, 0, 0, 0, 2]


def test_after_a_quiet_hour_nothing_is_left(dora):
    guess(9)

    assert guess(5, now=NOW + 61 * MINUTE) == [0] * 5


def test_a_success_forgives_the_account_but_not_the_network(dora):
    guess(4)
    sign_in(dora.email, PASSWORD, browser=HOME, now=NOW)

    assert rows("select key, failures from sign_in_throttle") == [("network:192.0.2.7", 4)]


# ---------------------------------------------------------------------------------------------- sessions


def test_one_ends_one_s_own_sessions_only(make, dora, anna):
    sign_in(dora.email, PASSWORD, browser=HOME)
    hers = Session.get(Session.user == dora.id)

    with pytest.raises(NotFound):
        end_session(hers.id, actor=anna.actor)

    assert Session.select().where(Session.user == dora.id).count() == 1


def test_sign_out_everywhere_keeps_the_browser_in_hand(anna, ben):
    for number in range(3):
        Session.create(token_hash=f"{number}", user=anna.id)
    keep = Session.get(Session.token_hash == "1").id

    assert end_other_sessions(actor=anna.actor, keep=keep) == 3

    assert [row.id for row in Session.select().where(Session.user == anna.id)] == [keep]
    assert Session.select().where(Session.user == ben.id).count() == 1


def test_the_sweep_forgets_what_has_run_out(make, anna):
    now = now_ms()
    day = 86_400_000
    Session.create(token_hash="idle", user=anna.id, created_at=now - 8 * day, last_seen_at=now - 8 * day)
    Session.create(token_hash="old", user=anna.id, created_at=now - 31 * day, last_seen_at=now)
    PasswordLink.create(token_hash="over", user=anna.id, expires_at=now - 1)
    SignInThrottle.create(key="account:x", failures=9, last_at=now - day)
    SignInThrottle.create(key="account:y", failures=9, last_at=now)

    sweep_sign_ins()

    assert Session.select().where(Session.user == anna.id).count() == 1
    assert PasswordLink.select().count() == 0
    assert [row.key for row in SignInThrottle.select()] == ["account:y"]
