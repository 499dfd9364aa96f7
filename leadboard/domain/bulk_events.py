"""Writing many events of one kind at once: what Change.record does, by executemany."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from leadboard.db import insert_many
from leadboard.domain.record_rows import reserve_ids
from leadboard.events import Change, EventKind, encode


class _Texts:
    """JSON of the data of many events, which mostly say the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], str] = {}

    def of(self, data: Mapping[str, Any]) -> str:
        key = tuple(data.items())
        text = self._known.get(key)
        if text is None:
            text = self._known[key] = json.dumps(data)
        return text


def record_many(
    step: Change,
    kind: EventKind,
    record_type: str,
    records: Sequence[tuple[int, int | None, Mapping[str, Any]]],
    values: Sequence[Mapping[str, tuple[Any, Any]]] = (),
    *,
    of: str = "lead",
) -> None:
    """Write one event for each (record id, id of the `of` on whose timeline it is, data) of `records`.

    `values` has one mapping for each, or none at all.
    """
    if not records:
        return
    ids = reserve_ids("event", len(records))
    set_id = step.change_set_id
    texts = _Texts()
    name, actor_kind, actor_id, at = str(kind), step.actor.kind, step.actor.log_id, step.at
    insert_many(
        "event",
        ["id", "at", "kind", "actor_kind", "actor_id", "record_type", "record_id", f"{of}_id", "change_set_id", "data"],
        [
            (event_id, at, name, actor_kind, actor_id, record_type, record_id, of_id, set_id, texts.of(data))
            for event_id, (record_id, of_id, data) in zip(ids, records, strict=True)
        ],
    )
    if values:
        insert_many(
            "event_value",
            ["event_id", "field", "before", "after"],
            [
                (event_id, name, encode(before), encode(after))
                for event_id, of_record in zip(ids, values, strict=True)
                for name, (before, after) in of_record.items()
            ],
        )
