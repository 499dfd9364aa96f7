"""The people and firms behind the first sample leads: what was won was converted, some open leads belong to a firm that bought before."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import execute_many, insert_many
from leadboard.domain.conversion import first_contact, first_organisation
from leadboard.domain.demo_stories import SOURCE_TEXT, Story, World
from leadboard.domain.party_values import derive
from leadboard.domain.record_rows import CONTACT, ORGANISATION, RecordTable, blank_row, insert_rows, reserve_ids
from leadboard.events import EventKind, encode

# Of the open leads, one in so many has been recognised as a person and a firm that are known.
RECOGNISED = 8
# Of the firms that bought, one in so many is asking again.
ASKING_AGAIN = 3
_OF_FIRM = (
    "organisation_name", "organisation_key", "website", "industry", "employees", "city", "postal_code", "country", "territory",
)  # fmt: skip


def ask_again(stories: Sequence[Story], world: World) -> dict[int, int]:
    """Make some open leads ones of firms that bought before: {place of the lead: place of the one that was won}. Before they are written."""
    won = [place for place, story in enumerate(stories) if _is_won(story, world) and story.row["organisation_name"]]
    open_ones = (
        place
        for place, story in enumerate(stories)
        if story.row["closed_at"] is None and story.row["title"] == story.row["person_name"] and place % RECOGNISED
    )
    pairs = dict(zip(open_ones, won[::ASKING_AGAIN], strict=False))
    for place, other in pairs.items():
        row, firm = stories[place].row, stories[other].row
        row.update({name: firm[name] for name in _OF_FIRM})
        if row["email"] and firm["email"]:
            row["email"] = row["email_key"] = f"{row['email'].partition('@')[0]}@{firm['email'].partition('@')[2]}"
    return pairs


def write_parties(stories: Sequence[Story], lead_ids: Sequence[int], again: dict[int, int], world: World) -> None:
    """Write them with their past, and link the leads; inside the caller's transaction."""
    behind = [
        place for place, story in enumerate(stories) if _is_won(story, world) or (_is_open(story) and place % RECOGNISED == 0)
    ]
    behind = [place for place in behind if place not in again]
    firms = _write(ORGANISATION, [place for place in behind if stories[place].row["organisation_name"]], stories, world, {})
    known = firms | {place: firms[other] for place, other in again.items() if other in firms}
    people = _write(CONTACT, [place for place in [*behind, *again] if stories[place].row["person_name"]], stories, world, known)
    execute_many(
        "update organisation set primary_contact_id = ? where id = ?",
        [(people[place], firm) for place, firm in firms.items() if place in people],
    )
    log = _Log()
    for place in sorted({*known, *people}):
        story, lead_id = stories[place], lead_ids[place]
        at = story.row["updated_at"]
        set_id = log.change_set(at, story.row["owner_id"])
        links = {"contact_id": people.get(place), "organisation_id": known.get(place)}
        for table, found in ((ORGANISATION, firms), (CONTACT, people)):
            if place in found:
                log.created(set_id, at, story.row["owner_id"], table, found[place], _first(table, story.row, known.get(place)))
        values = {name: (None, record_id) for name, record_id in links.items() if record_id is not None}
        log.of_lead(set_id, at, story.row, lead_id, EventKind.RECORD_LINKED, links, values)
        if _is_won(story, world):
            log.of_lead(set_id, at, story.row, lead_id, EventKind.LEAD_CONVERTED, links, {"converted_at": (None, at)})
        log.links.append((links["contact_id"], links["organisation_id"], at if _is_won(story, world) else None, lead_id))
    log.write()


def _is_won(story: Story, world: World) -> bool:
    return story.row["closed_at"] is not None and story.row["stage_id"] in world.won_stages


def _is_open(story: Story) -> bool:
    return story.row["closed_at"] is None


def _first(table: RecordTable, lead: dict[str, Any], firm_id: int | None) -> dict[str, Any]:
    """{field: value} of the record behind a lead, as a conversion makes it."""
    return first_organisation(lead) if table is ORGANISATION else {**first_contact(lead), "organisation": firm_id}


