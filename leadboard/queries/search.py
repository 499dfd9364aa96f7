"""The one search: leads, contacts, organisations, notes and next steps with a text, and only what the reader may see.

Records are looked up three ways: by the beginning of their name, by any piece of three characters (the trigram index), by
whole words and their beginnings (the word index). What equals the text comes first, then what begins with it, then the
newest. At most MOST_RANKED of each are looked at, however many there are. Page by page, all there are come newest first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from typing import Any

from leadboard.db import Where, as_day, is_sqlite, one, rows
from leadboard.lib.emails import email_key
from leadboard.lib.folding import fold
from leadboard.lib.phones import phone_fragment
from leadboard.lib.text import TextError, clean_line, search_fragments
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.record_filter import MAX_TEXT
from leadboard.queries.record_names import RecordNames
from leadboard.queries.text_search import Asked, asked_of, begins_sql, found_sql, has_words_sql, is_common, lookup_sql
from leadboard.queries.word_search import words_sql

MOST_RANKED = 300
# A text found more often is tested on the records of somebody who sees few, one by one: a test costs five times as much as
# to go on to the next record found, of which few are theirs.
COMMON = 5_000
FEW_OF_ONES_OWN = 8_000
NOTES, TASKS = "note", "task"
KINDS = (*RECORD_TYPES, NOTES, TASKS)
_NO_LIMIT = 10**18 - 1


@dataclass(frozen=True, slots=True)
class Hit:
    """One record, note, activity or next step.

    `details` stand beside a record's name: its organisation, then what else of it the text was found in. `host` is (record
    type, id, name) of what an entry hangs on, `body` the text of a note or an activity, `at` when it was written.
    """

    kind: str
    id: int
    title: str
    details: tuple[str, ...] = ()
    phone: str = ""
    host: tuple[str, int, str] | None = None
    body: str = ""
    at: int = 0
    due_on: date | None = None
    is_done: bool = False


@dataclass(frozen=True)
class Found:
    """What was found of each kind, at most `most`; `more` are the kinds of which there is more. `words` are what was asked for, folded."""

    text: str
    hits: dict[str, list[Hit]]
    more: frozenset[str]
    words: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not any(self.hits.values())


@dataclass(frozen=True)
class Page:
    """All of one kind, newest first; `before` is where the next page goes on, empty on the last one."""

    text: str
    hits: list[Hit]
    before: tuple[int, ...]
    words: tuple[str, ...]


def search(text: str, actor: Actor, *, most: int = 5, kinds: Sequence[str] = KINDS, hosts: Sequence[str] = RECORD_TYPES) -> Found:
    """Everything with this text. A text that is too long is searched by its beginning. Notes and steps are those of `hosts`."""
    asked_text, words = asked(text)
    hits: dict[str, list[Hit]] = {}
    if words:
        for kind in kinds:
            if kind in RECORD_TYPES:
                hits[kind] = _records(kind, asked_text, actor, most + 1)
            else:
                hits[kind] = _entries(kind, words, actor, most + 1, hosts)
    more = frozenset(kind for kind, found in hits.items() if len(found) > most)
    return Found(asked_text, {kind: found[:most] for kind, found in hits.items()}, more, words)


def search_page(
    kind: str, text: str, actor: Actor, *, most: int = 50, before: Sequence[int] = (), hosts: Sequence[str] = RECORD_TYPES
) -> Page:
    """One kind, newest first, from where the page before ended."""
    asked_text, words = asked(text)
    hits: list[Hit] = []
    if words:
        if kind in RECORD_TYPES:
            hits = _newest_records(kind, asked_text, actor, most + 1, before[0] if before else _NO_LIMIT)
        else:
            hits = _entries(kind, words, actor, most + 1, hosts, before)
    shown = hits[:most]
    return Page(asked_text, shown, _ends_of(kind, shown, before) if len(hits) > most else (), words)


def asked(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as it is searched for, and its folded words."""
    try:
        asked_text = clean_line(text[: 10 * MAX_TEXT], 10 * MAX_TEXT)[:MAX_TEXT]
    except TextError:
        asked_text = text[:MAX_TEXT]
    return asked_text, search_fragments(asked_text)


