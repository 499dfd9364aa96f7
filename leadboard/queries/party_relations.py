"""Who belongs to an organisation or a contact: its people, its firms, its parts, and its leads with what they are worth."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from leadboard.db import rows
from leadboard.models.pipelines import StageKind
from leadboard.permissions import Actor, visible_sql

PEOPLE = 20
PARTS = 10
LEADS = 10
KINDS = (StageKind.OPEN, StageKind.WON, StageKind.LOST)


class PersonRow(NamedTuple):
    """Somebody at a firm. `job_title` is what they are there; `total` how many there are."""

    id: int
    name: str
    job_title: str
    email: str
    phone: str
    phone_e164: str | None
    is_main: bool
    total: int


def people_of(organisation: dict[str, Any], actor: Actor) -> list[PersonRow]:
    """The people of a firm by name, whom to ask first in front; those whose further firm it is, too. One statement."""
    main, params = visible_sql(actor, "c")
    further, more = visible_sql(actor, "c")
    columns = "c.id as id, c.name as name, c.name_key as name_key"
    found = rows(
        "select id, name, job_title, email, phone, phone_e164, is_main, count(*) over () from ("  # noqa: S608 - ours
        f"select {columns}, c.job_title as job_title, c.email as email, c.phone as phone, c.phone_e164 as phone_e164, 1 as is_main"
        f" from contact c where c.organisation_id = ? and {main}"
        f" union all select {columns}, e.job_title, c.email, c.phone, c.phone_e164, 0 from employment e join contact c on c.id = e.contact_id"
        f" where e.organisation_id = ? and coalesce(c.organisation_id, 0) <> e.organisation_id and {further}) as person"
        " order by case when id = ? then 0 else 1 end, name_key, id limit ?",
        [organisation["id"], *params, organisation["id"], *more, organisation["primary_contact_id"] or 0, PEOPLE],
    )
    return [PersonRow._make((*row[:6], bool(row[6]), row[7])) for row in found]


class FirmRow(NamedTuple):
    """A firm of a person, and what they are there."""

    id: int
    name: str
    job_title: str
    is_main: bool


def firms_of(contact: dict[str, Any], actor: Actor) -> list[FirmRow]:
    """The firms of a person, the main one first. One statement; a person has fifty at most."""
    condition, params = visible_sql(actor, "o")
    found = rows(
        "select o.id, o.name, c.job_title, 1, o.name_key from contact c join organisation o on o.id = c.organisation_id"  # noqa: S608 - ours
        f" where c.id = ? and {condition} union all"
        " select o.id, o.name, e.job_title, 0, o.name_key from employment e join organisation o on o.id = e.organisation_id"
        f" join contact c on c.id = e.contact_id where e.contact_id = ? and coalesce(c.organisation_id, 0) <> o.id and {condition}"
        " order by 4 desc, 5, 1",
        [contact["id"], *params, contact["id"], *params],
    )
    return [FirmRow(row[0], row[1], row[2], bool(row[3])) for row in found]


def parts_of(organisation_id: int, actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of the firms that are part of this one, one more than are shown."""
    condition, params = visible_sql(actor, "organisation")
    return [
        (row[0], row[1])
        for row in rows(
            f"select id, name from organisation where parent_id = ? and parent_id is not null and {condition} order by name_key, id limit {PARTS + 1}",  # noqa: S608 - ours
            [organisation_id, *params],
        )
    ]


# ---------------------------------------------------------------------------------------------- leads


class Deal(NamedTuple):
    """A lead of a firm or a person."""

    kind: str
    id: int
    title: str
    stage_name: str
    stage_tone: str
    value_amount: int | None
    value_currency: str
    owner_name: str | None
    next_task: str | None
    next_task_on: date | str | None
    closed_at: int | None


@dataclass(frozen=True)
class Group:
    """The leads of a kind: how many, what they are worth as (amount, currency), and the newest."""

    kind: str
    count: int = 0
    sums: tuple[tuple[int, str], ...] = ()
    deals: Sequence[Deal] = field(default_factory=tuple)


def sums_of(record_type: str, record_id: int, actor: Actor) -> dict[str, Group]:
    """How many leads of each kind, and their values by currency, the largest first. One statement."""
    condition, params = visible_sql(actor)
    counts: dict[str, int] = {}
    sums: dict[str, list[tuple[int, str]]] = {}
    for kind, currency, count, amount in rows(
        "select s.kind, lead.value_currency, count(*), sum(lead.value_amount) from lead join stage s on s.id = lead.stage_id"  # noqa: S608 - ours
        f" where lead.{record_type}_id = ? and {condition} group by s.kind, lead.value_currency order by 4 desc",
        [record_id, *params],
    ):
        counts[kind] = counts.get(kind, 0) + count
        if amount is not None:
            sums.setdefault(kind, []).append((int(amount), currency))
    return {kind: Group(kind, count, tuple(sums.get(kind, ()))) for kind, count in counts.items()}


def deals_of(record_type: str, record_id: int, actor: Actor) -> list[Group]:
    """The groups that are not empty, each with its newest leads. Two statements, one without any lead."""
    known = sums_of(record_type, record_id, actor)
    kinds = [kind for kind in KINDS if kind in known]
    if not kinds:
        return []
    condition, params = visible_sql(actor)
    # Each kind by itself, so that the index of the firm's leads is walked from its end no further than needed.
    parts = " union all ".join(
        "select * from (select s.kind, lead.id, lead.title, s.name, s.tone, lead.value_amount, lead.value_currency,"  # noqa: S608 - ours
        ' (select u.name from "user" u where u.id = lead.owner_id),'
        " (select t.title from task t where t.id = lead.next_task_id), lead.next_task_on, lead.closed_at"
        f" from lead join stage s on s.id = lead.stage_id where lead.{record_type}_id = ? and {condition} and s.kind = ?"
        f" order by lead.id desc limit {LEADS}) as part{number}"
        for number in range(len(kinds))
    )
    found = [Deal(*row) for row in rows(parts, [value for kind in kinds for value in (record_id, *params, kind)])]
    return [
        Group(
            kind, known[kind].count, known[kind].sums, sorted((one for one in found if one.kind == kind), key=lambda one: -one.id)
        )
        for kind in kinds
    ]
