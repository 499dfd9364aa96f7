"""Who may do what, and which leads somebody sees."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from leadboard.errors import N_, NotAllowed
from leadboard.models.users import Role


class Permission(StrEnum):
    """One thing a role includes. Record rules (only own leads) are in `allowed`."""

    READ = "read"
    WRITE = "write"
    DELETE_ANY = "delete_any"
    RESTORE = "restore"
    ASSIGN = "assign"
    IMPORT = "import"
    EXPORT = "export"
    STAGES = "stages"
    PEOPLE = "people"
    SETTINGS = "settings"


_VIEWER = frozenset({Permission.READ})
_MEMBER = _VIEWER | {Permission.WRITE}
_MANAGER = _MEMBER | {Permission.DELETE_ANY, Permission.RESTORE, Permission.ASSIGN, Permission.IMPORT, Permission.EXPORT}
ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.VIEWER: _VIEWER,
    Role.MEMBER: _MEMBER,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: frozenset(Permission),
}


class Scope(StrEnum):
    """What a token may be used for. The owner's role still counts: a token never does more than its owner."""

    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    TELEPHONY = "telephony"


_WORK = frozenset({Permission.READ, Permission.WRITE, Permission.DELETE_ANY, Permission.RESTORE, Permission.ASSIGN})
SCOPE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Scope.LEADS_READ: frozenset({Permission.READ}),
    Scope.LEADS_WRITE: _WORK,
    Scope.CONTACTS_READ: frozenset({Permission.READ}),
    Scope.CONTACTS_WRITE: _WORK,
    Scope.TELEPHONY: frozenset({Permission.READ, Permission.WRITE}),
}


@dataclass(frozen=True)
class Actor:
    """Who does it: a user with a role, a program with a user's token, or the system.

    `id` is the user's, also of a token: whose leads are one's own does not depend on how one comes. `sees_all` is
    settled at sign-in from role and setting; `scopes` narrow what a token may do.
    """

    kind: str
    id: int | None
    name: str
    role: str
    sees_all: bool
    token_id: int | None = None
    scopes: frozenset[str] = frozenset()

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        if self.token_id is None:
            return ROLE_PERMISSIONS[self.role]
        granted = frozenset[Permission]().union(*(SCOPE_PERMISSIONS[scope] for scope in self.scopes))
        return ROLE_PERMISSIONS[self.role] & granted

    @property
    def log_id(self) -> int | None:
        """The number that events keep beside `kind`: the token's, else the user's."""
        return self.id if self.token_id is None else self.token_id

    @property
    def user_id(self) -> int | None:
        """The person behind it, for what is written in somebody's name."""
        return self.id if self.kind in {"user", "token"} else None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


SYSTEM = Actor("system", None, "Leadboard", Role.ADMIN, True)


def user_actor(user_id: int, name: str, role: str, *, member_visibility: str) -> Actor:
    """`member_visibility` is the setting: "all", or "own" for own and unassigned leads only (members and viewers)."""
    limited = member_visibility == "own" and role in {Role.MEMBER, Role.VIEWER}
    return Actor("user", user_id, name, role, not limited)


def token_actor(owner: Actor, token_id: int, scopes: Iterable[str]) -> Actor:
    """A user's token: sees what its owner sees. Scopes that are no longer known allow nothing."""
    known = frozenset(scope for scope in scopes if scope in SCOPE_PERMISSIONS)
    return replace(owner, kind="token", token_id=token_id, scopes=known)


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless the actor's role includes the permission."""
    if permission not in actor.permissions:
        raise NotAllowed(N_("Your role does not include this. Ask an admin."))


def may_delete(actor: Actor, owner_id: int | None) -> bool:
    """Managers delete any lead, members their own."""
    return actor.may(Permission.DELETE_ANY) or (actor.may(Permission.WRITE) and owner_id is not None and owner_id == actor.id)


def may_give(actor: Actor, from_id: int | None, to_id: int | None) -> bool:
    """Members take what is unassigned and give away their own; managers assign any."""
    return actor.may(Permission.ASSIGN) or from_id == actor.id or (from_id is None and to_id == actor.id)


def may_change_entry(actor: Actor, author_id: int | None) -> bool:
    """Notes and logged calls are changed and deleted by their author, and by managers."""
    return actor.may(Permission.DELETE_ANY) or (actor.may(Permission.WRITE) and author_id is not None and author_id == actor.id)


def may_share_views(actor: Actor) -> bool:
    """Managers and admins give everybody a saved view."""
    return actor.may(Permission.ASSIGN)


def may_change_view(actor: Actor, owner_id: int) -> bool:
    """A saved view is changed and deleted by whoever keeps it, and by admins."""
    return actor.id == owner_id or actor.may(Permission.SETTINGS)


def may_work_on(actor: Actor, owner_id: int | None) -> bool:
    """Whether somebody sees a lead of this owner and may write to it: who a next step can be given to."""
    return actor.may(Permission.WRITE) and (actor.sees_all or owner_id is None or owner_id == actor.id)


def visible_sql(actor: Actor, alias: str = "lead", *, deleted: bool = False) -> tuple[str, list[Any]]:
    """The condition that every read of leads starts from, over the table `alias`, with its parameters. `deleted` reads the bin."""
    sql = f"{alias}.deleted_at is {'not ' if deleted else ''}null"
    if actor.sees_all:
        return sql, []
    return f"{sql} and ({alias}.owner_id = ? or {alias}.owner_id is null)", [actor.id]
