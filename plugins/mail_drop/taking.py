"""Mails from the folder onto timelines: each once, by the addresses that are not ours."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from leadboard.api import (
    SYSTEM,
    Actor,
    LeadRef,
    NotFound,
    PartyRef,
    Permission,
    Refused,
    atomic,
    email_key,
    execute,
    find_contact,
    find_contacts_by_email,
    find_lead,
    find_leads_by_email,
    log_activity,
    now_ms,
    one,
    rows,
    settings_for,
    user_actor_of,
)

from .boxes import Found, check_folder, mails_in
from .mime import Mail, read_mail
from .quotes import as_written, split_quote

NAME = "mail_drop"
# The timeline's own limit is 20,000; signs that are kept from Markdown take room.
LONGEST_BODY = 15_000
MOST_A_RUN = 500
KEEP_MS = 90 * 86_400_000
# Of a mail to more people, these are looked at one by one.
MOST_ALONE = 20
MEGABYTE = 1_000_000
EARLIEST_MS = round(datetime(1990, 1, 1, tzinfo=UTC).timestamp() * 1000)


@dataclass
class Report:
    """What a run did: how many mails came to which state, and why those that are odd are."""

    states: dict[str, int] = field(default_factory=dict)
    again: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def read(self) -> int:
        return sum(self.states.values()) + self.again


@dataclass(frozen=True)
class Ours:
    """Our own addresses: colleagues' (with who it is) and those of the settings, also whole domains."""

    users: dict[str, int]
    others: frozenset[str]
    domains: frozenset[str]

    def has(self, key: str) -> bool:
        return key in self.users or key in self.others or key.rpartition("@")[2] in self.domains


def read_folder() -> Report:
    """Read what is new. The job, and `leadboard mail_drop read`. Raises Refused when the folder cannot be read."""
    report, settings = Report(), settings_for(NAME)
    if not str(settings.folder).strip():
        return report
    path = check_folder(settings.folder)
    ours = our_addresses(settings.own)
    for found in mails_in(path, most_bytes=settings.most_mb * MEGABYTE, done=_done):
        state, reason = take(found, ours)
        if state:
            report.states[state] = report.states.get(state, 0) + 1
        else:
            report.again += 1
        for part in filter(None, reason.split("; ")):
            report.reasons[part] = report.reasons.get(part, 0) + 1
        if report.read >= MOST_A_RUN:
            break
    return report


def our_addresses(text: str) -> Ours:
    users = dict(rows('select email_key, id from "user" where email_key is not null'))
    words = [word.strip().lower() for word in text.replace(",", "\n").splitlines() if word.strip()]
    domains = frozenset(word.removeprefix("@") for word in words if word.startswith("@") or "@" not in word)
    return Ours(users, frozenset(key for word in words if (key := email_key(word))), domains)


