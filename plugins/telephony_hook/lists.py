"""Calls as people see them: the one that rings now, those without a lead; and whose telephone is whose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.api import (
    N_,
    Actor,
    LeadRef,
    NotFound,
    PartyRef,
    Permission,
    Refused,
    change,
    create_lead,
    enqueue,
    execute,
    find_contact,
    find_contacts,
    find_lead,
    find_leads,
    find_leads_by_phone,
    now_ms,
    one,
    owners,
    require,
    rows,
)

from .calls import LOG

PAGE = 50
LONGEST_EXTENSION = 20
# How long a call that is over stays on the screen, and how long one that was never ended.
LINGER_MS = 15_000
LIVE_MS = 2 * 3_600_000


@dataclass(frozen=True)
class CallRow:
    """A call; `user_name` whose telephone it was at. Moments in milliseconds."""

    id: int
    direction: str
    state: str
    number: str
    number_key: str
    rang_at: int
    duration_s: int | None
    left_message: int
    lead_id: int | None
    contact_id: int | None
    user_name: str


@dataclass(frozen=True)
class LiveCall:
    """A call at the reader's telephone; `lead` and `contact` only when the reader may see them."""

    call: CallRow
    lead: LeadRef | None
    contact: PartyRef | None = None


_CALLS = (
    "select c.id, c.direction, c.state, c.number, c.number_key, c.rang_at, c.duration_s, c.left_message, c.lead_id, c.contact_id, coalesce(u.name, '')"
    ' from p_telephony_hook_call c left join "user" u on u.id = c.user_id where c.left_out = 0'
)
# A caller without a lead is nobody's: those see it who had the call, who see all leads, and everybody when it is not known whose it was.
_MINE = " and (c.user_id = ? or c.user_id is null or ? = 1)"


def _mine(actor: Actor) -> list[Any]:
    return [actor.id, 1 if actor.sees_all else 0]


def has_extension(actor: Actor) -> bool:
    return one("select 1 from p_telephony_hook_extension where user_id = ?", (actor.id,)) is not None


def live(actor: Actor) -> list[LiveCall]:
    """What rings or goes on at the actor's telephone, and what was over just now; at most three statements."""
    now = now_ms()
    found = [
        CallRow(*row)
        for row in rows(
            _CALLS + " and c.user_id = ? and c.seen_at is null and c.rang_at > ? and (c.over_at is null or c.over_at > ?)"
            " order by c.id desc limit 3",
            (actor.id, now - LIVE_MS, now - LINGER_MS),
        )
    ]
    leads = find_leads([call.lead_id for call in found if call.lead_id is not None], actor)
    contacts = find_contacts([call.contact_id for call in found if call.contact_id is not None], actor)
    return [LiveCall(call, leads.get(call.lead_id or 0), contacts.get(call.contact_id or 0)) for call in found]


def without_lead(actor: Actor, *, before: int | None = None) -> list[CallRow]:
    """Calls of numbers that belong to no lead and no contact, or to several, the latest first; one more than a page."""
    require(actor, Permission.WRITE)
    older, params = (" and c.id < ?", [before]) if before is not None else ("", [])
    sql = (
        _CALLS
        + " and c.lead_id is null and c.contact_id is null and c.dismissed_at is null"
        + _MINE
        + older
        + " order by c.id desc limit ?"
    )
    return [CallRow(*row) for row in rows(sql, [*_mine(actor), *params, PAGE + 1])]


