"""Mails as people see them: one, those of a lead, those that belong to nobody yet."""

import json
from collections.abc import Mapping, Sequence
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
    execute,
    find_contacts,
    find_lead,
    find_leads,
    one,
    require,
    rows,
)

from .taking import put_on_timelines

PAGE = 50
MOST_ON_PANEL = 10


@dataclass(frozen=True)
class MailRow:
    """A line of a list. `at` in milliseconds."""

    id: int
    subject: str
    sender: str
    party: str
    at: int
    direction: str
    state: str
    reason: str


@dataclass(frozen=True)
class WholeMail:
    row: MailRow
    body: str
    quoted: str
    attachments: tuple[str, ...]
    leads: tuple[LeadRef, ...]
    contacts: tuple[PartyRef, ...] = ()


_MAILS = "select m.id, m.subject, m.sender, m.party, m.at, m.direction, m.state, m.reason"
# A mail that is on no timeline is seen by those who see all leads, and by the colleague who wrote or got it.
_MINE = " and (m.user_id = ? or ? = 1)"


def _mine(actor: Actor) -> list[Any]:
    return [actor.id, 1 if actor.sees_all else 0]


def mails(actor: Actor, state: str, *, before: int | None = None) -> list[MailRow]:
    """Mails that are on no timeline, the latest first; one more than a page. Raises NotAllowed."""
    require(actor, Permission.WRITE)
    older, params = (" and m.id < ?", [before]) if before is not None else ("", [])
    sql = (
        _MAILS
        + " from p_mail_drop_mail m where m.state = ? and m.dismissed_at is null"
        + _MINE
        + older
        + " order by m.id desc limit ?"
    )
    return [MailRow(*row) for row in rows(sql, [state, *_mine(actor), *params, PAGE + 1])]


def mail(mail_id: int, actor: Actor) -> WholeMail:
    """One that is on the timeline of a lead or contact that the actor sees, or on none. Raises NotFound."""
    row = one(_MAILS + ", m.body, m.quoted, m.attachments, m.user_id from p_mail_drop_mail m where m.id = ?", (mail_id,))
    missing = NotFound(N_("This mail is not kept any more, or you may not see it."))
    if row is None:
        raise missing
    lead_ids = [lead_id for (lead_id,) in rows("select lead_id from p_mail_drop_entry where mail_id = ?", (mail_id,))]
    contact_ids = [number for (number,) in rows("select contact_id from p_mail_drop_contact_entry where mail_id = ?", (mail_id,))]
    leads, contacts = find_leads(lead_ids, actor), find_contacts(contact_ids, actor)
    is_mine = actor.may(Permission.WRITE) and (actor.sees_all or row[11] == actor.id)
    if not (leads or contacts) and (lead_ids or contact_ids or not is_mine):
        raise missing
    return WholeMail(
        MailRow(*row[:8]), row[8], row[9], tuple(json.loads(row[10])), tuple(leads.values()), tuple(contacts.values())
    )


_OF_LEAD = (
    _MAILS
    + " from p_mail_drop_mail m join p_mail_drop_entry e on e.mail_id = m.id where e.lead_id = ? order by m.at desc limit ?"
)
_OF_CONTACT = (
    _MAILS
    + " from p_mail_drop_mail m join p_mail_drop_contact_entry e on e.mail_id = m.id where e.contact_id = ? order by m.at desc limit ?"
)


def panel(lead: LeadRef, actor: Actor) -> Mapping[str, Any] | None:
    """The latest mails of a lead; None when there is none."""
    return _shown(rows(_OF_LEAD, (lead.id, MOST_ON_PANEL)))


def party_panel(party: PartyRef, actor: Actor) -> Mapping[str, Any] | None:
    """The latest mails of a contact; None when there is none."""
    return _shown(rows(_OF_CONTACT, (party.id, MOST_ON_PANEL)))


def _shown(found: Sequence[Any]) -> Mapping[str, Any] | None:
    return {"mails": [MailRow(*row) for row in found]} if found else None


# ---------------------------------------------------------------------------------------------- writing


def assign(mail_id: int, lead_id: int, *, actor: Actor) -> None:
    """Put a mail on the timeline of a lead. Raises NotFound, Refused, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "mail_drop.assign") as step:
        found = mail(mail_id, actor)
        if found.row.state not in {"open", "broken", "inner", "quiet"}:
            raise Refused(N_("This mail is on a timeline already."))
        put_on_timelines(mail_id, [find_lead(lead_id, actor)])
        execute("update p_mail_drop_mail set state = 'logged' where id = ?", (mail_id,))
        step.record("mail_drop.assigned", "mail", mail_id, lead_id=lead_id)


def make_lead(mail_id: int, title: str, *, actor: Actor) -> int:
    """A new lead with the address; this mail and the others of the address go on its timeline. The lead's id.

    Raises Refused, NotFound, NotAllowed.
    """
    require(actor, Permission.WRITE)
    with change(actor, "mail_drop.make_lead") as step:
        found = mail(mail_id, actor)
        if found.row.state != "open":
            raise Refused(N_("This mail is on a timeline already."))
        lead_id = create_lead({"title": title, "email": found.row.party}, actor=actor).lead_id
        sql = _MAILS + " from p_mail_drop_mail m where m.state = 'open' and m.party = ?" + _MINE + " order by m.id limit 200"
        for row in rows(sql, [found.row.party, *_mine(actor)]):
            put_on_timelines(row[0], [find_lead(lead_id, actor)])
            execute("update p_mail_drop_mail set state = 'logged' where id = ?", (row[0],))
            step.record("mail_drop.assigned", "mail", row[0], lead_id=lead_id)
    return lead_id


def dismiss(mail_id: int, *, actor: Actor) -> None:
    """It needs no lead: off the list. Raises NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "mail_drop.dismiss") as step:
        mail(mail_id, actor)
        execute("update p_mail_drop_mail set dismissed_at = ? where id = ?", (step.at, mail_id))
        step.record("mail_drop.dismissed", "mail", mail_id)