# ---------------------------------------------------------------------------------------------- records

# What a record is called, then the other columns whose words count and that are shown where the text was found in them.
_NAMES = {
    "lead": ("title", "person_name", "organisation_name", "email"),
    "contact": ("name", "email", "job_title"),
    "organisation": ("name", "domain", "email", "city"),
}
# What stands beside the name in any case.
_BESIDE = {"lead": 2, "organisation": 1}
_KEYS = {"lead": ("title_key", "organisation_key"), "contact": ("name_key",), "organisation": ("name_key",)}


def _records(table: str, text: str, actor: Actor, most: int) -> list[Hit]:
    """The best, then the newest."""
    folded = fold(text)
    found = _read(table, _candidates(_ways(table, text, actor, most)))
    found.sort(key=lambda row: (_place(row[4:], folded), -row[0]))
    return _hits(table, found[:most], text, actor)


def _candidates(ways: Iterable[Where]) -> set[int]:
    return {row[0] for sql, params in ways for row in rows(sql, params)}


def _read(table: str, ids: set[int]) -> list[tuple[Any, ...]]:
    """(id, its organisation's id, numbers …, names …) of records."""
    if not ids:
        return []
    columns = ", ".join(f"{table}.{name}" for name in _NAMES[table])
    firm = f"{table}.organisation_id" if table == "contact" else "null"
    return rows(
        f"select {table}.id, {firm}, {table}.phone, {table}.phone_e164, {columns} from {table}"
        f" where {table}.id in ({', '.join('?' * len(ids))})",
        sorted(ids),
    )


def _hits(table: str, found: Sequence[tuple[Any, ...]], text: str, actor: Actor) -> list[Hit]:
    """As they are shown; the organisations of contacts are named to those who may see them."""
    firms = RecordNames(actor)
    firms.want("organisation", (row[1] for row in found if row[1] is not None))
    words, digits = search_fragments(text), (phone_fragment(text) or "")[::-1]
    hits = []
    for row in found:
        names = [value or "" for value in row[4:]]
        firm = firms.name("organisation", row[1]) if row[1] is not None else None
        beside = names[_BESIDE[table]] if table in _BESIDE else firm.name if firm is not None else ""
        told = [one for one in names[1:] if one and any(word in fold(one) for word in words)]
        email = names[_NAMES[table].index("email")]
        details = dict.fromkeys(one for one in (beside, *told, *([] if told else [email])) if one and one != names[0])
        number = row[2] or row[3] or ""
        has_number = digits and digits in "".join(filter(str.isdecimal, f"{row[2]} {row[3]}"))
        hits.append(Hit(table, row[0], names[0], tuple(details), number if has_number else ""))
    return hits


def _place(values: Sequence[str | None], asked_for: str) -> int:
    """How well a record fits: it is called so, a name of it begins so, a word of it does, or it only has the text in it."""
    best = 3
    for value in values:
        folded = fold(value or "")
        if folded == asked_for:
            return 0
        if folded.startswith(asked_for):
            best = 1
        elif best > 2 and f" {asked_for}" in folded:
            best = 2
    return best


def _ways(table: str, text: str, actor: Actor, most: int) -> list[Where]:
    """The selects that find candidates. Every one of them starts from what the actor may see."""
    visible, mine = visible_sql(actor, table)
    ways: list[Where] = []
    for key in _KEYS[table]:
        sql, params = begins_sql(f"{table}.{key}", text)
        ways.append(
            (
                f"select {table}.id from {table} where {visible} and {sql} and {table}.{key} <> '' order by {table}.{key}, {table}.id limit ?",
                [*mine, *params, most],
            )
        )
    return [*ways, *_by_address(table, text, actor, _NO_LIMIT, most), *_by_text(table, text, actor, _NO_LIMIT, MOST_RANKED)]


