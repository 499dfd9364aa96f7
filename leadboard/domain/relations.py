"""Who belongs to whom: a lead's contact and organisation, the firms of a person, a firm's first contact."""

from collections.abc import Mapping
from typing import Any

from leadboard.db import execute, one
from leadboard.domain.first_contacts import drop_absent
from leadboard.domain.hosts import Host, host_of
from leadboard.domain.parties import update_party
from leadboard.errors import N_, Conflict, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line
from leadboard.permissions import Actor, Permission, require

# Columns that link_columns() may write.
LINKS = {"lead": ("contact_id", "organisation_id"), "organisation": ("primary_contact_id",)}
# The record type at their other end.
TARGET = {"contact_id": "contact", "organisation_id": "organisation", "primary_contact_id": "contact"}
MOST_FIRMS = 50


def link_lead(lead_id: int, *, actor: Actor, **links: int | None) -> int | None:
    """Set or, with None, take away a lead's contact_id and organisation_id; what was typed stays as typed.

    The change set, or None when nothing differs. Raises NotFound, NotAllowed.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.link") as step:
        return step.change_set_id if link_columns(step, host_of(actor, lead_id=lead_id), links, actor) else None


def set_primary_contact(organisation_id: int, contact_id: int | None, *, actor: Actor) -> int | None:
    """Say whom to ask first at a firm. The person must work there. Raises Refused, NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    with change(actor, "organisation.link") as step:
        host = host_of(actor, organisation_id=organisation_id)
        if contact_id is not None and not works_at(contact_id, organisation_id):
            raise Refused(N_("This person does not work there. Add them to the organisation first."), field="contact")
        changed = link_columns(step, host, {"primary_contact_id": contact_id}, actor)
        return step.change_set_id if changed else None


def add_employment(contact_id: int, organisation_id: int, *, actor: Actor, job_title: str = "") -> int | None:
    """Put a person at a further firm; the main one is a field of the contact. None when it is so already."""
    require(actor, Permission.WRITE)
    with change(actor, "contact.employ") as step:
        person, firm = host_of(actor, contact_id=contact_id), host_of(actor, organisation_id=organisation_id)
        if works_at(contact_id, organisation_id):
            return None
        found = one("select count(*) from employment where contact_id = ?", (person.id,))
        if found is not None and found[0] >= MOST_FIRMS:
            raise Refused(N_("A person is at %(most)d firms at most."), field="organisation", most=MOST_FIRMS)
        try:
            title = clean_line(job_title, 120)
        except ValueError as error:
            raise Refused(N_("A job title has at most %(limit)d characters."), field="job_title", limit=120) from error
        write_employment(step, person.id, firm.id, title)
        return step.change_set_id


def end_employment(contact_id: int, organisation_id: int, *, actor: Actor) -> int | None:
    """Take a person from a firm, main or further; the last one may leave. None when they were not there."""
    require(actor, Permission.WRITE)
    with change(actor, "contact.leave") as step:
        host_of(actor, contact_id=contact_id)
        firm = host_of(actor, organisation_id=organisation_id)
        write_employment(step, contact_id, organisation_id, None)
        # Both, after two firms were merged.
        if works_at(contact_id, organisation_id):
            update_party("contact", contact_id, {"organisation": None}, actor=actor)
        drop_absent(step, [firm.id])
        return step.change_set_id if step.recorded else None


def employ(contact_id: int, organisation_id: int, *, actor: Actor, job_title: str = "") -> int | None:
    """Put a person at a firm: the main one of somebody without any, else a further one. None when it is so already."""
    require(actor, Permission.WRITE)
    with change(actor, "contact.employ") as step:
        host_of(actor, contact_id=contact_id)
        main = one("select organisation_id from contact where id = ?", (contact_id,))
        if main is not None and main[0] is not None:
            return add_employment(contact_id, organisation_id, actor=actor, job_title=job_title)
        if not works_at(contact_id, organisation_id):
            title = {"job_title": job_title} if job_title else {}
            update_party("contact", contact_id, {"organisation": organisation_id, **title}, actor=actor)
        return step.change_set_id if step.recorded else None


