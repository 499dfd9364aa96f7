"""The word index: what notes, next steps, activities and long fields say, kept in the transaction of each change.

Names, addresses and numbers are in the trigram index beside each record (record_rows.py), which finds any piece of three
characters. Here are whole words and their beginnings: of longer texts, and of names in scripts whose words are shorter.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from leadboard.db import atomic, execute, insert_many, is_sqlite, rows
from leadboard.lib.searchwords import has_single_characters, words_text
from leadboard.models.record_fields import ENTRY_TYPES, RECORD_TYPES

TEXTS: dict[str, tuple[str, ...]] = {"note": ("body",), "task": ("title",), "activity": ("subject", "body")}
BATCH = 500


def write_words(table: str, record_id: int, *texts: str) -> None:
    """Keep the words of one record or entry, in place of those it had. A text of signs alone is kept as no words."""
    words = words_text(*texts)
    if not any(texts):
        execute(f"delete from {table}_words where rowid = ?", (record_id,))
    elif is_sqlite():
        execute(f"insert or replace into {table}_words (rowid, words) values (?, ?)", (record_id, words))
    else:
        execute(
            f"insert into {table}_words (rowid, words) values (?, ?) on conflict (rowid) do update set words = excluded.words",
            (record_id, words),
        )


def add_words(table: str, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
    """The words of many that have none yet."""
    found = [(record_id, words_text(*parts)) for record_id, parts in texts if any(parts)]
    if found:
        insert_many(f"{table}_words", ["rowid", "words"], found)


def entry_words(table: str, record_id: int, row: Mapping[str, Any]) -> None:
    """Keep the words of a note, a next step or an activity."""
    write_words(table, record_id, *(row[name] for name in TEXTS[table]))


def record_texts(row: Mapping[str, Any], searched: Iterable[str]) -> list[str]:
    """What the trigram index does not find of a record: custom texts, and names in characters that are words by themselves."""
    # Asked of every row of an import: most are told by isascii() alone.
    found = [text for name in searched if not (text := row[name] or "").isascii() and has_single_characters(text)]
    keys = row.get("field_keys") or ""
    if '"T' in keys if isinstance(keys, str) else keys:
        kept = json.loads(keys) if isinstance(keys, str) else keys
        # As the types folded them, see BoundField.keys().
        found += [text for name, text in kept.items() if name.startswith("T")]
    return found


def forget_words(table: str, condition: str, params: Sequence[Any]) -> None:
    """Of what is about to be erased; PostgreSQL does it by itself."""
    if is_sqlite():
        execute(f"delete from {table}_words where rowid in (select id from {table} where {condition})", params)


# ---------------------------------------------------------------------------------------------- making it anew


def rebuild_words(searched: Mapping[str, Sequence[str]], *, afresh: bool = False) -> int:
    """Write the words of everything that has none, or of everything; how many. In small transactions: others go on working.

    `searched` are the columns of each type of records that its trigram index is made of.
    """
    count = 0
    for table in (*RECORD_TYPES, *ENTRY_TYPES):
        if afresh:
            with atomic():
                execute(f"delete from {table}_words")
        for batch in _batches(table, searched.get(table, ())):
            with atomic():
                # Again inside: what was written meanwhile has its words, what was erased needs none.
                places = ", ".join("?" * len(batch))
                there = {
                    row[0]
                    for row in rows(
                        f"select id from {table} where id in ({places}) and not exists (select 1 from {table}_words w where w.rowid = {table}.id)",
                        [record_id for record_id, _ in batch],
                    )
                }
                add_words(table, [one for one in batch if one[0] in there])
                count += len(there)
    return count


def _batches(table: str, searched: Sequence[str]) -> Iterator[list[tuple[int, Sequence[str]]]]:
    columns = TEXTS.get(table) or (*searched, "field_keys")
    last = 0
    while found := rows(f"select id, {', '.join(columns)} from {table} where id > ? order by id limit {BATCH}", (last,)):
        last = found[-1][0]
        batch: list[tuple[int, Sequence[str]]] = []
        for record_id, *values in found:
            row = dict(zip(columns, values, strict=True))
            texts = list(row.values()) if table in TEXTS else record_texts(row, searched)
            if any(texts):
                batch.append((record_id, texts))
        if batch:
            yield batch
