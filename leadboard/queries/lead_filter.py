"""The one filter over leads that list, board and export share."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from leadboard.db import Where, rows
from leadboard.permissions import Actor
from leadboard.queries.record_filter import RecordFilter, in_order_of_lists, one_of, one_word

KINDS = ("open", "board", "later", "won", "lost", "closed")


@dataclass(frozen=True)
class Known:
    """What a filter may name: {id: name}, and the pipeline of each stage.

    `active` are the owners who may be given leads; `stage_labels` is (name, tone) of every stage, archived ones too.
    """

    pipelines: Mapping[int, str]
    stages: Mapping[int, str]
    owners: Mapping[int, str]
    sources: Mapping[int, str]
    pipeline_of: Mapping[int, int]
    active: Collection[int] = frozenset()
    stage_labels: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def known_values() -> Known:
    """Everything a filter may name now, in the order in which people put it. Two statements."""
    stages = rows("select id, name, pipeline_id, tone from stage order by pipeline_id, position, id")
    named: dict[str, dict[int, str]] = {"pipeline": {}, "active": {}, "gone": {}, "source": {}}
    for kind, number, name, _ in rows(
        "select 'pipeline', id, name, position from pipeline where archived_at is null"
        " union all select 'source', id, name, position from source"
        " union all select case when is_active then 'active' else 'gone' end, id, name, 0 from \"user\" order by 1, 4, 3, 2"
    ):
        named[kind][number] = name
    return Known(
        named["pipeline"],
        {row[0]: row[1] for row in stages if row[2] in named["pipeline"]},
        in_order_of_lists(named["active"] | named["gone"], named["active"]),
        named["source"],
        {row[0]: row[2] for row in stages},
        frozenset(named["active"]),
        {row[0]: (row[1], row[3]) for row in stages},
    )


@dataclass(frozen=True)
class LeadFilter(RecordFilter):
    """`closed` is one of KINDS; the rest is as its name says."""

    record_type: ClassVar[str] = "lead"
    name_key: ClassVar[str] = "title_key"

    pipeline_id: int | None = None
    stage_ids: tuple[int, ...] = ()
    source_id: int | None = None
    closed: str | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str], actor: Actor, known: Known) -> "LeadFilter":
        """The filter that a URL names. Raises Refused for a value that is not known, and says which are.

        `args` may be a MultiDict: several stages come as stage=1&stage=2 or stage=1,2.
        """
        stage_ids = [one_of("stage", part, known.stages) for part in _many(args, "stage")]
        return cls(
            pipeline_id=one_of("pipeline", args.get("pipeline"), known.pipelines),
            stage_ids=tuple(dict.fromkeys(stage for stage in stage_ids if stage is not None)),
            source_id=one_of("source", args.get("source"), known.sources),
            closed=one_word("closed", args.get("closed"), KINDS),
            **cls.common_args(args, actor, known.owners),
        )

    def own_args(self) -> dict[str, Any]:
        return {
            "pipeline": self.pipeline_id,
            "stage": ",".join(map(str, self.stage_ids)),
            "source": self.source_id,
            "closed": self.closed,
        }

    def _parts(self) -> Sequence[Callable[..., Where | None]]:
        return (self._owner, self._source, self._stages, self._next_step, self._kind, self._pipeline)

    def _source(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.source_id is None else (f"{lead}.source_id = ?", [self.source_id])

    def _stages(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        places = ", ".join("?" * len(self.stage_ids))
        return (f"{lead}.stage_id in ({places})", list(self.stage_ids)) if places else None

    def _kind(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.closed is None else _kind_sql(lead, self.closed)

    def _pipeline(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.pipeline_id is None else (f"{lead}.pipeline_id = ?", [self.pipeline_id])


EVERYTHING = LeadFilter()


def _many(args: Mapping[str, str], name: str) -> Iterable[str]:
    values = args.getlist(name) if hasattr(args, "getlist") else [args.get(name) or ""]
    return [part for value in values for part in value.split(",") if part]


def _kind_sql(alias: str, kind: str) -> Where:
    if kind == "later":
        return f"{alias}.snoozed_until is not null", []
    if kind == "board":
        sql, params = _kind_sql(alias, "open")
        return f"{sql} and {alias}.snoozed_until is null", params
    # By the stages, not by closed_at: their index serves it.
    if kind == "closed":
        return f"{alias}.stage_id in (select id from stage where kind <> ?)", ["open"]
    return f"{alias}.stage_id in (select id from stage where kind = ?)", [kind]
