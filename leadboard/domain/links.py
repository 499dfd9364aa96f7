"""One-time links: to set up the instance, to set a first password, to set a new one. Only their hash is kept."""

from leadboard.db import atomic, execute, now_ms
from leadboard.errors import N_, NotFound
from leadboard.lib.tokens import new_token, token_hash
from leadboard.models.users import PasswordLink
from leadboard.queries.users import Link, find_link

SETUP_LINK_MS = 86_400_000
PASSWORD_LINK_MS = 7 * 86_400_000
LINK_IS_OVER = N_("This link was used already, or it has run out. Ask for a new one.")


def make_link(user_id: int | None, *, now: int | None = None) -> str:
    """A fresh link's token, for a user or, without one, for the set-up. It replaces the one before."""
    now = now_ms() if now is None else now
    token = new_token()
    with atomic():
        drop_links(user_id)
        PasswordLink.create(
            token_hash=token_hash(token), user=user_id, created_at=now,
            expires_at=now + (SETUP_LINK_MS if user_id is None else PASSWORD_LINK_MS),
        )  # fmt: skip
    return token


def use_link(token: str, *, is_setup: bool, now: int | None = None) -> Link:
    """Take a link out of use, inside the caller's transaction: of two who come at once one gets NotFound."""
    link = find_link(token, now=now)
    if link is None or (link.user_id is None) != is_setup or not execute("delete from password_link where id = ?", (link.id,)):
        raise NotFound(LINK_IS_OVER)
    return link


def drop_links(user_id: int | None) -> None:
    if user_id is None:
        execute("delete from password_link where user_id is null")
    else:
        execute("delete from password_link where user_id = ?", (user_id,))
