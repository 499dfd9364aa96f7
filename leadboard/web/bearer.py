"""Programs at the door: `Authorization: Bearer lb_…`, and nothing else, says who they are."""

from flask import g, request

from leadboard.domain.tokens import count_wrong_token, note_use
from leadboard.errors import N_, TokenNeeded
from leadboard.permissions import token_actor, user_actor
from leadboard.queries.settings import go_by, instance
from leadboard.queries.tokens import find_bearer


def read_token() -> None:
    """One statement: the token, its owner, and whether the cached settings are still true. Raises TokenNeeded, TooManyTries."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        g.instance = instance()
        raise TokenNeeded(N_("This address takes an API token: Authorization: Bearer lb_…"))
    found = find_bearer(text.strip())
    if found is None:
        g.instance = instance()
        count_wrong_token(request.remote_addr or "")
        raise TokenNeeded(N_("This token is not known, was revoked, has run out, or its owner has left."), is_wrong=True)
    go_by(found.revision)
    g.instance = instance()
    owner = user_actor(found.user_id, found.user_name, found.role, member_visibility=g.instance.member_visibility)
    g.actor = token_actor(owner, found.token_id, found.scopes)
    note_use(found.token_id, found.last_used_at)
