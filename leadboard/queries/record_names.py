"""The names of records that custom fields point to: what a reader may see, in one statement for all of a page."""

from collections.abc import Iterable

from leadboard.db import rows
from leadboard.fieldtypes import RecordName
from leadboard.lib.emails import email_key
from leadboard.lib.ids import is_id
from leadboard.lib.text import sort_key
from leadboard.permissions import SYSTEM, Actor, visible_sql
from leadboard.queries.settings import instance

# So many are told apart by whoever typed a name that several have.
MOST_FOUND = 10
TITLE = {"lead": "title", "contact": "name", "organisation": "name"}
_NAME_KEYS = {"lead": ("title_key", "organisation_key"), "contact": ("name_key",), "organisation": ("name_key",)}


class RecordNames:
    """Reads what was announced by want() with one statement for each type of records, when the first of it is asked for."""

    def __init__(self, actor: Actor | None = None) -> None:
        self._actor = actor or SYSTEM
        self._wanted: dict[str, set[int]] = {}
        self._known: dict[tuple[str, int], RecordName | None] = {}

    def want(self, record_type: str, ids: Iterable[int]) -> None:
        """These will be asked for."""
        self._wanted.setdefault(record_type, set()).update(number for number in ids if (record_type, number) not in self._known)

    def name(self, record_type: str, record_id: int) -> RecordName | None:
        """The record, or the one that it was merged into, when the reader may see it and it is not in the bin."""
        if (record_type, record_id) not in self._known:
            self.want(record_type, [record_id])
            self._read(record_type, self._wanted.pop(record_type))
        return self._known[record_type, record_id]

    def _read(self, record_type: str, ids: set[int]) -> None:
        wanted = sorted(ids)
        self._known |= {(record_type, number): None for number in wanted}
        condition, params = visible_sql(self._actor, "kept")
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            found = rows(
                f"with recursive way(first, now) as (select id, id from {record_type} where id in ({', '.join('?' * len(part))})"
                f" union select way.first, merged.merged_into_id from way join {record_type} merged on merged.id = way.now"
                " where merged.merged_into_id is not null)"
                f" select way.first, kept.id, kept.{TITLE[record_type]} from way join {record_type} kept on kept.id = way.now"
                f" where {condition}",
                [*part, *params],
            )
            self._known |= {(record_type, first): RecordName(number, name) for first, number, name in found}

    def exists(self, record_type: str, record_id: int) -> bool:
        """Whether there is such a record, seen or not, also in the bin."""
        return bool(rows(f"select 1 from {record_type} where id = ?", (record_id,)))

    def same(self, record_type: str, record_id: int) -> list[int]:
        """The record with all that were merged into it."""
        found = rows(
            f"with recursive same(id) as (select cast(? as bigint) union select gone.id from same join {record_type} gone"
            " on gone.merged_into_id = same.id) select id from same limit 500",
            (record_id,),
        )
        return [number for (number,) in found]

    def search(self, record_type: str, text: str) -> list[RecordName]:
        """Those that the reader may see with this name, e-mail address, or number of elsewhere."""
        condition, params = visible_sql(self._actor, record_type)
        key = sort_key(text.strip()[:200], instance().language)
        tests = [(f"{record_type}.{column} = ?", key) for column in _NAME_KEYS[record_type]]
        if address := email_key(text):
            tests.append((f"{record_type}.email_key = ? and {record_type}.email_key is not null", address))
        else:
            tests.append((f"{record_type}.external_id = ? and {record_type}.external_source is not null", text.strip()[:120]))
        found: dict[int, RecordName] = {}
        for test, value in tests:
            for number, name in rows(
                f"select {record_type}.id, {record_type}.{TITLE[record_type]} from {record_type} where {test} and {condition}"
                f" order by {record_type}.id limit {MOST_FOUND}",
                [value, *params],
            ):
                found.setdefault(number, RecordName(number, name))
            if found:
                break
        return list(found.values())


def number_of(text: str) -> int | None:
    """The id in a text that ends in #12."""
    _, mark, number = text.strip().rpartition("#")
    return int(number) if mark and is_id(number) else None