def call(call_id: int, actor: Actor) -> CallRow:
    """A call that the actor may see: without anybody as above, else with a lead or contact that is visible. Raises NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    found = one(_CALLS + " and c.id = ?" + _MINE, [call_id, *_mine(actor)])
    if found is None:
        raise NotFound(N_("This call is not kept any more, or you may not see it."))
    row = CallRow(*found)
    if row.lead_id is not None:
        find_lead(row.lead_id, actor)
    elif row.contact_id is not None:
        find_contact(row.contact_id, actor)
    return row


def candidates(found: CallRow, actor: Actor) -> list[LeadRef]:
    """Leads with this number that the actor sees: several, or it would have one."""
    return find_leads_by_phone(found.number, actor) if found.number_key else []


# ---------------------------------------------------------------------------------------------- writing


def assign(call_id: int, lead_id: int, *, actor: Actor) -> None:
    """The call was with this lead: put it on its timeline. Raises NotFound, Refused, NotAllowed."""
    with change(actor, "telephony_hook.assign") as step:
        if _is_known(call(call_id, actor)):
            raise Refused(N_("This call is on a timeline already."))
        find_lead(lead_id, actor)
        _give(call_id, lead_id)
        step.record("telephony_hook.assigned", "call", call_id, lead_id=lead_id)


def make_lead(call_id: int, title: str, *, actor: Actor) -> int:
    """A new lead with the number; this call and the others of the number go on its timeline. The lead's id.

    Raises Refused, NotFound, NotAllowed.
    """
    with change(actor, "telephony_hook.make_lead") as step:
        found = call(call_id, actor)
        if _is_known(found):
            raise Refused(N_("This call is on a timeline already."))
        lead_id = create_lead({"title": title, "phone": found.number}, actor=actor).lead_id
        same = (
            rows(
                _CALLS
                + " and c.lead_id is null and c.contact_id is null and c.number_key = ?"
                + _MINE
                + " order by c.id limit 200",
                [found.number_key, *_mine(actor)],
            )
            if found.number_key
            else []
        )
        for other in {call_id, *(row[0] for row in same)}:
            _give(other, lead_id)
            step.record("telephony_hook.assigned", "call", other, lead_id=lead_id)
    return lead_id


def _is_known(found: CallRow) -> bool:
    return found.lead_id is not None or found.contact_id is not None


def _give(call_id: int, lead_id: int) -> None:
    execute("update p_telephony_hook_call set lead_id = ? where id = ?", (lead_id, call_id))
    enqueue(LOG, key=f"{LOG}:{call_id}:lead:{lead_id}", call_id=call_id)


def dismiss(call_id: int, *, actor: Actor) -> None:
    """It needs no lead: off the list. Raises NotFound, NotAllowed."""
    with change(actor, "telephony_hook.dismiss") as step:
        call(call_id, actor)
        execute("update p_telephony_hook_call set dismissed_at = ? where id = ?", (step.at, call_id))
        step.record("telephony_hook.dismissed", "call", call_id)


def mark_seen(call_id: int, *, actor: Actor) -> None:
    """Off the screen of whose call it is. Raises NotFound."""
    with change(actor, "telephony_hook.seen") as step:
        if not execute("update p_telephony_hook_call set seen_at = ? where id = ? and user_id = ?", (step.at, call_id, actor.id)):
            raise NotFound(N_("This call is not kept any more, or you may not see it."))


# ---------------------------------------------------------------------------------------------- extensions


@dataclass(frozen=True)
class PersonRow:
    id: int
    name: str
    number: str


def extensions(actor: Actor) -> list[PersonRow]:
    """Everybody who can have a lead, with their extension. Raises NotAllowed."""
    require(actor, Permission.PEOPLE)
    known = dict(rows("select user_id, number from p_telephony_hook_extension"))
    return [PersonRow(user_id, name, known.get(user_id, "")) for user_id, name in owners(actor)]


def save_extensions(typed: Mapping[int, str], *, actor: Actor) -> None:
    """{user id: extension, or ""}. Raises Refused with the field "number-<user id>", NotAllowed."""
    require(actor, Permission.PEOPLE)
    with change(actor, "telephony_hook.extensions") as step:
        known = {person.id: person for person in extensions(actor)}
        wanted: dict[str, int] = {}
        for user_id, text in typed.items():
            number = text.strip()
            if user_id not in known or not number:
                continue
            if len(number) > LONGEST_EXTENSION or not number.isprintable() or any(char.isspace() for char in number):
                raise Refused(N_("An extension has at most 20 characters and no spaces."), field=f"number-{user_id}")
            if number in wanted:
                raise Refused(
                    N_("%(name)s has this extension."), field=f"number-{user_id}", name=known[wanted[number]].name
                )  # fmt: skip
            wanted[number] = user_id
        before = {person.number: person.id for person in known.values() if person.number}
        if wanted == before:
            return
        execute("delete from p_telephony_hook_extension")
        for number, user_id in wanted.items():
            execute("insert into p_telephony_hook_extension (user_id, number) values (?, ?)", (user_id, number))
        step.record("telephony_hook.extensions_changed", "plugin", 0, users=sorted(wanted.values()))
