"""Tokens of the API: made, shown once, revoked. They act as their owner and die with the account."""

from collections.abc import Collection
from dataclasses import dataclass

from leadboard.db import execute, execute_if_writable, now_ms, one
from leadboard.domain.throttle import Bucket, count_try, network_bucket
from leadboard.errors import N_, NotFound, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line
from leadboard.lib.tokens import new_api_token, token_hash
from leadboard.models.tokens import ApiToken
from leadboard.permissions import Actor, Permission, Scope, require

NAME_LIMIT = 80
MOST_DAYS = 3650
MOST_TOKENS = 50
DAY_MS = 86_400_000
USED_EVERY_MS = 60_000


@dataclass(frozen=True)
class NewToken:
    """`text` is the token itself: it is known here and nowhere again."""

    id: int
    text: str


def add_token(
    user_id: int, *, name: str, scopes: Collection[str], actor: Actor, days: int | None = None, now: int | None = None
) -> NewToken:
    """A token for oneself, or by an admin for a colleague; without `days` it never runs out. Raises NotAllowed, Refused."""
    _may(user_id, actor)
    name, wanted = _name(name), _scopes(scopes)
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise Refused(N_("A token is good for 1 to %(most)d days."), field="days", most=MOST_DAYS)
    with change(actor, "token.add") as step:
        found = one('select is_active from "user" where id = ?', (user_id,))
        if found is None or not found[0]:
            raise Refused(N_("Only somebody who is active can have a token."), field="user")
        _refuse_too_many(user_id, now_ms() if now is None else now)
        text = new_api_token()
        token = ApiToken.create(
            user=user_id, name=name, token_hash=token_hash(text), last4=text[-4:], scopes=" ".join(wanted), created_at=step.at,
            expires_at=None if days is None else step.at + days * DAY_MS,
        )  # fmt: skip
        step.record(EventKind.TOKEN_ADDED, "user", user_id, values={"token": (None, name)}, token=int(token.id), scopes=wanted)
        return NewToken(int(token.id), text)


def revoke_token(token_id: int, *, actor: Actor) -> None:
    """End a token, one's own or as an admin anybody's; revoked again, nothing happens. Raises NotFound."""
    with change(actor, "token.revoke") as step:
        found = one("select user_id, name, revoked_at from api_token where id = ?", (token_id,))
        if found is None or not (found[0] == actor.user_id or actor.may(Permission.PEOPLE)):
            raise NotFound(N_("This token does not exist."))
        if found[2] is None:
            _revoke(step, token_id, found[0], found[1])


def revoke_tokens_of(step: Change, user_id: int) -> None:
    """End all of somebody's tokens; part of the caller's change. They do not come back with the account."""
    execute("update api_token set revoked_at = ? where user_id = ? and revoked_at is null", (step.at, user_id))


def note_use(token_id: int, used_at: int | None) -> None:
    """Keep when a token was last used, to the minute."""
    now = now_ms()
    if used_at is None or now - used_at >= USED_EVERY_MS:
        execute_if_writable("update api_token set last_used_at = ? where id = ?", (now, token_id))


def count_wrong_token(address: str) -> None:
    """Somebody came with a token that is none. Raises TooManyTries when that happens often from there.

    Sign-ins from the same network are counted apart: a program with an old token must not lock people out.
    """
    network = network_bucket(address)
    count_try([Bucket(f"api:{network.key}", network.free, network.longest_s)])


def _may(user_id: int, actor: Actor) -> None:
    if actor.kind != "user" or actor.id != user_id:
        require(actor, Permission.PEOPLE)


def _revoke(step: Change, token_id: int, user_id: int, name: str) -> None:
    execute("update api_token set revoked_at = ? where id = ?", (step.at, token_id))
    step.record(EventKind.TOKEN_REVOKED, "user", user_id, values={"token": (name, None)}, token=token_id)


def _name(text: str) -> str:
    try:
        name = clean_line(text, NAME_LIMIT)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), field="name", limit=NAME_LIMIT) from error
    if not name:
        raise Refused(N_("Say what the token is for, e.g. Website form."), field="name")
    return name


def _scopes(wanted: Collection[str]) -> list[str]:
    known = [str(scope) for scope in Scope]
    if unknown := sorted(set(wanted) - set(known)):
        raise Refused(
            N_("%(scope)s is not a scope. Known: %(known)s."), field="scopes", scope=unknown[0][:40], known=", ".join(known)
        )
    if not wanted:
        raise Refused(N_("Choose what the token may be used for."), field="scopes")
    return [scope for scope in known if scope in wanted]


def _refuse_too_many(user_id: int, now: int) -> None:
    found = one(
        "select count(*) from api_token where user_id = ? and revoked_at is null and (expires_at is null or expires_at > ?)",
        (user_id, now),
    )
    assert found is not None
    if found[0] >= MOST_TOKENS:
        raise Refused(N_("At most %(most)d tokens at once. Revoke one that is no longer used."), field="name", most=MOST_TOKENS)
