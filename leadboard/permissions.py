"""Who may do what, and which leads somebody sees."""

from dataclasses import dataclass
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


@dataclass(frozen=True)
class Actor:
    """Who does it: a user with a role, or the system. `sees_all` is settled at sign-in from role and setting."""

    kind: str
    id: int | None
    name: str
    role: str
    sees_all: bool

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return ROLE_PERMISSIONS[self.role]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


SYSTEM = Actor("system", None, "Leadboard", Role.ADMIN, True)


def user_actor(user_id: int, name: str, role: str, *, member_visibility: str) -> Actor:
    """`member_visibility` is the setting: "all", or "own" for own and unassigned leads only (members and viewers)."""
    limited = member_visibility == "own" and role in {Role.MEMBER, Role.VIEWER}
    return Actor("user", user_id, name, role, not limited)


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless the actor's role includes the permission."""
    if permission not in actor.permissions:
        raise NotAllowed(N_("Your role does not include this. Ask an admin."))


def may_delete(actor: Actor, owner_id: int | None) -> bool:
    """Managers delete any lead, members their own."""
    return actor.may(Permission.DELETE_ANY) or (actor.may(Permission.WRITE) and owner_id is not None and owner_id == actor.id)


def may_change_entry(actor: Actor, author_id: int | None) -> bool:
    """Notes and logged calls are changed and deleted by their author, and by managers."""
    return actor.may(Permission.DELETE_ANY) or (actor.may(Permission.WRITE) and author_id is not None and author_id == actor.id)


def may_work_on(actor: Actor, owner_id: int | None) -> bool:
    """Whether somebody sees a lead of this owner and may write to it: who a next step can be given to."""
    return actor.may(Permission.WRITE) and (actor.sees_all or owner_id is None or owner_id == actor.id)


def visible_sql(actor: Actor, alias: str = "lead", *, deleted: bool = False) -> tuple[str, list[Any]]:
    """The condition that every read of leads starts from, over the table `alias`, with its parameters. `deleted` reads the bin."""
    sql = f"{alias}.deleted_at is {'not ' if deleted else ''}null"
    if actor.sees_all:
        return sql, []
    return f"{sql} and ({alias}.owner_id = ? or {alias}.owner_id is null)", [actor.id]
