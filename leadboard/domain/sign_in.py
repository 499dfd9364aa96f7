"""Signing in and out: one row a browser, found by the hash of the token in its cookie."""

from collections.abc import Sequence
from dataclasses import dataclass

from leadboard.db import atomic, execute, now_ms, one
from leadboard.domain import throttle
from leadboard.domain.passwords import hash_password, is_right, needs_rehash
from leadboard.errors import N_, NotFound, Refused
from leadboard.events import EventKind, change
from leadboard.lib.emails import email_key
from leadboard.lib.tokens import new_token, token_hash
from leadboard.models.users import Session, User
from leadboard.permissions import SYSTEM, Actor
from leadboard.queries.users import user_actor_of

IDLE_MS = 7 * 86_400_000
ABSOLUTE_MS = 30 * 86_400_000


@dataclass(frozen=True)
class Browser:
    """Where a request comes from. `device` is what the browser got when this user signed in before: (user id, secret)."""

    address: str = ""
    agent: str = ""
    device: tuple[int, str] | None = None


@dataclass(frozen=True)
class SignedIn:
    """`token` goes into the session cookie, `device` into the one that outlives it."""

    user_id: int
    token: str
    device: str


def sign_in(email: str, password: str, *, browser: Browser, now: int | None = None) -> SignedIn:
    """A session for whoever knows the password. Raises Refused, the same for every reason, and TooManyTries."""
    key = email_key(email) or email.strip().lower()[:254]
    user = User.get_or_none(User.email_key == key)
    buckets = _buckets(key, user, browser)
    throttle.count_try(buckets, now=now)
    kept = user.password_hash if user is not None and user.is_active else None
    if not is_right(kept, password):
        with change(SYSTEM, "user.sign_in") as step:
            step.record(EventKind.SIGN_IN_FAILED, "user", user.id if user else 0, values={"address": (None, browser.address)})
        raise Refused(N_("E-mail or password is wrong."), field="password")
    assert user is not None
    throttle.forgive(buckets)
    if needs_rehash(kept):
        # Only if it is still the one that was checked: somebody may be changing the password right now.
        User.update(password_hash=hash_password(password)).where(User.id == user.id, User.password_hash == kept).execute()
    return open_session(user.id, browser=browser)


def _buckets(key: str, user: User | None, browser: Browser) -> list[throttle.Bucket]:
    if user is not None and browser.device is not None and browser.device[0] == user.id:
        return [throttle.device_bucket(user.id, browser.device[1])]
    return [throttle.account_bucket(key), throttle.network_bucket(browser.address)]


def open_session(user_id: int, *, browser: Browser) -> SignedIn:
    """A new session of somebody who has proved to be the user: by password or by a one-time link. Raises NotFound."""
    token = new_token()
    with atomic():
        actor = user_actor_of(user_id)
        if actor is None:
            raise NotFound(N_("This account is not active any more."))
        with change(actor, "user.sign_in") as step:
            Session.create(
                token_hash=token_hash(token), user=user_id, address=browser.address[:64], agent=browser.agent[:200],
                created_at=step.at, last_seen_at=step.at,
            )  # fmt: skip
            step.record(EventKind.SIGNED_IN, "user", user_id, values={"address": (None, browser.address)})
    known = browser.device
    return SignedIn(user_id, token, known[1] if known is not None and known[0] == user_id else new_token())


def sign_out(token: str, *, actor: Actor) -> None:
    """End the session of a cookie. A token of somebody else ends nothing."""
    _end(actor, "token_hash = ?", [token_hash(token)])


def forget_session(token: str) -> None:
    """Drop the session that a browser had before it signs in again, whoever it was."""
    execute("delete from session where token_hash = ?", (token_hash(token),))


def end_session(session_id: int, *, actor: Actor) -> None:
    """Sign one of the actor's own browsers out. Raises NotFound."""
    if one("select 1 from session where id = ? and user_id = ?", (session_id, actor.id)) is None:
        raise NotFound(N_("This browser is signed out already."))
    _end(actor, "id = ?", [session_id])


def end_other_sessions(*, actor: Actor, keep: int | None) -> int:
    """Sign all of the actor's browsers out, but for the session `keep`; how many."""
    return _end(actor, "id <> ?", [keep or 0])


def _end(actor: Actor, condition: str, params: Sequence[object]) -> int:
    with change(actor, "user.sign_out") as step:
        count = execute(f"delete from session where user_id = ? and {condition}", [actor.id, *params])  # noqa: S608 - ours
        if count:
            step.record(EventKind.SIGNED_OUT, "user", actor.id or 0, count=count)
    return count


def sweep_sign_ins() -> None:
    """Forget sessions, links and counted tries that have run out. A periodic job."""
    now = now_ms()
    execute("delete from session where created_at < ? or last_seen_at < ?", (now - ABSOLUTE_MS, now - IDLE_MS))
    execute("delete from password_link where expires_at < ?", (now,))
    throttle.sweep(now=now)