def _newest_records(table: str, text: str, actor: Actor, most: int, before: int) -> list[Hit]:
    ways = [*_by_address(table, text, actor, before, most), *_by_text(table, text, actor, before, most)]
    if not asked_of(text):
        ways += _by_beginning(table, text, actor, before, most)
    newest = set(sorted(_candidates(ways), reverse=True)[:most])
    return _hits(table, sorted(_read(table, newest), reverse=True), text, actor)


def _by_address(table: str, text: str, actor: Actor, before: int, most: int) -> list[Where]:
    """Whose whole e-mail address it is, the second and third ones too."""
    address = email_key(text) if "@" in text else None
    if address is None:
        return []
    visible, mine = visible_sql(actor, table)
    rest = f"{visible} and {table}.id < ? order by {table}.id desc limit ?"
    return [
        (f"select {table}.id from {table} where {table}.email_key = ? and {rest}", [address, *mine, before, most]),
        (
            f"select {table}.id from contact_point p join {table} on {table}.id = p.{table}_id where p.key = ? and {rest}",
            [address, *mine, before, most],
        ),
    ]


def _by_text(table: str, text: str, actor: Actor, before: int, most: int) -> list[Where]:
    """The newest with any piece of the text, and those with its words."""
    visible, mine = visible_sql(actor, table)
    asked_for, match = asked_of(text), words_sql(search_fragments(text))
    ways = _by_piece(table, asked_for, actor, before, most) if asked_for else []
    if match is not None:
        sql = (
            f"select {table}.id from {table}_words w {_joined()} {table} on {table}.id = w.rowid where {match[0]} and w.rowid < ?"
        )
        ways.append((f"{sql} and {visible} order by w.rowid desc limit ?", [*match[1], before, *mine, most]))
    return ways


def _joined() -> str:
    """SQLite walks the index from its end only when it is the outer one; PostgreSQL knows better."""
    return "cross join" if is_sqlite() else "join"


def _by_piece(table: str, asked_for: Asked, actor: Actor, before: int, most: int) -> list[Where]:
    """From the newest that the index finds on down; somebody's few records are tested instead where most of the found are others'."""
    visible, mine = visible_sql(actor, table)
    if not actor.sees_all and is_common(lookup_sql(table, asked_for), more_than=COMMON) and _sees_few(table, actor):
        test, params = has_words_sql(table, "mine.id", asked_for)
        # Limited inside: so they are sorted first, and tested only until there are enough.
        own = f"select {table}.id as id from {table} where {visible} and {table}.id < ? order by {table}.id desc limit {FEW_OF_ONES_OWN + 1}"
        return [(f"select mine.id from ({own}) as mine where {test} limit ?", [*mine, before, *params, most])]
    walked = f"select {table}.id from {table}_text t {_joined()} {table} on {table}.id = t.rowid where t.rowid < ? and {visible}"
    return [
        (f"{walked} and {sql} order by t.rowid desc limit ?", [before, *mine, *params, most])
        for sql, params in found_sql(asked_for, "t")
    ]


def _by_beginning(table: str, text: str, actor: Actor, before: int, most: int) -> list[Where]:
    """Of one or two letters: whose name begins so."""
    visible, mine = visible_sql(actor, table)
    ways: list[Where] = []
    for key in _KEYS[table]:
        sql, params = begins_sql(f"{table}.{key}", text)
        sql = f"{sql} and {table}.{key} <> ''"
        if is_common((f"select 1 from {table} where {sql}", params), more_than=COMMON):
            sql, visible = _on_the_way(sql, table, key), _on_the_way(visible, table)
        ways.append((
            f"select {table}.id from {table} where {sql} and {visible} and {table}.id < ? order by {table}.id desc limit ?",
            [*params, *mine, before, most],
        ))  # fmt: skip
    return ways


