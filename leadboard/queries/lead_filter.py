"""The one filter over leads that list, board and export share."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from leadboard.db import Where, rows
from leadboard.lib.dates import today_in
from leadboard.lib.ids import is_id
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.lead_query import LEADS
from leadboard.queries.lead_states import KINDS, kind_sql
from leadboard.queries.query_columns import Reader
from leadboard.queries.query_parts import typed_text, with_query
from leadboard.queries.record_filter import RecordFilter, in_order_of_lists, one_of, one_word, unknown
from leadboard.queries.settings import instance
from leadboard.queries.stale import STALE, stale_sql
from leadboard.queries.tags import tagged_sql


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
    lost_reasons: Mapping[int, str] = field(default_factory=dict)
    tags: Mapping[int, str] = field(default_factory=dict)

    def reader(self, actor: Actor) -> Reader:
        """What a typed filter is read with."""
        settings = instance()
        names = {
            "stage": self.stages, "pipeline": self.pipelines, "owner": self.owners, "source": self.sources, "lost_reason": self.lost_reasons,
            "tag": self.tags,
        }  # fmt: skip
        zone = settings.time_zone
        return Reader(actor, today_in(zone), zone, settings.currency, names, settings.week_start, settings.language)


def known_values() -> Known:
    """Everything a filter may name now, in the order in which people put it. Two statements."""
    stages = rows("select id, name, pipeline_id, tone from stage order by pipeline_id, position, id")
    named: dict[str, dict[int, str]] = {"pipeline": {}, "active": {}, "gone": {}, "source": {}, "reason": {}, "tag": {}}
    for kind, number, name, _ in rows(
        "select 'pipeline', id, name, position from pipeline where archived_at is null"
        " union all select 'source', id, name, position from source union all select 'reason', id, name, position from lost_reason"
        " union all select 'tag', id, name, 0 from tag"
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
        named["reason"],
        named["tag"],
    )


@dataclass(frozen=True)
class Linked:
    """An organisation or a contact whose leads are asked for."""

    id: int
    name: str


@dataclass(frozen=True)
class LeadFilter(RecordFilter):
    """`closed` is one of KINDS."""

    record_type: ClassVar[str] = "lead"
    name_key: ClassVar[str] = "title_key"

    pipeline_id: int | None = None
    stage_ids: tuple[int, ...] = ()
    source_id: int | None = None
    tag_id: int | None = None
    stale: str | None = None
    closed: str | None = None
    firm: Linked | None = None
    person: Linked | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str], actor: Actor, known: Known) -> "LeadFilter":
        """The filter that a URL names. Raises Refused for a value that is not known, and says which are.

        `args` may be a MultiDict: several stages come as stage=1&stage=2 or stage=1,2.
        """
        stage_ids = [one_of("stage", part, known.stages) for part in _many(args, "stage")]
        given = cls(
            pipeline_id=one_of("pipeline", args.get("pipeline"), known.pipelines),
            stage_ids=tuple(dict.fromkeys(stage for stage in stage_ids if stage is not None)),
            source_id=one_of("source", args.get("source"), known.sources),
            tag_id=one_of("tag", args.get("tag"), known.tags),
            stale=one_word("stale", args.get("stale"), STALE),
            closed=one_word("closed", args.get("closed"), KINDS),
            firm=_linked("firm", "organisation", args.get("firm"), actor),
            person=_linked("person", "contact", args.get("person"), actor),
            **cls.common_args(args, actor, known.owners),
        )
        return given.with_query(args.get("query") or "", known.reader(actor))

    def with_query(self, text: str, reader: Reader) -> "LeadFilter":
        """This filter and what was typed. What a field here can hold becomes its value, so that it is one chip like any other."""
        return with_query(self, text, reader, LEADS)

    def typed(self, known: Known, actor: Actor) -> str:
        """The whole filter as a person may type it."""
        return typed_text(self, known.reader(actor), LEADS)

    def own_args(self) -> dict[str, Any]:
        return {
            "pipeline": self.pipeline_id,
            "stage": ",".join(map(str, self.stage_ids)),
            "source": self.source_id,
            "tag": self.tag_id,
            "stale": self.stale,
            "closed": self.closed,
            "firm": self.firm.id if self.firm else None,
            "person": self.person.id if self.person else None,
        }

    def _parts(self) -> Sequence[Callable[..., Where | None]]:
        return (
            self._firm,
            self._person,
            self._tag,
            self._owner,
            self._source,
            self._stages,
            self._next_step,
            self._kind,
            self._pipeline,
            self._stale,
        )

    def _firm(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.firm is None else (f"{lead}.organisation_id = ?", [self.firm.id])

    def _person(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.person is None else (f"{lead}.contact_id = ?", [self.person.id])

    def _source(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.source_id is None else (f"{lead}.source_id = ?", [self.source_id])

    def _stale(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.stale is None else stale_sql(lead, self.stale, today)

    def _tag(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.tag_id is None else tagged_sql(lead, [self.tag_id], walk=walk)

    def _stages(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        places = ", ".join("?" * len(self.stage_ids))
        return (f"{lead}.stage_id in ({places})", list(self.stage_ids)) if places else None

    def _kind(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.closed is None else kind_sql(lead, self.closed)

    def _pipeline(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.pipeline_id is None else (f"{lead}.pipeline_id = ?", [self.pipeline_id])


EVERYTHING = LeadFilter()


def _many(args: Mapping[str, str], name: str) -> Iterable[str]:
    values = args.getlist(name) if hasattr(args, "getlist") else [args.get(name) or ""]
    return [part for value in values for part in value.split(",") if part]


def _linked(name: str, record_type: str, text: str | None, actor: Actor) -> Linked | None:
    """The record that an argument names, when the actor may see it."""
    if not text:
        return None
    condition, params = visible_sql(actor, record_type)
    found = rows(f"select name from {record_type} where id = ? and {condition}", [int(text), *params]) if is_id(text) else []
    if not found:
        raise unknown(name, text, [])
    return Linked(int(text), found[0][0])
