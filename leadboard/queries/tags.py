"""Tags and the leads that have them. The list itself is read once and kept until an admin changes it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from leadboard.db import Where, database, is_sqlite, rows
from leadboard.queries.settings import instance


class TagRow(NamedTuple):
    """`tone` is a name of the palette."""

    id: int
    name: str
    tone: str
    is_archived: bool
    # In the order of names.
    place: int = 0


_cache: tuple[object, int, Mapping[int, TagRow]] | None = None


def known_tags(revision: int | None = None) -> Mapping[int, TagRow]:
    """Every tag by id, in the order of names, archived ones too. Without a statement while the revision is the same."""
    global _cache
    current = instance().revision if revision is None else revision
    source = database.obj
    if _cache is None or _cache[0] is not source or _cache[1] != current:
        found = rows("select id, name, tone, archived_at is not null from tag order by name_key, id")
        _cache = (
            source,
            current,
            {row[0]: TagRow(row[0], row[1], row[2], bool(row[3]), place) for place, row in enumerate(found)},
        )
    return _cache[2]


def offered_tags() -> list[TagRow]:
    """Those in use."""
    return [tag for tag in known_tags().values() if not tag.is_archived]


def tags_of(lead_ids: Sequence[int]) -> dict[int, list[TagRow]]:
    """{lead: its tags, by name}; leads without any are left out. One statement, none when there is no tag at all."""
    known = known_tags()
    if not known or not lead_ids:
        return {}
    places = ", ".join("?" * len(lead_ids))
    wanted: dict[int, set[int]] = {}
    for lead_id, tag_id in rows(f"select lead_id, tag_id from lead_tag where lead_id in ({places})", list(lead_ids)):  # noqa: S608 - question marks
        wanted.setdefault(lead_id, set()).add(tag_id)
    return {lead_id: in_order(ids) for lead_id, ids in wanted.items()}


def in_order(ids: Iterable[int], known: Mapping[int, TagRow] | None = None) -> list[TagRow]:
    """The tags of these ids, in the order of names. `known` are all of them, when the caller has them."""
    found = known_tags() if known is None else known
    return sorted((found[number] for number in {*ids} if number in found), key=lambda tag: tag.place)


def tag_ids_sql(lead: str) -> str:
    """A column of a statement over leads: the ids of its tags with commas, for parse_ids()."""
    joined = "group_concat(tag_id)" if is_sqlite() else "string_agg(tag_id::text, ',')"
    return f"(select {joined} from lead_tag where lead_tag.lead_id = {lead}.id)"  # noqa: S608 - ours


def parse_ids(text: str | None) -> list[int]:
    return [int(part) for part in text.split(",")] if text else []


def tagged_sql(lead: str, tag_ids: Sequence[int], *, walk: bool = False) -> Where:
    """The condition for leads with any of these tags; with `walk` each lead is tested, else those that have them are looked up."""
    places = ", ".join("?" * len(tag_ids))
    if walk:
        return f"exists (select 1 from lead_tag t where t.lead_id = {lead}.id and t.tag_id in ({places}))", list(tag_ids)  # noqa: S608 - question marks
    return f"{lead}.id in (select lead_id from lead_tag where tag_id in ({places}))", list(tag_ids)  # noqa: S608 - question marks


def tag_counts() -> dict[int, int]:
    """{tag: leads that have it, outside the bin}."""
    found = rows(
        "select t.tag_id, count(*) from lead_tag t join lead on lead.id = t.lead_id where lead.deleted_at is null group by t.tag_id"
    )
    return {int(tag_id): int(count) for tag_id, count in found}