def _on_the_way(condition: str, table: str, column: str = "owner_id") -> str:
    """The condition without the column's index: tested on each row while walking down."""
    return condition.replace(f"{table}.{column}", f"+{table}.{column}") if is_sqlite() else condition


def _sees_few(table: str, actor: Actor) -> bool:
    """By the index of owners alone, which one condition with `or` would not be: it settles the way, not what is found."""
    part = f"select count(*) from (select 1 from {table} where deleted_at is null and owner_id {{}} limit {FEW_OF_ONES_OWN + 1}) as seen"
    found = one(f"select ({part.format('= ?')}) + ({part.format('is null')})", [actor.id])
    return found is not None and found[0] <= FEW_OF_ONES_OWN


# ---------------------------------------------------------------------------------------------- notes and next steps

# (table, what it is called, its text, when it was written, its day, whether it is done)
_ENTRIES = {
    NOTES: (
        ("note", "''", "n.body", "n.created_at", "null", "null"),
        ("activity", "n.subject", "n.body", "n.at", "null", "null"),
    ),
    TASKS: (("task", "n.title", "''", "n.created_at", "n.due_on", "n.done_at"),),
}


def _entries(
    kind: str, fragments: Sequence[str], actor: Actor, most: int, hosts: Sequence[str], before: Sequence[int] = ()
) -> list[Hit]:
    """Notes and activities, or next steps, the newest first; `before` are the last ids of the page before, of each table."""
    match = words_sql(fragments)
    if match is None or not hosts:
        return []
    found = []
    for number, (table, *columns) in enumerate(_ENTRIES[kind]):
        seen, params = _host_sql(actor, hosts)
        joins = " ".join(f"left join {host} on {host}.id = n.{host}_id" for host in RECORD_TYPES)
        end = before[number] if number < len(before) else _NO_LIMIT
        found.append([
            _entry(table, row)
            for row in rows(
                f"select n.id, n.lead_id, n.contact_id, n.organisation_id, coalesce(lead.title, contact.name, organisation.name),"
                f" {', '.join(columns)} from {table}_words w {_joined()} {table} n on n.id = w.rowid {joins}"
                f" where {match[0]} and w.rowid < ? and n.deleted_at is null and ({seen}) order by w.rowid desc limit ?",
                [*match[1], end, *params, most],
            )
        ])  # fmt: skip
    # Each table in the order of its ids, so that a page goes on exactly where the one before ended.
    return list(merge(*found, key=lambda hit: -hit.at))[:most]


def _entry(table: str, row: Sequence[Any]) -> Hit:
    [(record_type, record_id)] = [
        (name, number) for name, number in zip(RECORD_TYPES, row[1:4], strict=True) if number is not None
    ]
    return Hit(
        table, row[0], row[5], host=(record_type, record_id, row[4]), body=row[6], at=row[7], due_on=as_day(row[8]),
        is_done=row[9] is not None,
    )  # fmt: skip


def _ends_of(kind: str, hits: Sequence[Hit], before: Sequence[int]) -> tuple[int, ...]:
    """The last id of each table on this page, or of an earlier one."""
    tables = [kind] if kind in RECORD_TYPES else [table for table, *_ in _ENTRIES[kind]]
    earlier = [before[number] if number < len(before) else _NO_LIMIT for number in range(len(tables))]
    return tuple(min([end, *(hit.id for hit in hits if hit.kind == table)]) for table, end in zip(tables, earlier, strict=True))


def _host_sql(actor: Actor, hosts: Sequence[str]) -> Where:
    """Whether what an entry hangs on may be seen."""
    parts, values = [], []
    for table in hosts:
        visible, params = visible_sql(actor, table)
        parts.append(f"n.{table}_id is not null and {visible}")
        values += params
    return " or ".join(f"({part})" for part in parts), values