def set_main_firm(contact_id: int, organisation_id: int, *, actor: Actor) -> int | None:
    """Make one of a person's firms the main one; the one that was, stays as a further one. Each keeps its job title."""
    require(actor, Permission.WRITE)
    with change(actor, "contact.main_firm") as step:
        host_of(actor, contact_id=contact_id)
        host_of(actor, organisation_id=organisation_id)
        found = one("select organisation_id, job_title from contact where id = ?", (contact_id,))
        title = title_at(contact_id, organisation_id)
        if found is None or title is None:
            if found is None or found[0] != organisation_id:
                raise Refused(N_("This person does not work there. Add them to the organisation first."), field="organisation")
            return None
        write_employment(step, contact_id, organisation_id, None)
        if found[0] is not None:
            write_employment(step, contact_id, found[0], found[1])
        update_party("contact", contact_id, {"organisation": organisation_id, "job_title": title}, actor=actor)
        return step.change_set_id


def works_at(contact_id: int, organisation_id: int) -> bool:
    """Whether it is the person's main firm or a further one."""
    main = one("select 1 from contact where id = ? and organisation_id = ?", (contact_id, organisation_id))
    return main is not None or title_at(contact_id, organisation_id) is not None


def title_at(contact_id: int, organisation_id: int) -> str | None:
    found = one("select job_title from employment where contact_id = ? and organisation_id = ?", (contact_id, organisation_id))
    return str(found[0]) if found else None


def write_employment(step: Change, contact_id: int, organisation_id: int, job_title: str | None) -> None:
    """Make, change or, with None, take away a further firm, with its event; inside a change."""
    before = title_at(contact_id, organisation_id)
    if before == job_title:
        return
    execute("delete from employment where contact_id = ? and organisation_id = ?", (contact_id, organisation_id))
    if job_title is not None:
        execute(
            "insert into employment (contact_id, organisation_id, job_title, created_at) values (?, ?, ?, ?)",
            (contact_id, organisation_id, job_title, step.at),
        )
    step.record(
        EventKind.EMPLOYMENT_CHANGED, "contact", contact_id, organisation_id=organisation_id,
        values={"employment": (before, job_title)}, organisation=organisation_id,
    )  # fmt: skip


def link_columns(step: Change, host: Host, links: Mapping[str, int | None], actor: Actor) -> bool:
    """Write those links that differ, with their event, inside a change; False when none does. Raises NotFound."""
    assert set(links) <= set(LINKS[host.record_type])
    columns = list(links)
    if not columns:
        return False
    found = one(f"select {', '.join(columns)} from {host.record_type} where id = ?", (host.id,))  # noqa: S608 - ours
    assert found is not None
    values = {name: (before, links[name]) for name, before in zip(columns, found, strict=True) if before != links[name]}
    if not values:
        return False
    for name, (_, after) in values.items():
        # Taking an action back may point to what is in the bin, as it did before.
        if after is not None and step.kind != "undo":
            host_of(actor, **{f"{TARGET[name]}_id": after})
    sets = ", ".join(f"{name} = ?" for name in values)
    execute(
        f"update {host.record_type} set {sets} where id = ?",  # noqa: S608 - ours
        [*(after for _, after in values.values()), host.id],
    )
    seen: dict[str, Any] = {}
    if host.record_type == "lead":
        # Linked or no longer: it shows on the timeline of the other side.
        seen = {name: after if after is not None else before for name, (before, after) in values.items()}
    step.record(EventKind.RECORD_LINKED, host.record_type, host.id, **host.place, **seen, values=values)
    return True


def revert_links(step: Change, host: Host, values: dict[str, tuple[int | None, int | None]], actor: Actor) -> None:
    """Put earlier links back; part of domain/undo.py's change. Raises Conflict when they were changed since."""
    columns = list(values)
    found = one(f"select {', '.join(columns)} from {host.record_type} where id = ?", (host.id,))  # noqa: S608 - ours
    assert found is not None
    back = {name: values[name][0] for name, now in zip(columns, found, strict=True) if now == values[name][1]}
    if not back:
        raise Conflict(N_("It was changed since. Nothing was taken back."))
    link_columns(step, host, back, actor)


def revert_employment(step: Change, contact_id: int, organisation_id: int, before: str | None, after: str | None) -> None:
    """Put a further firm back as it was; part of domain/undo.py's change."""
    if title_at(contact_id, organisation_id) != after:
        raise Conflict(N_("It was changed since. Nothing was taken back."))
    write_employment(step, contact_id, organisation_id, before)
