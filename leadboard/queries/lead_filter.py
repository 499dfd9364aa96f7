"""The one filter over leads that list, board and export share: read from a URL, written back to it, turned into SQL."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from leadboard.db import Where, is_sqlite, rows
from leadboard.errors import N_, Refused
from leadboard.lib.dates import today_in
from leadboard.lib.ids import is_id
from leadboard.lib.querytext import query_text
from leadboard.lib.text import TextError, clean_line
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.field_filter import FieldCondition, field_conditions
from leadboard.queries.lead_query import NO_QUERY, LeadQuery, read_query
from leadboard.queries.lead_words import KINDS, NEXT_STEPS, kind_sql, next_step_sql, text_sql
from leadboard.queries.query_columns import Condition, Reader
from leadboard.queries.query_parts import field_part, simple_part, typed_text
from leadboard.queries.settings import instance
from leadboard.queries.users import place_in_lists

MAX_TEXT = 200

ME, NOBODY = "me", "none"


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

    def reader(self, actor: Actor) -> Reader:
        """What a typed filter is read with."""
        settings = instance()
        names = {
            "stage": self.stages, "pipeline": self.pipelines, "owner": self.owners, "source": self.sources, "lost_reason": self.lost_reasons,
        }  # fmt: skip
        zone = settings.time_zone
        return Reader(actor, today_in(zone), zone, settings.currency, names, settings.week_start, settings.language)


def known_values() -> Known:
    """Everything a filter may name now, in the order in which people put it. Two statements."""
    stages = rows("select id, name, pipeline_id, tone from stage order by pipeline_id, position, id")
    named: dict[str, dict[int, str]] = {"pipeline": {}, "active": {}, "gone": {}, "source": {}, "reason": {}}
    for kind, number, name, _ in rows(
        "select 'pipeline', id, name, position from pipeline where archived_at is null"
        " union all select 'source', id, name, position from source union all select 'reason', id, name, position from lost_reason"
        " union all select case when is_active then 'active' else 'gone' end, id, name, 0 from \"user\" order by 1, 4, 3, 2"
    ):
        named[kind][number] = name
    users, language = named["active"] | named["gone"], instance().language
    in_order = sorted(users, key=lambda number: place_in_lists(number, users[number], number in named["active"], language))
    return Known(
        named["pipeline"],
        {row[0]: row[1] for row in stages if row[2] in named["pipeline"]},
        {number: users[number] for number in in_order},
        named["source"],
        {row[0]: row[2] for row in stages},
        frozenset(named["active"]),
        {row[0]: (row[1], row[3]) for row in stages},
        named["reason"],
    )


@dataclass(frozen=True)
class LeadFilter:
    """`owner` is a user's id, "me" or "none"; `closed` one of KINDS; `next_step` one of NEXT_STEPS.

    `query` is what else was typed: conditions that no other field here can hold.
    """

    pipeline_id: int | None = None
    stage_ids: tuple[int, ...] = ()
    owner: int | str | None = None
    source_id: int | None = None
    text: str = ""
    closed: str | None = None
    next_step: str | None = None
    deleted: bool = False
    fields: tuple[FieldCondition, ...] = ()
    query: LeadQuery = NO_QUERY

    @classmethod
    def from_args(cls, args: Mapping[str, str], actor: Actor, known: Known) -> "LeadFilter":
        """The filter that a URL names. Raises Refused for a value that is not known, and says which are.

        `args` may be a MultiDict: several stages come as stage=1&stage=2 or stage=1,2.
        """
        pipeline_id = _one_of("pipeline", args.get("pipeline"), known.pipelines)
        stage_ids = [_one_of("stage", part, known.stages) for part in _many(args, "stage")]
        try:
            text = clean_line(args.get("q") or "", MAX_TEXT)
        except TextError as error:
            raise Refused(N_("A text to look for has at most %(limit)d characters."), field="q", limit=MAX_TEXT) from error
        owner: int | str | None = args.get("owner") or None
        if owner not in {None, ME, NOBODY}:
            owner = _one_of("owner", str(owner), known.owners, ME, NOBODY)
        given = cls(
            pipeline_id,
            tuple(dict.fromkeys(stage for stage in stage_ids if stage is not None)),
            owner,
            _one_of("source", args.get("source"), known.sources),
            text,
            _word("closed", args.get("closed"), KINDS),
            _word("next", args.get("next"), NEXT_STEPS),
            _word("deleted", args.get("deleted"), ("1",)) is not None,
            field_conditions(args, actor),
        )
        return given.with_query(args.get("query") or "", known.reader(actor))

    def with_query(self, text: str, reader: Reader) -> "LeadFilter":
        """This filter and what was typed. What a field here can hold becomes its value, so that it is one chip like any other."""
        if not text.strip():
            return self
        found, rest, texts = self, [], [self.text] if self.text else []
        for part in read_query(text, reader).parts:
            condition = field_part(part, reader)
            simple = None if condition else simple_part(part, reader)
            if condition is not None and all(one.arg != condition.arg for one in found.fields):
                found = replace(found, fields=(*found.fields, condition))
            elif simple is not None and simple[0] == "text":
                texts.append(simple[1])
            elif simple is not None and getattr(found, simple[0]) == getattr(EVERYTHING, simple[0]):
                found = replace(found, **{simple[0]: simple[1]})
            else:
                rest.append(part)
        return replace(found, text=" ".join(texts), query=LeadQuery(query_text(rest), tuple(rest), reader))

    def typed(self, known: Known, actor: Actor) -> str:
        """The whole filter as a person may type it."""
        return typed_text(vars(self), self.fields, self.query.text, known.reader(actor).names)

    def to_args(self) -> dict[str, str]:
        """The arguments of the URL that shows this filter."""
        args = {
            "pipeline": self.pipeline_id,
            "stage": ",".join(map(str, self.stage_ids)),
            "owner": self.owner,
            "source": self.source_id,
            "q": self.text,
            "closed": self.closed,
            "next": self.next_step,
            "deleted": 1 if self.deleted else None,
            **{condition.arg: condition.text for condition in self.fields},
            "query": self.query.text,
        }
        return {name: str(value) for name, value in args.items() if value}

    def without(self, *names: str) -> "LeadFilter":
        """The same filter with these fields at their defaults."""
        return replace(self, **{name: getattr(EVERYTHING, name) for name in names})

    @property
    def is_empty(self) -> bool:
        return self == EVERYTHING

    def where(self, actor: Actor, alias: str, today: date, *, walk: bool = False, by: str = "") -> Where:
        """SQL over the lead table `alias`, with its parameters, starting from what the actor may see.

        `today` is the reader's. On SQLite it is looked up by its narrowest condition, unless the statement names another
        index: by the custom field of the key `by`, else by what is narrow as a rule. With `walk` a text is tested row by
        row, which is right when text_is_common().
        """
        sql, params = visible_sql(actor, alias, deleted=self.deleted)
        looked_up, field_key = False, ""
        typed = sorted(self.query.conditions(), key=lambda one: (not one.is_lookup, one.rank))
        core = (self._text, self._owner, self._source, self._stages, self._next_step, self._kind, self._pipeline)
        fields = sorted(self.fields, key=lambda one: (one.field.key != by, not one.is_lookup, one.rank))
        makes: list[Any] = [*fields, *typed, *core] if by else [core[0], *fields, *typed, *core[1:]]
        for make in makes:
            # SQLite has no statistics: the sign keeps it from an index of a wider condition. PostgreSQL knows better.
            # Both ends of a range are looked up together.
            is_same = isinstance(make, FieldCondition) and make.is_lookup and make.field.key == field_key
            lead = f"+{alias}" if looked_up and not is_same and is_sqlite() else alias
            if isinstance(make, FieldCondition):
                found: Where | None = make.where(lead)
                narrows = make.is_lookup
                field_key = field_key or (make.field.key if narrows and not looked_up else "")
            elif isinstance(make, Condition):
                found, narrows = make.where(lead), make.is_lookup
            else:
                found = make(actor, lead, today, walk=walk)
                narrows = not (walk and make == self._text)
            if found is not None:
                sql, params = f"{sql} and {found[0]}", [*params, *found[1]]
                looked_up = looked_up or narrows
        return sql, params

    def _text(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return text_sql(lead, self.text, walk=walk) if self.text else None

    def _owner(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        if self.owner == NOBODY:
            return f"{lead}.owner_id is null", []
        return None if self.owner is None else (f"{lead}.owner_id = ?", [actor.id if self.owner == ME else self.owner])

    def _source(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.source_id is None else (f"{lead}.source_id = ?", [self.source_id])

    def _stages(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        places = ", ".join("?" * len(self.stage_ids))
        return (f"{lead}.stage_id in ({places})", list(self.stage_ids)) if places else None

    def _next_step(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.next_step is None else next_step_sql(lead, self.next_step, today)

    def _kind(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.closed is None else kind_sql(lead, self.closed)

    def _pipeline(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.pipeline_id is None else (f"{lead}.pipeline_id = ?", [self.pipeline_id])


EVERYTHING = LeadFilter()


def _many(args: Mapping[str, str], name: str) -> Iterable[str]:
    values = args.getlist(name) if hasattr(args, "getlist") else [args.get(name) or ""]
    return [part for value in values for part in value.split(",") if part]


def _one_of(name: str, text: str | None, known: Mapping[int, str], *words: str) -> int | None:
    """The id that an argument names; None without one."""
    if not text:
        return None
    # isdecimal() alone takes the digits of every script, and a very long number is slow to read.
    if is_id(text) and int(text) in known:
        return int(text)
    shown = ", ".join([*words, *(f"{number} ({label})" for number, label in list(known.items())[:30])])
    raise Refused(
        N_("The filter %(name)s=%(text)s is not known. Known: %(known)s."),
        field=name,
        name=name,
        text=text[:40],
        known=shown or "-",
    )


def _word(name: str, text: str | None, known: tuple[str, ...]) -> str | None:
    if not text:
        return None
    if text in known:
        return text
    raise Refused(
        N_("The filter %(name)s=%(text)s is not known. Known: %(known)s."),
        field=name,
        name=name,
        text=text[:40],
        known=", ".join(known),
    )
