"""Reading tokens: for the gate of the API, the account page, an admin's page about a colleague, and the shell."""

from dataclasses import dataclass

from leadboard.db import now_ms, one, rows
from leadboard.errors import N_, NotAllowed
from leadboard.lib.tokens import is_api_token, token_hash
from leadboard.permissions import Actor, Permission


@dataclass(frozen=True)
class Bearer:
    """A token that is good now, with its owner as they are now. Moments in milliseconds."""

    token_id: int
    scopes: tuple[str, ...]
    last_used_at: int | None
    user_id: int
    user_name: str
    role: str
    revision: int


@dataclass(frozen=True)
class TokenRow:
    """A token as people see it. Moments in milliseconds."""

    id: int
    user_id: int
    owner: str
    name: str
    last4: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int | None
    last_used_at: int | None
    revoked_at: int | None

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None or self.has_expired

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= now_ms()


def find_bearer(text: str, *, now: int | None = None) -> Bearer | None:
    """Whose token this is; None when it is none, is revoked, has run out, or its owner was deactivated."""
    if not is_api_token(text):
        return None
    found = one(
        "select t.id, t.scopes, t.last_used_at, u.id, u.name, u.role, (select value from setting where key = 'revision')"
        ' from api_token t join "user" u on u.id = t.user_id where t.token_hash = ? and t.revoked_at is null'
        " and (t.expires_at is null or t.expires_at > ?) and u.is_active",
        (token_hash(text), now_ms() if now is None else now),
    )
    if found is None:
        return None
    token_id, scopes, used_at, user_id, name, role, revision = found
    return Bearer(token_id, tuple(scopes.split()), used_at, user_id, name, role, int(revision or 0))


_TOKENS = (
    "select t.id, t.user_id, u.name, t.name, t.last4, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at"
    ' from api_token t join "user" u on u.id = t.user_id where (t.user_id = ? or ?) order by t.revoked_at is not null, t.id desc'
)


def tokens_of(user_id: int, actor: Actor) -> list[TokenRow]:
    """Somebody's tokens, the newest first, revoked ones last: one's own, or as an admin anybody's. Raises NotAllowed."""
    if actor.user_id != user_id and not actor.may(Permission.PEOPLE):
        raise NotAllowed(N_("Only an admin sees the tokens of others."))
    return [_row(row) for row in rows(_TOKENS, (user_id, False))]


def all_tokens(actor: Actor) -> list[TokenRow]:
    """Everybody's tokens. Raises NotAllowed."""
    if not actor.may(Permission.PEOPLE):
        raise NotAllowed(N_("Only an admin sees the tokens of others."))
    return [_row(row) for row in rows(_TOKENS, (0, True))]


def _row(row: tuple[object, ...]) -> TokenRow:
    found = TokenRow(*row)  # type: ignore[arg-type]
    return TokenRow(**{**vars(found), "scopes": tuple(str(row[5]).split())})
