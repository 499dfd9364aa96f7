"""What the filters of all lists have alike: read from a URL, written back to it, turned into SQL."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, ClassVar, NamedTuple, TypeVar

from leadboard.db import Where, is_sqlite, rows
from leadboard.errors import N_, Unknown
from leadboard.lib.ids import is_id
from leadboard.lib.text import TextError, clean_line
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.field_filter import FieldCondition, field_conditions
from leadboard.queries.query_columns import Condition
from leadboard.queries.settings import instance
from leadboard.queries.text_search import asked_of, begins_sql, found_ids, has_words_sql, ids_sql, is_common, lookup_sql
from leadboard.queries.typed_query import NO_QUERY, TypedQuery
from leadboard.queries.users import place_in_lists, users_by_name

NEXT_STEPS = ("overdue", "today", "planned", "none")
MAX_TEXT = 200
ME, NOBODY = "me", "none"


class Owners(NamedTuple):
    """{id: name} of everybody who may own something, in the order of lists; `active` are those who may be given it."""

    names: Mapping[int, str]
    active: Collection[int]


def known_owners() -> Owners:
    """One statement."""
    found = users_by_name()
    return Owners({user.id: user.name for user in found}, frozenset(user.id for user in found if user.is_active))


def in_order_of_lists(names: Mapping[int, str], active: Collection[int]) -> dict[int, str]:
    """People as lists show them."""
    language = instance().language
    placed = sorted(names, key=lambda number: place_in_lists(number, names[number], number in active, language))
    return {number: names[number] for number in placed}


AnyFilter = TypeVar("AnyFilter", bound="RecordFilter")


@dataclass(frozen=True)
class RecordFilter:
    """`owner` is a user's id, "me" or "none"; `next_step` one of NEXT_STEPS; `query` what else was typed: conditions that no field here can hold.

    A filter of one type of records adds its own fields, and says in `_parts` what makes SQL of them.
    """

    record_type: ClassVar[str]
    # What short texts are looked up in: a column of sort keys.
    name_key: ClassVar[str] = "name_key"

    owner: int | str | None = None
    text: str = ""
    next_step: str | None = None
    deleted: bool = False
    fields: tuple[FieldCondition, ...] = ()
    query: TypedQuery = NO_QUERY

    @classmethod
    def common_args(cls, args: Mapping[str, str], actor: Actor, owners: Mapping[int, str]) -> dict[str, Any]:
        """The values of these fields that a URL names. Raises Refused for one that is not known, and says which are."""
        try:
            text = clean_line(args.get("q") or "", MAX_TEXT)
        except TextError as error:
            raise Unknown(N_("A text to look for has at most %(limit)d characters."), field="q", limit=MAX_TEXT) from error
        owner: int | str | None = args.get("owner") or None
        if owner not in {None, ME, NOBODY}:
            owner = one_of("owner", str(owner), owners, ME, NOBODY)
        return {
            "owner": owner,
            "text": text,
            "next_step": one_word("next", args.get("next"), NEXT_STEPS),
            "deleted": one_word("deleted", args.get("deleted"), ("1",)) is not None,
            "fields": field_conditions(args, actor, cls.record_type),
        }

    def own_args(self) -> dict[str, Any]:
        """The arguments of the fields that this type of records adds."""
        return {}

    def to_args(self) -> dict[str, str]:
        """The arguments of the URL that shows this filter."""
        args = {
            **self.own_args(),
            "owner": self.owner,
            "q": self.text,
            "next": self.next_step,
            "query": self.query.text,
            "deleted": 1 if self.deleted else None,
            **{condition.arg: condition.text for condition in self.fields},
        }
        return {name: str(value) for name, value in args.items() if value}

    def without(self: AnyFilter, *names: str) -> AnyFilter:
        """The same filter with these fields at their defaults."""
        defaults: dict[str, Any] = {one.name: one.default for one in fields(self) if one.name in names}
        return replace(self, **defaults)

    @property
    def is_empty(self) -> bool:
        return self == type(self)()

    def where(
        self, actor: Actor, alias: str, today: date, *, walk: bool = False, by: str = "", text_ids: Sequence[int] | None = None
    ) -> Where:
        """SQL over the table `alias`, with its parameters, starting from what the actor may see.

        `today` is the reader's. On SQLite it is looked up by its narrowest condition, unless the statement names another
        index: by the custom field of the key `by`, else by what is narrow as a rule. With `walk` a text is tested row by
        row, which is right when text_is_common(); `text_ids` are the records with the text when they were looked up already.
        """
        sql, params = visible_sql(actor, alias, deleted=self.deleted)
        looked_up, field_key = False, ""
        of_text, others = self._text, self._parts()
        by_field = sorted(self.fields, key=lambda one: (one.field.key != by, not one.is_lookup, one.rank))
        typed = sorted(self._typed(), key=lambda one: (not one.is_lookup, one.rank))
        makes: list[Any] = [*by_field, *typed, of_text, *others] if by else [of_text, *by_field, *typed, *others]
        for make in makes:
            # SQLite has no statistics: the sign keeps it from an index of a wider condition. PostgreSQL knows better.
            # Both ends of a range are looked up together.
            is_same = isinstance(make, FieldCondition) and make.is_lookup and make.field.key == field_key
            name = f"+{alias}" if looked_up and not is_same and is_sqlite() else alias
            if isinstance(make, FieldCondition):
                found: Where | None = make.where(name)
                narrows = make.is_lookup
                field_key = field_key or (make.field.key if narrows and not looked_up else "")
            elif isinstance(make, Condition):
                found, narrows = make.where(name), make.is_lookup
            elif make == of_text and text_ids is not None:
                found, narrows = ids_sql(name, text_ids), True
            else:
                found = make(actor, name, today, walk=walk)
                narrows = not (walk and make == self._text)
            if found is not None:
                sql, params = f"{sql} and {found[0]}", [*params, *found[1]]
                looked_up = looked_up or narrows
        return sql, params

    def text_is_common(self, *, more_than: int) -> bool:
        """Whether the text is found in more records than this."""
        lookup = self.text_lookup()
        return lookup is not None and is_common(lookup, more_than=more_than)

    def text_found(self, *, most: int) -> tuple[list[int] | None, bool]:
        """The records with the text, looked up once for all statements of a page, and whether they are more than `most`.

        No ids of too many, and none on PostgreSQL, which is as quick with the text itself.
        """
        lookup = self.text_lookup()
        if lookup is None:
            return None, False
        if not is_sqlite():
            return None, is_common(lookup, more_than=most)
        ids = found_ids(lookup, most=most)
        return ids, ids is None

    def text_lookup(self) -> Where | None:
        """A select of the ids of records with this text; None without one, or with one that is too short for the index."""
        asked = asked_of(self.text) if self.text else []
        return lookup_sql(self.record_type, asked) if asked else None

    def text_test(self, alias: str) -> Where:
        """Whether one record has this text."""
        return has_words_sql(self.record_type, f"{alias}.id", asked_of(self.text))

    def _typed(self) -> Sequence[Condition]:
        """What was typed beside the fields."""
        return self.query.conditions()

    def _parts(self) -> Sequence[Callable[..., Where | None]]:
        """What makes SQL of each field beside the text and custom fields, the narrowest as a rule first."""
        return (self._owner, self._next_step)

    def _text(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        if not self.text:
            return None
        lookup = self.text_lookup()
        if lookup is None:
            return begins_sql(f"{alias}.{self.name_key}", self.text)
        return self.text_test(alias) if walk else (f"{alias}.id in ({lookup[0]})", lookup[1])

    def _owner(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        if self.owner == NOBODY:
            return f"{alias}.owner_id is null", []
        return None if self.owner is None else (f"{alias}.owner_id = ?", [actor.id if self.owner == ME else self.owner])

    def _next_step(self, actor: Actor, alias: str, today: date, *, walk: bool) -> Where | None:
        return None if self.next_step is None else next_step_sql(alias, self.next_step, today)


def one_of(name: str, text: str | None, known: Mapping[int, str], *words: str) -> int | None:
    """The id that an argument names; None without one."""
    if not text:
        return None
    # isdecimal() alone takes the digits of every script, and a very long number is slow to read.
    if is_id(text) and int(text) in known:
        return int(text)
    raise unknown(name, text, [*words, *(f"{number} ({label})" for number, label in list(known.items())[:30])])


def one_word(name: str, text: str | None, known: Collection[str]) -> str | None:
    """One of the words that an argument may be; None without one."""
    if not text:
        return None
    if text in known:
        return text
    raise unknown(name, text, known)


def unknown(name: str, text: str, known: Iterable[str]) -> Unknown:
    """The refusal of an argument, with what is known."""
    return Unknown(
        N_("The filter %(name)s=%(text)s is not known. Known: %(known)s."),
        field=name,
        name=name,
        text=text[:40],
        known=", ".join(known) or "-",
    )


def next_step_sql(alias: str, state: str, today: date) -> Where:
    """A step without a day is planned."""
    day = today.isoformat()
    if state == "none":
        return f"({alias}.next_task_on is null and {alias}.next_task_id is null)", []
    if state == "planned":
        return f"({alias}.next_task_on > ? or ({alias}.next_task_id is not null and {alias}.next_task_on is null))", [day]
    return f"{alias}.next_task_on {'<' if state == 'overdue' else '='} ?", [day]


def narrow_field(wanted: RecordFilter, *, most: int) -> str:
    """The key of the custom field that finds the fewest records, when these are at most so few that all can be looked up and sorted.

    SQLite only: it knows nothing of the values. One statement for each field that the filter has an index for.
    """
    asked: dict[str, list[FieldCondition]] = {}
    for one in wanted.fields if is_sqlite() and not wanted.deleted else ():
        if one.is_lookup and one.field.index:
            asked.setdefault(one.field.key, []).append(one)
    few, found, table = most, "", wanted.record_type
    for key, conditions in asked.items():
        parts = [one.where(table) for one in conditions]
        # Read from the index alone, and no further than the narrowest so far.
        [(count,)] = rows(
            f"select count(*) from (select 1 from {table} indexed by {conditions[0].field.index} where {table}.deleted_at is null"
            f" and {' and '.join(sql for sql, _ in parts)} limit {few + 1}) as found",
            [param for _, params in parts for param in params],
        )
        if count <= few:
            few, found = count, key
    return found
