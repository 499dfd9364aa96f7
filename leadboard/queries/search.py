"""The one search: leads, contacts, organisations, notes and next steps with a text, and only what the reader may see.

Records are looked up three ways: by the beginning of their name, by any piece of three characters (the trigram index), by
whole words and their beginnings (the word index). What equals the text comes first, then what begins with it, then the
newest. At most MOST_RANKED of each are looked at, however many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from leadboard.db import Where, is_sqlite, one, rows
from leadboard.lib.emails import email_key
from leadboard.lib.folding import fold
from leadboard.lib.searchwords import is_single_character, phrase_of
from leadboard.lib.text import TextError, clean_line, search_fragments
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.party_matches import detail_of
from leadboard.queries.record_filter import MAX_TEXT
from leadboard.queries.text_search import Asked, asked_of, begins_sql, has_words_sql, is_common, lookup_sql

MOST_RANKED = 300
# A text found more often is walked from the newest record on; somebody who sees few records has those tested one by one.
COMMON = 5_000
FEW_OF_ONES_OWN = 20_000
NOTES, TASKS = "note", "task"
KINDS = (*RECORD_TYPES, NOTES, TASKS)


@dataclass(frozen=True, slots=True)
class Hit:
    """One record, note or next step. `host` is (record type, id, name) of what an entry hangs on; `body` its text."""

    kind: str
    id: int
    title: str
    detail: str = ""
    host: tuple[str, int, str] | None = None
    body: str = ""
    at: int = 0


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


def search(text: str, actor: Actor, *, most: int = 5, kinds: Sequence[str] = KINDS) -> Found:
    """Everything with this text. A text that is too long is searched by its beginning."""
    try:
        asked_text = clean_line(text[: 10 * MAX_TEXT], 10 * MAX_TEXT)[:MAX_TEXT]
    except TextError:
        asked_text = text[:MAX_TEXT]
    words = search_fragments(asked_text)
    hits: dict[str, list[Hit]] = {}
    if words:
        for kind in kinds:
            found = (
                _records(kind, asked_text, actor, most + 1) if kind in RECORD_TYPES else _entries(kind, words, actor, most + 1)
            )
            hits[kind] = found
    more = frozenset(kind for kind, found in hits.items() if len(found) > most)
    return Found(asked_text, {kind: found[:most] for kind, found in hits.items()}, more, words)


# ---------------------------------------------------------------------------------------------- records

# The columns whose beginnings count, and what is shown beside the name.
_NAMES = {
    "lead": ("title", "person_name", "organisation_name", "email"),
    "contact": ("name", "email", "job_title"),
    "organisation": ("name", "domain", "email"),
}
_KEYS = {"lead": ("title_key", "organisation_key"), "contact": ("name_key",), "organisation": ("name_key",)}


def _records(table: str, text: str, actor: Actor, most: int) -> list[Hit]:
    ids: set[int] = set()
    for sql, params in _ways(table, text, actor, most):
        ids |= {row[0] for row in rows(sql, params)}
    if not ids:
        return []
    names = _NAMES[table]
    columns = ", ".join(f"{table}.{name}" for name in names)
    places = ", ".join("?" * len(ids))
    detail, of_detail = ("lead.organisation_name", []) if table == "lead" else detail_of(table, actor)
    found = rows(
        f"select {table}.id, {detail}, {table}.phone_e164, {columns} from {table} where {table}.id in ({places})",
        [*of_detail, *sorted(ids)],
    )
    asked = fold(text)
    found.sort(key=lambda row: (_place(row[2:], asked), -row[0]))
    return [Hit(table, row[0], row[3], row[1] or "") for row in found[:most]]


def _place(values: Sequence[str | None], asked: str) -> int:
    """How well a record fits: it is called so, a name of it begins so, a word of it does, or it only has the text in it."""
    best = 3
    for value in values:
        folded = fold(value or "")
        if folded == asked:
            return 0
        if folded.startswith(asked):
            best = 1
        elif best > 2 and f" {asked}" in folded:
            best = 2
    return best


def _ways(table: str, text: str, actor: Actor, most: int) -> list[Where]:
    """The selects that find candidates. Every one of them starts from what the actor may see."""
    visible, mine = visible_sql(actor, table)
    asked = asked_of(text)
    ways: list[Where] = []
    for key in _KEYS[table]:
        sql, params = begins_sql(f"{table}.{key}", text)
        ways.append(
            (
                f"select {table}.id from {table} where {visible} and {sql} and {table}.{key} <> '' order by {table}.{key}, {table}.id limit ?",
                [*mine, *params, most],
            )
        )
    address = email_key(text) if "@" in text else None
    if address is not None:
        ways.append((f"select {table}.id from {table} where {table}.email_key = ? and {visible} limit ?", [address, *mine, most]))
        ways.append((
            f"select {table}.id from contact_point p join {table} on {table}.id = p.{table}_id where p.key = ? and {visible} limit ?",
            [address, *mine, most],
        ))  # fmt: skip
    if asked:
        ways.append(_by_piece(table, asked, actor))
    match = _match(search_fragments(text))
    if match is not None:
        by_word = (
            f"select {table}.id from {table}_words w {_joined()} {table} on {table}.id = w.rowid where {match[0]} and {visible}"
        )
        ways.append((f"{by_word} order by w.rowid desc limit {MOST_RANKED}", [*match[1], *mine]))
    return ways


def _joined() -> str:
    """SQLite walks the index from its end only when it is the outer one; PostgreSQL knows better."""
    return "cross join" if is_sqlite() else "join"


def _by_piece(table: str, asked: Asked, actor: Actor) -> Where:
    visible, mine = visible_sql(actor, table)
    lookup = lookup_sql(table, asked)
    newest = f"order by {table}.id desc limit {MOST_RANKED}"
    if not is_common(lookup, more_than=COMMON):
        return f"select {table}.id from {table} where {table}.id in ({lookup[0]}) and {visible} {newest}", [*lookup[1], *mine]
    test, params = has_words_sql(table, f"{table}.id", asked)
    if not actor.sees_all and _sees_few(table, actor):
        # Looked up by the owner, whose few records are then tested.
        return f"select {table}.id from {table} where {visible} and {test} {newest}", [*mine, *params]
    # Common among all: met soon enough on the way down from the newest.
    plus = "+" if is_sqlite() else ""
    condition = visible.replace(f"{table}.owner_id", f"{plus}{table}.owner_id")
    return f"select {table}.id from {table} where {condition} and {test} {newest}", [*mine, *params]


def _sees_few(table: str, actor: Actor) -> bool:
    visible, mine = visible_sql(actor, table)
    found = one(f"select count(*) from (select 1 from {table} where {visible} limit {FEW_OF_ONES_OWN + 1}) as seen", mine)
    return found is not None and found[0] <= FEW_OF_ONES_OWN


# ---------------------------------------------------------------------------------------------- words


def _match(fragments: Sequence[str]) -> Where | None:
    """The condition that the words of the index `w` have all fragments, the last word of each as a beginning."""
    phrases = [phrase for one_fragment in fragments if (phrase := phrase_of(one_fragment))]
    # One letter begins too many words; one Chinese character is a word.
    phrases = [phrase for phrase in phrases if len(phrase) > 1 or len(phrase[0]) > 1 or is_single_character(phrase[0])]
    if not phrases:
        return None
    if is_sqlite():
        return "w.words match ?", [" AND ".join(f'"{" ".join(phrase)}"{_star(phrase)}' for phrase in phrases)]
    lexemes = " & ".join(
        _lexeme(word, is_last=number == len(phrase) - 1) for phrase in phrases for number, word in enumerate(phrase)
    )
    sql, params = "array_to_tsvector(string_to_array(w.words, ' ')) @@ cast(? as tsquery)", [lexemes]
    for phrase in phrases:
        if len(phrase) > 1:
            sql, params = f"{sql} and position(? in ' ' || w.words) > 0", [*params, f" {' '.join(phrase)}"]
    return sql, params


def _star(phrase: Sequence[str]) -> str:
    return "" if is_single_character(phrase[-1][0]) else " *"


def _lexeme(word: str, *, is_last: bool) -> str:
    quoted = "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
    return f"{quoted}:*" if is_last and not is_single_character(word[0]) else quoted


_ENTRIES = {
    NOTES: (("note", "n.body", "n.created_at"), ("activity", "case when n.subject = '' then n.body else n.subject end", "n.at")),
    TASKS: (("task", "n.title", "n.created_at"),),
}


def _entries(kind: str, fragments: Sequence[str], actor: Actor, most: int) -> list[Hit]:
    """Notes and activities, or next steps, the newest first."""
    match = _match(fragments)
    if match is None:
        return []
    found: list[Hit] = []
    for table, text, at in _ENTRIES[kind]:
        seen, params = _host_sql(actor)
        joins = " ".join(f"left join {host} on {host}.id = n.{host}_id" for host in RECORD_TYPES)
        for row in rows(
            f"select n.id, {text}, {at}, n.lead_id, n.contact_id, n.organisation_id, coalesce(lead.title, contact.name, organisation.name)"
            f" from {table}_words w {_joined()} {table} n on n.id = w.rowid {joins}"
            f" where {match[0]} and n.deleted_at is null and ({seen}) order by w.rowid desc limit ?",
            [*match[1], *params, most],
        ):
            [(record_type, record_id)] = [
                (name, number) for name, number in zip(RECORD_TYPES, row[3:6], strict=True) if number is not None
            ]
            found.append(Hit(table, row[0], "", host=(record_type, record_id, row[6]), body=row[1], at=row[2]))
    found.sort(key=lambda hit: -hit.at)
    return found[:most]


def _host_sql(actor: Actor) -> Where:
    """Whether what an entry hangs on may be seen."""
    parts, values = [], []
    for table in RECORD_TYPES:
        visible, params = visible_sql(actor, table)
        parts.append(f"n.{table}_id is not null and {visible}")
        values += params
    return " or ".join(f"({part})" for part in parts), values
