"""Finding records by a typed text: any piece of their words, through the trigram index beside each table (`lead_text` …)."""

import json
from collections.abc import Sequence

from leadboard.db import Where, is_sqlite, rows
from leadboard.lib.phones import phone_fragment
from leadboard.lib.text import fold, search_fragments, sort_key
from leadboard.queries.settings import instance

# The trigram index knows nothing shorter.
SHORTEST = 3
_LAST = "\U0010ffff"

Asked = list[list[str]]
"""All fragments of one of these lists are looked for, each list with one that the index knows."""


def asked_of(text: str) -> Asked:
    """What a text asks for; nothing when it is too short for the index.

    A text of digits and the signs between them is also part of a phone number.
    """
    fragments = list(search_fragments(text))
    if not any(len(one) >= SHORTEST for one in fragments):
        # Nothing but short words: they are looked for together, as typed.
        fragments = [fold(text)]
    digits = (phone_fragment(text) or "")[::-1]
    asked = [[digits]] if digits else []
    if len(max(fragments, key=len)) >= SHORTEST and fragments != [digits]:
        asked.append(fragments)
    return asked


def lookup_sql(table: str, asked: Asked) -> Where:
    """A select of the ids of the table that the trigram index finds."""
    if not is_sqlite():
        sql, params = _row_sql(asked)
        return f"select rowid from {table}_text where {sql}", params
    found = found_sql(asked, f"{table}_text")
    return " union ".join(f"select rowid from {table}_text where {sql}" for sql, _ in found), [
        value for _, values in found for value in values
    ]  # fmt: skip


def found_sql(asked: Asked, alias: str) -> list[Where]:
    """The conditions, each of them enough, that the trigram index `alias` has a text."""
    if not is_sqlite():
        return [_row_sql([fragments], f"{alias}.words") for fragments in asked]
    conditions: list[Where] = []
    for fragments in asked:
        short = [one for one in fragments if len(one) < SHORTEST]
        match = " AND ".join(_quoted(one) for one in fragments if len(one) >= SHORTEST)
        conditions.append((f"{alias}.words match ?" + f" and instr({alias}.words, ?) > 0" * len(short), [match, *short]))
    return conditions


def has_words_sql(table: str, record_id: str, asked: Asked) -> Where:
    """The same tested on the words of one record, whose id is the SQL `record_id`."""
    sql, params = _row_sql(asked)
    return f"exists (select 1 from {table}_text where {table}_text.rowid = {record_id} and ({sql}))", params


def text_sql(table: str, name_key: str, alias: str, text: str) -> Where:
    """Whether a record of the table `alias` has a text; a short one at the beginning of its name."""
    asked = asked_of(text)
    if not asked:
        return begins_sql(f"{alias}.{name_key}", text)
    lookup, params = lookup_sql(table, asked)
    return f"{alias}.id in ({lookup})", params


def found_ids(lookup: Where, *, most: int) -> list[int] | None:
    """The ids that a lookup finds; None of more than `most`."""
    sql, params = lookup
    found = rows(f"select * from ({sql}) as found limit ?", [*params, most + 1])
    return None if len(found) > most else [number for (number,) in found]


def ids_sql(alias: str, ids: Sequence[int]) -> Where:
    """Whether a record is one of these, however many: one value of the statement. SQLite only."""
    return f"{alias}.id in (select value from json_each(?))", [json.dumps(ids)]


def among_sql(alias: str, ids: Sequence[int]) -> Where:
    """As ids_sql(), on both engines."""
    return ids_sql(alias, ids) if is_sqlite() else (f"{alias}.id = any(?)", [list(ids)])


def is_common(lookup: Where, *, more_than: int) -> bool:
    """Whether a lookup finds more ids than this. Reads no more than that many."""
    sql, params = lookup
    return len(rows(f"select 1 from ({sql}) as found limit ?", [*params, more_than + 1])) > more_than


def begins_sql(column: str, text: str) -> Where:
    """One or two characters: names that begin with them, by their sort key. Signs alone find names of signs alone."""
    key = sort_key(fold(text), instance().language).partition("\x1f")[0]
    if not key:
        return f"{column} < ?", [" "]
    return f"{column} >= ? and {column} < ?", [key, key + _LAST]


def _row_sql(asked: Asked, words: str = "words") -> Where:
    sqlite = is_sqlite()
    found = f"instr({words}, ?) > 0" if sqlite else f"{words} like ?"
    sql = " or ".join(" and ".join([found] * len(fragments)) for fragments in asked)
    return sql, [one if sqlite else f"%{_escaped(one)}%" for fragments in asked for one in fragments]


def _quoted(text: str) -> str:
    """A fragment as FTS5 takes it literally."""
    return '"' + text.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    """A fragment as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