def _write(
    table: RecordTable, places: Sequence[int], stories: Sequence[Story], world: World, firms: dict[int, int]
) -> dict[int, int]:
    """{place: id} of the records behind the leads at these places; a firm or a person met twice in a batch is one."""
    batch: dict[str, dict[str, Any]] = {}
    names: dict[int, str] = {}
    for place in places:
        lead = stories[place].row
        at = lead["closed_at"] or lead["created_at"]
        row = {
            **blank_row(table),
            "external_source": SOURCE_TEXT,
            "external_id": lead["external_id"],
            "created_at": at,
            "updated_at": at,
        }
        row["last_touch_at"] = at
        for name, value in _first(table, lead, firms.get(place)).items():
            row[table.fields[name].column] = value
        derive(table, row, world.instance)
        names[place] = row["email"] or row["name"] if table is CONTACT else row["match_key"]
        batch.setdefault(names[place], row)
    ids = dict(zip(batch, insert_rows(table, list(batch.values())), strict=True))
    return {place: ids[name] for place, name in names.items()}


@dataclass
class _Log:
    """The events of a batch, gathered and then written at once."""

    change_sets: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[Any, ...]] = field(default_factory=list)
    values: list[dict[str, tuple[Any, Any]]] = field(default_factory=list)
    links: list[tuple[Any, ...]] = field(default_factory=list)
    seen: set[tuple[str, int]] = field(default_factory=set)

    def change_set(self, at: int, who: int | None) -> int:
        """The place of a new one among those of this batch."""
        self.change_sets.append((at, "demo.fill", "user" if who else "system", who))
        return len(self.change_sets) - 1

    def created(
        self, set_place: int, at: int, who: int | None, table: RecordTable, record_id: int, values: dict[str, Any]
    ) -> None:
        if (table.name, record_id) in self.seen:
            return
        self.seen.add((table.name, record_id))
        links = {"contact_id": record_id} if table is CONTACT else {"organisation_id": record_id}
        self._add(set_place, at, who, f"{table.name}_created", table.name, record_id, None, links, {"version": 1})
        self.values.append({name: (None, value) for name, value in values.items() if value not in (None, "")})

    def of_lead(
        self, set_place: int, at: int, lead: dict[str, Any], lead_id: int, kind: EventKind, links: dict[str, Any], values: Any
    ) -> None:
        data = {"stage": lead["stage_id"], "pipeline": lead["pipeline_id"]}
        self._add(set_place, at, lead["owner_id"], str(kind), "lead", lead_id, lead_id, links, data)
        self.values.append(values)

    def _add(
        self, set_place: int, at: int, who: int | None, kind: str, record_type: str, record_id: int, lead_id: int | None,
        links: dict[str, Any], data: dict[str, Any],
    ) -> None:  # fmt: skip
        of = (lead_id, links.get("contact_id"), links.get("organisation_id"), set_place, json.dumps(data))
        self.events.append((at, kind, "user" if who else "system", who, record_type, record_id, *of))

    def write(self) -> None:
        if not self.events:
            return
        # A timeline goes by number: what took place first has the lower one.
        self.events, self.values = map(
            list, zip(*sorted(zip(self.events, self.values, strict=True), key=lambda pair: pair[0][0]), strict=True)
        )
        sets = reserve_ids("change_set", len(self.change_sets))
        insert_many(
            "change_set", ["id", "at", "kind", "actor_kind", "user_id"],
            [(set_id, *row) for set_id, row in zip(sets, self.change_sets, strict=True)],
        )  # fmt: skip
        ids = reserve_ids("event", len(self.events))
        insert_many(
            "event",
            ["id", "at", "kind", "actor_kind", "actor_id", "record_type", "record_id", "lead_id", "contact_id", "organisation_id",
             "change_set_id", "data"],
            [(event_id, *row[:9], sets[row[9]], row[10]) for event_id, row in zip(ids, self.events, strict=True)],
        )  # fmt: skip
        insert_many(
            "event_value",
            ["event_id", "field", "before", "after"],
            [
                (event_id, name, encode(before), encode(after))
                for event_id, values in zip(ids, self.values, strict=True)
                for name, (before, after) in values.items()
            ],
        )
        execute_many("update lead set contact_id = ?, organisation_id = ?, converted_at = ? where id = ?", self.links)
