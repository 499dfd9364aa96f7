"""Tags: what admins keep of them, and giving them to leads. Whoever may write makes one by typing it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from leadboard.db import execute, execute_many, one, rows
from leadboard.domain.lead_rows import load_visible
from leadboard.domain.settings import announce
from leadboard.domain.stage_values import TONES
from leadboard.errors import N_, Conflict, NotFound, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.text import clean_line, fold
from leadboard.models.tags import Tag
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.tags import TagRow

NAME_LIMIT = 40
MOST_TAGS = 500
MOST_ON_A_LEAD = 30


def clean_tag_name(name: str) -> str:
    """Raises Refused. A comma parts tags where they are typed, so none has one."""
    try:
        text = clean_line(name, NAME_LIMIT)
    except ValueError as error:
        raise Refused(N_("A tag has at most %(limit)d characters."), field="name", limit=NAME_LIMIT) from error
    if not text:
        raise Refused(N_("Type a name."), field="name")
    if "," in text:
        raise Refused(N_("A tag has no comma in it: commas part tags."), field="name")
    return text


def one_tag(tag_id: int) -> TagRow:
    """Raises NotFound."""
    found = one("select id, name, tone, archived_at is not null from tag where id = ?", (tag_id,))
    if found is None:
        raise NotFound(N_("This tag no longer exists."))
    return TagRow(found[0], found[1], found[2], bool(found[3]))


def add_tag(name: str, *, actor: Actor, tone: str = "") -> int:
    """A new tag; without a tone the next one of the palette. Raises NotAllowed, Refused."""
    require(actor, Permission.SETTINGS)
    with change(actor, "tag.add") as step:
        return insert_tag(step, clean_tag_name(name), _clean_tone(tone) if tone else "")


def insert_tag(step: Change, name: str, tone: str = "") -> int:
    """A new tag of a clean name, as part of the caller's change. Raises Refused."""
    _refuse_taken(name)
    found = one("select count(*) from tag")
    count = int(found[0]) if found else 0
    refuse_more_tags(count)
    made = Tag.create(name=name, name_key=fold(name), tone=tone or TONES[count % (len(TONES) - 1)])
    step.record(EventKind.LIST_CHANGED, "tag", made.id, values={"name": (None, name)})
    announce()
    return int(made.id)


def refuse_more_tags(count: int) -> None:
    """Raises Refused when there are as many tags as there may be."""
    if count >= MOST_TAGS:
        raise Refused(N_("There are %(most)d tags already. Use one of them."), field="name", most=MOST_TAGS)


def update_tag(tag_id: int, *, name: str, tone: str, actor: Actor, seen: Mapping[str, Any] | None = None) -> None:
    """Rename or recolour a tag on every lead that has it. Raises NotAllowed, NotFound, Refused, Conflict."""
    require(actor, Permission.SETTINGS)
    with change(actor, "tag.update") as step:
        found = one_tag(tag_id)
        before = {"name": found.name, "tone": found.tone}
        typed = {"name": clean_tag_name(name), "tone": _clean_tone(tone)}
        changed = {key: value for key, value in typed.items() if value not in (before[key], (seen or {}).get(key))}
        if not changed:
            return
        for key in changed:
            if seen is not None and seen.get(key) != before[key]:
                raise Conflict(
                    N_("Somebody else changed this to “%(theirs)s” while you were typing. Save again to write your own."),
                    field=key, theirs=before[key],
                )  # fmt: skip
        if "name" in changed:
            _refuse_taken(changed["name"], but=tag_id)
        after = {**before, **changed}
        execute(
            "update tag set name = ?, name_key = ?, tone = ? where id = ?",
            (after["name"], fold(after["name"]), after["tone"], tag_id),
        )
        step.record(EventKind.LIST_CHANGED, "tag", tag_id, values={key: (before[key], value) for key, value in changed.items()})
        announce()


def archive_tag(tag_id: int, *, is_archived: bool, actor: Actor) -> None:
    """Stop offering a tag, or offer it again; leads keep it. Raises NotAllowed, NotFound."""
    require(actor, Permission.SETTINGS)
    with change(actor, "tag.archive") as step:
        found = one_tag(tag_id)
        if found.is_archived != is_archived:
            execute("update tag set archived_at = ? where id = ?", (step.at if is_archived else None, tag_id))
            step.record(EventKind.LIST_CHANGED, "tag", tag_id, values={"is_archived": (found.is_archived, is_archived)})
            announce()


def _clean_tone(tone: str) -> str:
    if tone not in TONES:
        raise Refused(N_("Choose one of the colours."), field="tone")
    return tone


