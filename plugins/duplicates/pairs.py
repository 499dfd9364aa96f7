"""Pairs of leads that may be the same: found when a lead is written and once a day over all, dismissed by people."""

from collections.abc import Iterator
from dataclasses import dataclass

from leadboard.api import (
    N_,
    SYSTEM,
    Actor,
    NotFound,
    Permission,
    change,
    execute,
    execute_many,
    now_ms,
    require,
    rows,
    visible_sql,
)

from .finders import REASONS, found_by

PAGE = 50
# A value that more leads share than this says nothing about any two of them: a switchboard, info@, "Unknown".
MOST_ALIKE = 8
BATCH = 500
# A name alone is a hint while typing, not a finding.
LEAST_SCORE = 50

_GROUPS = {
    "email": "select email_key from lead where email_key is not null and deleted_at is null group by email_key"
    " having count(*) between 2 and ?",
    "phone": "select phone_reversed from lead where phone_reversed is not null and deleted_at is null group by phone_reversed"
    " having count(*) between 2 and ?",
}
_MEMBERS = {
    "email": "select email_key, id from lead where email_key is not null and deleted_at is null and email_key in ({places}) order by id",
    "phone": "select phone_reversed, id from lead where phone_reversed is not null and deleted_at is null"
    " and phone_reversed in ({places}) order by id",
}


def scan() -> int:
    """Look for pairs by e-mail and phone over all leads; how many new ones. The job of every day."""
    found = 0
    for reason, groups in _GROUPS.items():
        values = [value for (value,) in rows(groups, (MOST_ALIKE,))]
        for start in range(0, len(values), BATCH):
            part = values[start : start + BATCH]
            members: dict[str, list[int]] = {}
            for value, lead_id in rows(_MEMBERS[reason].format(places=", ".join("?" * len(part))), part):
                members.setdefault(value, []).append(lead_id)
            found += _keep(reason, [pair for ids in members.values() for pair in _pairs_of(ids)])
    return found


def look(lead_id: int) -> int:
    """Look for pairs of one lead that was just written; how many new ones."""
    found = rows(
        "select email, phone, title, person_name, organisation_name, postal_code, city from lead where id = ? and deleted_at is null",
        (lead_id,),
    )
    if not found:
        return 0
    names = ("email", "phone", "title", "person_name", "organisation_name", "postal_code", "city")
    kept = 0
    for reason, lead_ids in found_by(dict(zip(names, found[0], strict=True)), SYSTEM).items():
        others = [other for other in lead_ids if other != lead_id]
        if REASONS[reason][1] >= LEAST_SCORE and len(others) < MOST_ALIKE:
            kept += _keep(reason, [(min(other, lead_id), max(other, lead_id)) for other in others])
    return kept


def _pairs_of(lead_ids: list[int]) -> Iterator[tuple[int, int]]:
    """Each with the oldest: the pairs of eight are seven lines to decide, not twenty-eight."""
    for newer in lead_ids[1:]:
        yield lead_ids[0], newer


def _keep(reason: str, found: list[tuple[int, int]]) -> int:
    if not found:
        return 0
    score = REASONS[reason][1]
    with change(SYSTEM, "duplicates.keep"):
        before = rows("select count(*) from p_duplicates_pair")[0][0]
        execute_many(
            "insert into p_duplicates_pair (older_id, newer_id, reason, score, found_at) values (?, ?, ?, ?, ?)"
            " on conflict (older_id, newer_id) do update set reason = excluded.reason, score = excluded.score"
            " where p_duplicates_pair.score < excluded.score",
            [(older, newer, reason, score, now_ms()) for older, newer in found],
        )
        return int(rows("select count(*) from p_duplicates_pair")[0][0] - before)


# ---------------------------------------------------------------------------------------------- shown


@dataclass(frozen=True)
class Side:
    """One lead of a pair, with what tells it from the other."""

    id: int
    title: str
    organisation: str
    email: str
    phone: str
    city: str


@dataclass(frozen=True)
class PairRow:
    id: int
    reason: str
    score: int
    older: Side
    newer: Side


_ONE = "select o.id, n.id from p_duplicates_pair p join lead o on o.id = p.older_id join lead n on n.id = p.newer_id"
_SIDE = "{a}.id, {a}.title, {a}.organisation_name, {a}.email, {a}.phone, {a}.city"


def open_pairs(actor: Actor, after: tuple[int, int] | None = None) -> list[PairRow]:
    """Pairs that nobody dismissed and of which the actor sees both leads, the surest first; one more than a page."""
    older, older_params = visible_sql(actor, "o")
    newer, newer_params = visible_sql(actor, "n")
    place, place_params = ("and (p.score, p.id) < (?, ?)", list(after)) if after else ("", [])
    found = rows(
        f"select p.id, p.reason, p.score, {_SIDE.format(a='o')}, {_SIDE.format(a='n')} from p_duplicates_pair p"  # noqa: S608 - our own columns
        " join lead o on o.id = p.older_id join lead n on n.id = p.newer_id"
        f" where p.dismissed_at is null and {older} and {newer} {place} order by p.score desc, p.id desc limit {PAGE + 1}",
        [*older_params, *newer_params, *place_params],
    )
    return [PairRow(row[0], row[1], row[2], Side(*row[3:9]), Side(*row[9:15])) for row in found]


def dismiss(pair_id: int, *, actor: Actor, is_dismissed: bool = True) -> None:
    """They are not the same, or take that back. Raises NotFound, NotAllowed."""
    require(actor, Permission.WRITE)
    older, older_params = visible_sql(actor, "o")
    newer, newer_params = visible_sql(actor, "n")
    with change(actor, "duplicates.dismiss") as step:
        found = rows(f"{_ONE} where p.id = ? and {older} and {newer}", [pair_id, *older_params, *newer_params])
        if not found:
            raise NotFound(N_("This pair does not exist any more, or you may not see both leads."))
        execute("update p_duplicates_pair set dismissed_at = ? where id = ?", (step.at if is_dismissed else None, pair_id))
        step.record("duplicates.dismissed", "lead", found[0][1], other=found[0][0], dismissed=is_dismissed)