def _done(names: Collection[str]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    wanted = list(names)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        places = ", ".join("?" * len(part))
        for name, done, head in rows(f"select name, done, head from p_mail_drop_place where name in ({places})", part):  # noqa: S608 - places only
            found[name] = (done, head)
    return found


def take(found: Found, ours: Ours) -> tuple[str, str]:
    """One mail, and how far the folder is read, in one transaction: its state ("" when it was known) and the reasons."""
    mail = read_mail(found.data, with_body=not found.is_cut)
    if found.is_cut:
        mail.problems.append("too large")
    key = hashlib.sha256(mail.message_id.encode("utf-8", "replace") if mail.message_id else found.data).hexdigest()
    with atomic():
        execute(
            "insert into p_mail_drop_place (name, done, head) values (?, ?, ?)"
            " on conflict (name) do update set done = excluded.done, head = excluded.head",
            (found.place, found.done, found.head),
        )
        if one("select 1 from p_mail_drop_mail where key = ?", (key,)) is not None:
            return "", ""
        state, reason = _keep(mail, key, found, ours)
    return state, reason


def _keep(mail: Mail, key: str, found: Found, ours: Ours) -> tuple[str, str]:
    senders, everybody = _keys(mail.from_addresses), _keys([*mail.from_addresses, *mail.to_addresses])
    parties = [address for address in everybody if not ours.has(address)]
    is_outgoing = bool(senders) and all(ours.has(address) for address in senders)
    user_id = next((ours.users[address] for address in everybody if address in ours.users), None)
    known = [] if mail.quiet else _known(parties)
    if mail.quiet:
        state = "quiet"
    elif known:
        state = "logged"
    elif parties:
        state = "open"
    else:
        state = "inner" if everybody else "broken"
    reason = "; ".join(dict.fromkeys([*filter(None, [mail.quiet]), *mail.problems]))[:200]
    written, quoted = split_quote(mail.text)
    at = mail.at if mail.at is not None and EARLIEST_MS < mail.at <= now_ms() else min(found.changed_at, now_ms())
    made = one(
        "insert into p_mail_drop_mail (key, subject, sender, party, at, direction, state, reason, body, quoted, attachments, user_id, read_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id",
        (
            key, mail.subject[:200], mail.sender[:320], (parties or [""])[0][:320], at, "outgoing" if is_outgoing else "incoming", state, reason,
            written, quoted, json.dumps(mail.attachments, ensure_ascii=False), user_id, now_ms(),
        ),
    )  # fmt: skip
    assert made is not None
    put_on_timelines(int(made[0]), known)
    return state, reason


def _keys(addresses: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(key for address in addresses[:200] if (key := email_key(address))))


def _known(parties: Sequence[str]) -> list[LeadRef | PartyRef]:
    """Whose addresses these are: leads, and contacts of an address that no lead has."""
    leads = find_leads_by_email(parties, SYSTEM) if parties else []
    alone = [address for address in parties[:MOST_ALONE] if not find_leads_by_email([address], SYSTEM)] if leads else parties
    return [*leads, *(find_contacts_by_email(alone, SYSTEM) if alone else [])]


def put_on_timelines(mail_id: int, known: Collection[LeadRef | PartyRef]) -> None:
    """An entry on each of these leads and contacts that has none yet; part of the caller's transaction."""
    row = one("select subject, body, quoted, attachments, at, direction, user_id from p_mail_drop_mail where id = ?", (mail_id,))
    assert row is not None
    subject, body, quoted, attachments, at, direction, user_id = row
    for ref in known:
        table, column = (
            ("p_mail_drop_contact_entry", "contact_id") if isinstance(ref, PartyRef) else ("p_mail_drop_entry", "lead_id")
        )
        if one(f"select 1 from {table} where mail_id = ? and {column} = ?", (mail_id, ref.id)) is not None:  # noqa: S608 - our own names
            continue
        values: dict[str, Any] = {
            "subject": subject,
            "body": _shown(body, quoted, json.loads(attachments)),
            "at": at,
            "direction": direction,
            column: ref.id,
        }
        actor = _author(user_id, ref) if direction == "outgoing" else SYSTEM
        try:
            added = log_activity(kind="mail", actor=actor, **values)
        except (NotFound, Refused):
            continue  # it went to the bin meanwhile
        execute(f"insert into {table} (mail_id, {column}, activity_id) values (?, ?, ?)", (mail_id, ref.id, added.id))  # noqa: S608 - our own names


def _shown(body: str, quoted: str, attachments: list[str]) -> str:
    """What stands on the timeline; the whole is on the mail's own page."""
    text = as_written(body)
    if len(text) > LONGEST_BODY or quoted:
        text = f"{text[:LONGEST_BODY].rstrip()}\n\n[…]"
    names = "\n".join(f"- {name}" for name in attachments)[:1000]
    return f"{text}\n\n{names}" if names else text


def _author(user_id: int | None, ref: LeadRef | PartyRef) -> Actor:
    """Whoever wrote it, when that is somebody who sees the lead or contact and may write to it."""
    actor = user_actor_of(user_id) if user_id is not None else None
    if actor is None or not actor.may(Permission.WRITE):
        return SYSTEM
    try:
        (find_contact if isinstance(ref, PartyRef) else find_lead)(ref.id, actor)
    except NotFound:
        return SYSTEM
    return actor


def sweep() -> int:
    """Forget mails that are on no timeline after ninety days; how many. The job of every day."""
    return execute(
        "delete from p_mail_drop_mail where read_at < ? and not exists (select 1 from p_mail_drop_entry e where e.mail_id = p_mail_drop_mail.id)"
        " and not exists (select 1 from p_mail_drop_contact_entry e where e.mail_id = p_mail_drop_mail.id)",
        (now_ms() - KEEP_MS,),
    )