def _refuse_taken(name: str, *, but: int = 0) -> None:
    if one("select 1 from tag where name_key = ? and id <> ?", (fold(name), but)) is not None:
        raise Refused(N_("There is a tag with this name already, perhaps among the archived ones."), field="name")


# ---------------------------------------------------------------------------------------------- on leads


def set_tags(lead_id: int, names: Iterable[str], *, actor: Actor) -> int | None:
    """The lead's tags are these, by name; one that is not there yet is made. Its change set, None when nothing changed.

    Raises NotFound, NotAllowed, Refused.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.tag") as step:
        load_visible(lead_id, actor)
        return write_tags(step, lead_id, names)


def write_tags(step: Change, lead_id: int, names: Iterable[str]) -> int | None:
    """As set_tags(), for whoever has found the lead already: part of the caller's change. Raises Refused."""
    wanted, now = tag_ids(step, names), _ids_on(lead_id)
    return _write(step, lead_id, now, add=wanted - now, remove=now - wanted)


def change_tags(lead_id: int, *, actor: Actor, add: Collection[int] = (), remove: Collection[int] = ()) -> int | None:
    """Give a lead tags and take some away, by id. Its change set, None when nothing changed. Raises NotFound, NotAllowed, Refused."""
    require(actor, Permission.WRITE)
    with change(actor, "lead.tag") as step:
        load_visible(lead_id, actor)
        now = _ids_on(lead_id)
        return _write(step, lead_id, now, add=_existing(add) - now, remove=now & set(remove))


def retag(lead_id: int, names: Iterable[str], *, is_taken: bool, actor: Actor) -> int | None:
    """Give a lead more tags by name, made where they are missing, or take these away. Its change set, None when nothing changed.

    Raises NotFound, NotAllowed, Refused.
    """
    require(actor, Permission.WRITE)
    with change(actor, "lead.tag") as step:
        if not is_taken:
            return change_tags(lead_id, add=tag_ids(step, names), actor=actor)
        found = [one("select id from tag where name_key = ?", (fold(name),)) for name in names]
        return change_tags(lead_id, remove=[row[0] for row in found if row is not None], actor=actor)


def tag_ids(step: Change, names: Iterable[str]) -> set[int]:
    """The ids of tags by name, made where they are missing. Part of the caller's change. Raises Refused."""
    found: set[int] = set()
    for name in names:
        text = clean_tag_name(name)
        row = one("select id from tag where name_key = ?", (fold(text),))
        found.add(int(row[0]) if row else insert_tag(step, text))
    return found


def _write(step: Change, lead_id: int, now: set[int], *, add: set[int], remove: set[int]) -> int | None:
    if not (add or remove):
        return None
    after = (now | add) - remove
    refuse_too_many(after)
    execute_many("delete from lead_tag where lead_id = ? and tag_id = ?", [(lead_id, tag_id) for tag_id in remove])
    execute_many("insert into lead_tag (lead_id, tag_id) values (?, ?)", [(lead_id, tag_id) for tag_id in add])
    execute("update lead set updated_at = ?, version = version + 1 where id = ?", (step.at, lead_id))
    place = one("select stage_id, pipeline_id, version from lead where id = ?", (lead_id,))
    assert place is not None
    step.record(
        EventKind.TAGS_CHANGED, "lead", lead_id, stage=place[0], pipeline=place[1], version=place[2], added=sorted(add), removed=sorted(remove),
        values={"tags": (_names(now), _names(after))},
    )  # fmt: skip
    return step.change_set_id


def refuse_too_many(tags: Collection[object]) -> None:
    """Raises Refused when these are more than a lead has room for."""
    if len(tags) > MOST_ON_A_LEAD:
        raise Refused(N_("A lead has at most %(most)d tags."), field="tags", most=MOST_ON_A_LEAD)


def revert_tags(lead_id: int, *, added: Sequence[int], removed: Sequence[int], actor: Actor) -> None:
    """Undo: what was added goes, what was taken away comes back; what others did since stays. Raises Conflict, NotFound."""
    if change_tags(lead_id, add=removed, remove=added, actor=actor) is None:
        raise Conflict(N_("It was changed since. Nothing was taken back."))


def _ids_on(lead_id: int) -> set[int]:
    return {int(row[0]) for row in rows("select tag_id from lead_tag where lead_id = ?", (lead_id,))}


def _existing(ids: Collection[int]) -> set[int]:
    return {tag_id for tag_id in ids if one("select 1 from tag where id = ?", (tag_id,)) is not None}


def _names(ids: Iterable[int]) -> list[str]:
    wanted = set(ids)
    return [name for tag_id, name in rows("select id, name from tag order by name_key") if tag_id in wanted]
