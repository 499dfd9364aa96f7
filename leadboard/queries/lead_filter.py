"""The one filter over leads that list, board and export share: read from a URL, written back to it, turned into SQL."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from leadboard.db import Where, is_sqlite, rows
from leadboard.errors import N_, Refused
from leadboard.lib.ids import is_id
from leadboard.lib.phones import phone_fragment
from leadboard.lib.text import TextError, clean_line, fold, search_fragments, sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.field_filter import FieldCondition, field_conditions
from leadboard.queries.settings import instance
from leadboard.queries.users import place_in_lists

KINDS = ("open", "board", "later", "won", "lost", "closed")
NEXT_STEPS = ("overdue", "today", "planned", "none")
MAX_TEXT = 200
# The trigram index knows nothing shorter.
SHORTEST = 3
_LAST = "\U0010ffff"

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
    )


@dataclass(frozen=True)
class Linked:
    """An organisation or a contact whose leads are asked for."""

    id: int
    name: str


@dataclass(frozen=True)
class LeadFilter:
    """`owner` is a user's id, "me" or "none"; `closed` one of KINDS; `next_step` one of NEXT_STEPS."""

    pipeline_id: int | None = None
    stage_ids: tuple[int, ...] = ()
    owner: int | str | None = None
    source_id: int | None = None
    text: str = ""
    closed: str | None = None
    next_step: str | None = None
    deleted: bool = False
    fields: tuple[FieldCondition, ...] = ()
    firm: Linked | None = None
    person: Linked | None = None

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
        return cls(
            pipeline_id,
            tuple(dict.fromkeys(stage for stage in stage_ids if stage is not None)),
            owner,
            _one_of("source", args.get("source"), known.sources),
            text,
            _word("closed", args.get("closed"), KINDS),
            _word("next", args.get("next"), NEXT_STEPS),
            _word("deleted", args.get("deleted"), ("1",)) is not None,
            field_conditions(args, actor),
            _linked("firm", "organisation", args.get("firm"), actor),
            _linked("person", "contact", args.get("person"), actor),
        )

    def to_args(self) -> dict[str, str]:
        """The arguments of the URL that shows this filter."""
        args = {
            "pipeline": self.pipeline_id,
            "stage": ",".join(map(str, self.stage_ids)),
            "owner": self.owner,
            "source": self.source_id,
            "firm": self.firm.id if self.firm else None,
            "person": self.person.id if self.person else None,
            "q": self.text,
            "closed": self.closed,
            "next": self.next_step,
            "deleted": 1 if self.deleted else None,
            **{condition.arg: condition.text for condition in self.fields},
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
        core = (
            self._text,
            self._firm,
            self._person,
            self._owner,
            self._source,
            self._stages,
            self._next_step,
            self._kind,
            self._pipeline,
        )
        fields = sorted(self.fields, key=lambda one: (one.field.key != by, not one.is_lookup, one.rank))
        makes: list[Any] = [*fields, *core] if by else [core[0], *fields, *core[1:]]
        for make in makes:
            # SQLite has no statistics: the sign keeps it from an index of a wider condition. PostgreSQL knows better.
            # Both ends of a range are looked up together.
            is_same = isinstance(make, FieldCondition) and make.is_lookup and make.field.key == field_key
            lead = f"+{alias}" if looked_up and not is_same and is_sqlite() else alias
            if isinstance(make, FieldCondition):
                found: Where | None = make.where(lead)
                narrows = make.is_lookup
                field_key = field_key or (make.field.key if narrows and not looked_up else "")
            else:
                found = make(actor, lead, today, walk=walk)
                narrows = not (walk and make == self._text)
            if found is not None:
                sql, params = f"{sql} and {found[0]}", [*params, *found[1]]
                looked_up = looked_up or narrows
        return sql, params

    def _text(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return _text_sql(lead, self.text, walk=walk) if self.text else None

    def _firm(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.firm is None else (f"{lead}.organisation_id = ?", [self.firm.id])

    def _person(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.person is None else (f"{lead}.contact_id = ?", [self.person.id])

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
        return None if self.next_step is None else _next_step_sql(lead, self.next_step, today)

    def _kind(self, actor: Actor, lead: str, today: date, *, walk: bool) -> Where | None:
        return None if self.closed is None else _kind_sql(lead, self.closed)

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


def _linked(name: str, record_type: str, text: str | None, actor: Actor) -> Linked | None:
    """The record that an argument names, when the actor may see it."""
    if not text:
        return None
    condition, params = visible_sql(actor, record_type)
    found = is_id(text) and rows(f"select name from {record_type} where id = ? and {condition}", [int(text), *params])
    if not found:
        raise Refused(
            N_("The filter %(name)s=%(text)s is not known: there is no such record, or you may not see it."),
            field=name, name=name, text=text[:40],
        )  # fmt: skip
    return Linked(int(text), found[0][0])


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


def _next_step_sql(alias: str, state: str, today: date) -> Where:
    """A step without a day is planned."""
    day = today.isoformat()
    if state == "none":
        return f"({alias}.next_task_on is null and {alias}.next_task_id is null)", []
    if state == "planned":
        return f"({alias}.next_task_on > ? or ({alias}.next_task_id is not null and {alias}.next_task_on is null))", [day]
    return f"{alias}.next_task_on {'<' if state == 'overdue' else '='} ?", [day]


# ---------------------------------------------------------------------------------------------- text


def text_is_common(text: str, *, more_than: int) -> bool:
    """Whether the text is found in more leads than this. Reads no more than that many."""
    asked = _asked(text)
    if not asked:
        return False
    sql, params = _lookup_sql(asked)
    return len(rows(f"select 1 from ({sql}) as found limit ?", [*params, more_than + 1])) > more_than


def _asked(text: str) -> list[list[str]]:
    """What a text asks for: all fragments of one of these lists, each list with one that the index knows.

    A text of digits and the signs between them is also part of a phone number.
    """
    fragments = list(search_fragments(text))
    if not any(len(one) >= SHORTEST for one in fragments):
        # Nothing but short words: they are looked for together, as typed.
        fragments = [fold(text)]
    digits = (phone_fragment(text) or "")[::-1]
    asked = [[digits]] if digits else []
    if len(max(fragments, key=len)) >= SHORTEST and fragments != [digits]:
        asked.append(fragments)
    return asked


def _text_sql(alias: str, text: str, *, walk: bool) -> Where:
    asked = _asked(text)
    if not asked:
        return _prefix_sql(alias, text)
    if walk:
        sql, params = _row_sql(asked)
        return f"exists (select 1 from lead_text where lead_text.rowid = {alias}.id and ({sql}))", params
    sql, params = _lookup_sql(asked)
    return f"{alias}.id in ({sql})", params


def _lookup_sql(asked: list[list[str]]) -> Where:
    """A select of the ids that the trigram index finds."""
    if not is_sqlite():
        sql, params = _row_sql(asked)
        return f"select rowid from lead_text where {sql}", params
    selects, values = [], []
    for fragments in asked:
        short = [one for one in fragments if len(one) < SHORTEST]
        values += [" AND ".join(_quoted(one) for one in fragments if len(one) >= SHORTEST), *short]
        selects.append("select rowid from lead_text where words match ?" + " and instr(words, ?) > 0" * len(short))
    return " union ".join(selects), values


def _row_sql(asked: list[list[str]]) -> Where:
    """The same condition tested on one row's words."""
    sqlite = is_sqlite()
    found = "instr(words, ?) > 0" if sqlite else "words like ?"
    sql = " or ".join(" and ".join([found] * len(fragments)) for fragments in asked)
    return sql, [one if sqlite else f"%{_escaped(one)}%" for fragments in asked for one in fragments]


def _prefix_sql(alias: str, text: str) -> Where:
    """One or two characters: titles that begin with them. Signs alone find titles of signs alone."""
    key = sort_key(fold(text), instance().language).partition("\x1f")[0]
    if not key:
        return f"{alias}.title_key < ?", [" "]
    return f"{alias}.title_key >= ? and {alias}.title_key < ?", [key, key + _LAST]


def _quoted(text: str) -> str:
    """A fragment as FTS5 takes it literally."""
    return '"' + text.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    """A fragment as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
