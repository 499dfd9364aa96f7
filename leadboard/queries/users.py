"""Reading people: for the sign-in, the people page, the account page and the lists of owners."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from leadboard.db import now_ms, one, rows
from leadboard.errors import N_, NotFound
from leadboard.lib.emails import email_key
from leadboard.lib.text import sort_key
from leadboard.lib.tokens import token_hash
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, Permission, require, user_actor
from leadboard.queries.settings import instance


class UserState(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"
    """Has an unused link."""
    IMPORTED = "imported"
    """Owns leads that an import brought; was never invited."""
    DEACTIVATED = "deactivated"


class UserRow(NamedTuple):
    """What lists of people to choose from are made of."""

    id: int
    name: str
    email: str
    role: str
    is_active: bool


@dataclass(frozen=True)
class PersonRow:
    """One line of the people page. `last_seen_at` in milliseconds."""

    id: int
    name: str
    email: str
    role: str
    state: UserState
    last_seen_at: int | None
    lead_count: int


@dataclass(frozen=True)
class SessionRow:
    """A signed-in browser."""

    id: int
    created_at: int
    last_seen_at: int
    address: str
    agent: str
    is_this: bool


@dataclass(frozen=True)
class Link:
    """A one-time link that still works; without a user it is the one for the set-up."""

    id: int
    user_id: int | None
    name: str
    email: str
    has_password: bool


def somebody_can_sign_in() -> bool:
    """Whether there is anybody with a password: from then on the set-up is closed."""
    return one('select 1 from "user" where password_hash is not null limit 1') is not None


def is_set_up_open() -> bool:
    return not instance().is_set_up and not somebody_can_sign_in()


def user_actor_of(user_id: int) -> Actor | None:
    """The actor that an active user is, under the current settings."""
    found = one('select id, name, role from "user" where id = ? and is_active', (user_id,))
    return user_actor(*found, member_visibility=instance().member_visibility) if found else None


def user_id_of(email: str) -> int | None:
    """Whose e-mail address this is, however it is written."""
    found = one('select id from "user" where email_key = ?', (email_key(email) or email.strip().lower(),))
    return int(found[0]) if found else None


def find_link(token: str, *, now: int | None = None) -> Link | None:
    """What a one-time link is for, or None when it was used, replaced, has run out or its user was deactivated."""
    found = one(
        "select l.id, l.user_id, u.name, u.email, u.password_hash is not null"
        ' from password_link l left join "user" u on u.id = l.user_id'
        " where l.token_hash = ? and l.expires_at > ? and (l.user_id is null or u.is_active)",
        (token_hash(token), now_ms() if now is None else now),
    )
    return Link(found[0], found[1], found[2] or "", found[3] or "", bool(found[4])) if found else None


_PEOPLE = (
    "select u.id, u.name, u.email, u.role, u.is_active, u.password_hash is not null,"
    " (select max(s.last_seen_at) from session s where s.user_id = u.id),"
    # A session goes at sign-out; the log still knows.
    " (select max(e.at) from event e where e.record_type = 'user' and e.record_id = u.id and e.actor_id = u.id),"
    " exists (select 1 from password_link l where l.user_id = u.id and l.expires_at > ?),"
    " (select count(*) from lead where lead.owner_id = u.id and lead.deleted_at is null)"
    ' from "user" u'
)


def people(actor: Actor) -> list[PersonRow]:
    """Everybody, the active ones first, by name. Raises NotAllowed."""
    require(actor, Permission.PEOPLE)
    language = instance().language
    found = [_person_row(row) for row in rows(_PEOPLE, (now_ms(),))]
    return sorted(
        found, key=lambda person: place_in_lists(person.id, person.name, person.state is not UserState.DEACTIVATED, language)
    )


def person(user_id: int, actor: Actor) -> PersonRow:
    """One of people(). Raises NotFound, NotAllowed."""
    require(actor, Permission.PEOPLE)
    found = one(_PEOPLE + " where u.id = ?", (now_ms(), user_id))
    if found is None:
        raise NotFound(N_("This person does not exist."))
    return _person_row(found)


def _person_row(row: tuple[Any, ...]) -> PersonRow:
    user_id, name, email, role, is_active, has_password, seen_at, acted_at, has_link, lead_count = row
    if not is_active:
        state = UserState.DEACTIVATED
    elif has_password:
        state = UserState.ACTIVE
    else:
        state = UserState.INVITED if has_link else UserState.IMPORTED
    return PersonRow(user_id, name, email, role, state, max(seen_at or 0, acted_at or 0) or None, lead_count)


def users_by_name() -> list[UserRow]:
    """Everybody, in the order of lists. One statement."""
    language = instance().language
    found = [
        UserRow(user_id, name, email or "", role, bool(is_active))
        for user_id, name, email, role, is_active in rows('select id, name, email, role, is_active from "user"')
    ]
    return sorted(found, key=lambda user: place_in_lists(user.id, user.name, user.is_active, language))


def place_in_lists(user_id: int, name: str, is_active: bool, language: str) -> tuple[bool, str, int]:
    """What lists of people are sorted by: who left comes last; then by name, as the language sorts it."""
    return not is_active, sort_key(name, language), user_id


def owned_by(user_id: int, actor: Actor) -> tuple[int, ...]:
    """How many leads, contacts and organisations somebody owns, in the bin too, and how many next steps they have to do. One statement."""
    require(actor, Permission.PEOPLE)
    # What lives and what is in the bin have an index each.
    both = "(select count(*) from {0} where owner_id = ? and deleted_at is null) + (select count(*) from {0} where owner_id = ? and deleted_at is not null)"
    counts = ", ".join(both.format(table) for table in RECORD_TYPES)
    found = one(
        f"select {counts}, (select count(*) from task where assignee_id = ? and done_at is null and deleted_at is null)",  # noqa: S608 - see above
        (user_id,) * 7,
    )
    assert found is not None
    return found


def owners(actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of everybody who can be given a lead, by name."""
    require(actor, Permission.READ)
    return [(user.id, user.name) for user in users_by_name() if user.is_active]


def sessions_of(actor: Actor, this_id: int | None) -> list[SessionRow]:
    """The actor's signed-in browsers, the one in hand first, then the latest."""
    found = rows(
        "select id, created_at, last_seen_at, address, agent from session where user_id = ? order by last_seen_at desc, id desc",
        (actor.id,),
    )
    shown = [SessionRow(row[0], row[1], row[2], row[3], row[4], is_this=row[0] == this_id) for row in found]
    return sorted(shown, key=lambda session: not session.is_this)


def account_of(actor: Actor) -> tuple[str, str, str]:
    """Name, e-mail and theme of the actor as they are now."""
    found = one('select name, email, theme from "user" where id = ?', (actor.id,))
    if found is None:
        raise NotFound(N_("This person does not exist."))
    return found[0], found[1], found[2]
