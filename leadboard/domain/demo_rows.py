"""Writing sample leads with all that hangs on them, many at once, inside the caller's transaction."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from leadboard.db import execute, execute_many, one
from leadboard.domain.demo_stories import Item, Story
from leadboard.domain.lead_rows import insert_rows
from leadboard.domain.positions import STEP, top
from leadboard.domain.record_rows import reserve_ids
from leadboard.domain.search_words import add_words
from leadboard.events import EventKind, encode
from leadboard.models.lead_fields import LEAD_FIELDS

CHANGE_KIND = "demo.fill"
_KINDS = {
    "created": EventKind.LEAD_CREATED, "moved": EventKind.LEAD_MOVED, "snoozed": EventKind.LEAD_SNOOZED, "note": EventKind.NOTE_ADDED,
    "call": EventKind.ACTIVITY_LOGGED, "task": EventKind.TASK_ADDED, "done": EventKind.TASK_COMPLETED,
}  # fmt: skip
_TABLE_OF = {"note": "note", "call": "activity", "task": "task"}
_TYPED = [(name, field.column) for name, field in LEAD_FIELDS.items()]

Row = tuple[Any, ...]


def write_stories(stories: Sequence[Story], *, rich: bool) -> list[int]:
    """Insert the leads on top of their stages, the newest in its stage uppermost, and their past; the ids of the leads.

    Rich stories get the old and new values of each event and a change set for each action.
    """
    _place(stories)
    lead_ids = insert_rows([story.row for story in stories])
    events = _Events(stories, rich=rich)
    first_event, last_event = events.reserve()
    records: dict[str, list[Row]] = {"note": [], "activity": [], "task": []}
    next_tasks: list[Row] = []
    ids = {table: iter(reserve_ids(table, count)) for table, count in events.counts.items() if count}
    for lead_id, story in zip(lead_ids, stories, strict=True):
        open_task: tuple[bool, str, int] | None = None
        done: dict[int, int] = {}
        version, stage = 1, 0
        for item in story.items:
            record_type, record_id = "lead", lead_id
            if item.what in _TABLE_OF:
                record_type = _TABLE_OF[item.what]
                record_id = next(ids[record_type])
                records[record_type].append(_record(item, record_id, lead_id))
                if item.what == "task":
                    done[id(item)] = record_id
                    if item.data[2] is None:
                        open_task = min(open_task or (True, "~", 0), (item.data[1] is None, item.data[1] or "", record_id))
            elif item.what == "done":
                record_type, record_id = "task", done[id(item.data[0])]
            elif item.what == "created":
                stage = item.data[0]
            else:
                version += 1
                stage = item.data[1] if item.what == "moved" else stage
            events.add(item, lead_id, record_type, record_id, story.row, version, stage)
        if open_task is not None:
            next_tasks.append((open_task[2], open_task[1] or None, lead_id))
    _write(records, next_tasks)
    events.write()
    skip_news(first_event - 1, last_event)
    return lead_ids


def _place(stories: Sequence[Story]) -> None:
    by_stage: dict[int, list[Story]] = defaultdict(list)
    for story in stories:
        by_stage[story.row["stage_id"]].append(story)
    for stage_id, found in by_stage.items():
        found.sort(key=lambda story: story.row["stage_entered_at"], reverse=True)
        start = top(stage_id, len(found))
        for number, story in enumerate(found):
            story.row["position"] = start + number * STEP


def _record(item: Item, record_id: int, lead_id: int) -> Row:
    if item.what == "note":
        return (record_id, lead_id, item.who, item.data[0], item.data[1], 1, item.at)
    if item.what == "call":
        direction, outcome, text, seconds = item.data
        return (record_id, lead_id, "call", item.at, seconds, direction, outcome, text, item.who, item.at)
    title, due_on, done_at = item.data
    return (record_id, lead_id, title, due_on, item.who, 1 if done_at is None else 2, item.at, done_at)


_INSERTS = {
    "note": "insert into note (id, lead_id, author_id, body, is_pinned, version, created_at) values (?, ?, ?, ?, ?, ?, ?)",
    "activity": (
        "insert into activity (id, lead_id, kind, at, duration_seconds, direction, outcome, body, author_id, created_at, subject)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')"
    ),
    "task": "insert into task (id, lead_id, title, due_on, assignee_id, version, created_at, done_at) values (?, ?, ?, ?, ?, ?, ?, ?)",
}


# Where the text stands in a row.
_TEXT_AT = {"note": 3, "activity": 7, "task": 2}


def _write(records: dict[str, list[Row]], next_tasks: list[Row]) -> None:
    for table, found in records.items():
        if found:
            execute_many(_INSERTS[table], found)
            add_words(table, [(row[0], [row[_TEXT_AT[table]]]) for row in found])
    if next_tasks:
        execute_many("update lead set next_task_id = ?, next_task_on = ? where id = ?", next_tasks)


class _Events:
    """The log of a batch, gathered and then written at once."""

    def __init__(self, stories: Sequence[Story], *, rich: bool) -> None:
        self.rich = rich
        self.total = sum(len(story.items) for story in stories)
        self.counts = {"note": 0, "activity": 0, "task": 0}
        for story in stories:
            for item in story.items:
                if item.what in _TABLE_OF:
                    self.counts[_TABLE_OF[item.what]] += 1
        self.events: list[Row] = []
        self.values: list[Row] = []
        self.change_sets: list[Row] = []

    def reserve(self) -> tuple[int, int]:
        """Take the ids; the first and the last of the events."""
        ids = reserve_ids("event", self.total)
        self._ids = iter(ids)
        self._sets = reserve_ids("change_set", self.total if self.rich else 1)
        self._next_set = iter(self._sets)
        return ids[0], ids[-1]

    def add(
        self, item: Item, lead_id: int, record_type: str, record_id: int, row: dict[str, Any], version: int, stage: int
    ) -> None:
        event_id = next(self._ids)
        if self.rich:
            set_id = next(self._next_set)
            self.change_sets.append((set_id, item.at, CHANGE_KIND, "user" if item.who else "system", item.who))
        else:
            set_id = self._sets[0]
        pipeline = row["pipeline_id"]
        if record_type != "lead":
            data = "{}"
        elif item.what == "moved":
            data = (
                f'{{"version": {version}, "stage": {stage}, "pipeline": {pipeline}, "from_stage": {item.data[0]},'
                f' "from_pipeline": {pipeline}}}'
            )
            self._moved(event_id, item, row)
        else:
            data = f'{{"version": {version}, "stage": {stage}, "pipeline": {pipeline}}}'
        kind = _KINDS[item.what].value
        self.events.append(
            (event_id, item.at, kind, "user" if item.who else "system", item.who, record_type, record_id, lead_id, set_id, data)
        )
        if item.what == "done":
            self.values.append((event_id, "done_at", None, str(item.at)))
        elif item.what == "snoozed":
            self.values.append((event_id, "snoozed_until", None, json.dumps(item.data[0])))
        elif self.rich and item.what in {"created", "task"}:
            self._typed(event_id, item, row)

    def _moved(self, event_id: int, item: Item, row: dict[str, Any]) -> None:
        self.values.append((event_id, "stage_id", str(item.data[0]), str(item.data[1])))
        if item.at == row["closed_at"] and item.data[1] == row["stage_id"]:
            self.values.append((event_id, "closed_at", None, str(item.at)))
            if row["lost_reason_id"] is not None:
                self.values.append((event_id, "lost_reason_id", None, str(row["lost_reason_id"])))

    def _typed(self, event_id: int, item: Item, row: dict[str, Any]) -> None:
        if item.what == "task":
            named = {"title": item.data[0], "due_on": item.data[1], "assignee_id": item.who}
        else:
            named = {name: row[column] for name, column in _TYPED if row[column] not in (None, "")}
        self.values += [(event_id, name, None, encode(value)) for name, value in named.items()]

    def write(self) -> None:
        if not self.rich:
            at = max(event[1] for event in self.events)
            self.change_sets.append((self._sets[0], at, CHANGE_KIND, "system", None))
        execute_many("insert into change_set (id, at, kind, actor_kind, user_id) values (?, ?, ?, ?, ?)", self.change_sets)
        execute_many(
            "insert into event (id, at, kind, actor_kind, actor_id, record_type, record_id, lead_id, change_set_id, data)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.events,
        )
        execute_many("insert into event_value (event_id, field, before, after) values (?, ?, ?, ?)", self.values)


def skip_news(before: int, last: int) -> None:
    """Sample events are no news: a listener that had read all `before` them goes on behind the `last`."""
    execute("update event_delivery set last_event_id = ? where last_event_id >= ?", (last, before))


def newest(table: str) -> int:
    """The largest id of `event` or `change_set`."""
    found = one(f"select coalesce(max(id), 0) from {table}")  # noqa: S608 - names of our own tables
    return int(found[0]) if found else 0
