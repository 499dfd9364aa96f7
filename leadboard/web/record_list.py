"""What the lists of leads, contacts and organisations show alike: chips, headings, pages, and words for people and next steps."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, TypeVar
from urllib.parse import quote_plus, urlencode

from flask import Response, request, url_for
from flask_babel import gettext

from leadboard.db import as_day
from leadboard.errors import N_, Refused
from leadboard.formats import Formats
from leadboard.forms.custom_inputs import known_fields, reader_context
from leadboard.http import current_actor, formats, is_fragment, render
from leadboard.lib.text import initials
from leadboard.queries.custom_fields import BoundField
from leadboard.queries.field_filter import PREFIX as SORT_PREFIX
from leadboard.queries.groups import Grouping, grouping_of
from leadboard.queries.keyset import Order
from leadboard.queries.query_columns import Reader
from leadboard.queries.record_filter import ME, NOBODY, Owners, RecordFilter
from leadboard.queries.record_list import RecordPage, has_records
from leadboard.queries.views import NARROWEST, WIDEST, layout_of
from leadboard.web.custom_facts import expect
from leadboard.web.field_chips import FieldChips, field_chips
from leadboard.web.filter_bar import FilterBar, Mistake, mistake_of, part_chips
from leadboard.web.list_columns import NAME, Columns, ListCell, Person, field_cells, shown_columns
from leadboard.web.list_groups import COUNTS, Grouped, GroupStrip, group_menu
from leadboard.web.shell import tone_of
from leadboard.web.view_opening import Opened, open_view

AnyFilter = TypeVar("AnyFilter", bound=RecordFilter)


class Heading(NamedTuple):
    """`width` is None for as wide as the texts."""

    key: str
    label: str
    url: str
    state: str
    is_number: bool
    width: int | None


class Line(NamedTuple):
    """A row as it is shown: its name, which leads to its page, and the other cells."""

    id: int
    name: str
    url: str
    cells: list[ListCell]


class Chip(NamedTuple):
    """One filter of the bar: what it is set to, or what it may be set to as (label, url)."""

    name: str
    label: str
    value: str
    clear_url: str
    options: list[tuple[str, str]]


class Words(NamedTuple):
    """What a list says of its records: translated."""

    heading: str
    icon: str
    new: str
    none_yet: str
    first: str
    no_match: str
    search: str
    selected: str


@dataclass
class ListPage(ABC):
    """A list as this reader filtered and sorted it; each type of records makes its own of it."""

    found: RecordPage[Any]
    wanted: RecordFilter
    order: Order
    people: Owners
    shown: tuple[str, ...]
    is_new: bool = False
    mistake: Mistake | None = None
    opened: Opened | None = None
    grouping: Grouping | None = None
    shown_people: dict[int, Person] = field(default_factory=dict)
    known_words: dict[str, str] = field(default_factory=dict)

    # The blueprint; the order by the name; the columns there are beside it, and those that are shown unless somebody chose.
    endpoints: ClassVar[str]
    name_sort: ClassVar[str]
    columns: ClassVar[Columns]
    usual: ClassVar[tuple[str, ...]]
    narrowest: ClassVar[int] = NARROWEST
    widest: ClassVar[int] = WIDEST

    @property
    @abstractmethod
    def words(self) -> Words:
        """What the list calls its records."""

    @property
    def own_chips(self) -> list[Chip]:
        """The chips before that of the owner."""
        return []

    @property
    def later_chips(self) -> list[Chip]:
        """The chips between those of owner and next step."""
        return []

    @property
    @abstractmethod
    def typed(self) -> str:
        """The filter as one text."""

    @property
    @abstractmethod
    def reader(self) -> Reader:
        """What the filter was read with."""

    @cached_property
    def strip(self) -> GroupStrip | None:
        """The groups above the rows; their numbers come later when there are many, unless this request is for them."""
        if self.grouping is None or self.mistake is not None:
            return None
        grouped = Grouped(self.grouping, self.wanted, self.reader, self.list_url, self.extra_args, self.fmt, self.filter_names)
        return grouped.strip(self.found, request.args.get(COUNTS))

    @property
    def filter_names(self) -> Mapping[str, Mapping[int, str]]:
        """What the filter may name, as the list shows it."""
        return self.reader.names

    @cached_property
    def bar(self) -> FilterBar:
        """The line under the chips. After a mistake everything else of the address stays, as it is in no chip."""
        if self.mistake is not None:
            kept = {name: text for name, text in request.args.items() if name not in {"query", "after", "before"}}
            return FilterBar(
                self.wanted.record_type, self.list_url, request.args.get("query", ""), kept, self.mistake, self.opened
            )
        own = self.wanted.to_args()
        kept = {
            name: own[name] for name in ("organisation",) if name in own and self.wanted.record_type == "contact"
        } | self.extra_args
        groups = group_menu(self.wanted.record_type, self.url(group=None))
        chosen = self.grouping.key if self.grouping is not None else ""
        return FilterBar(
            self.wanted.record_type, self.list_url, self.typed, kept, None, self.opened, self.columns_url, groups, chosen
        )

    @cached_property
    def list_url(self) -> str:
        return url_for(f"{self.endpoints}.index")

    @property
    def new_url(self) -> str:
        return url_for(f"{self.endpoints}.new")

    @property
    def bulk_url(self) -> str:
        return url_for(f"{self.endpoints}.bulk")

    @property
    def filter_args(self) -> str:
        """The filter as a form carries it to what is done with all that match."""
        return urlencode(self.wanted.to_args())

    @property
    def all_matching(self) -> str:
        """What can be chosen beyond this page; "" when it shows everything."""
        found = self.found
        if not found.more_than_counted and found.total <= len(found.rows):
            return ""
        total = self.fmt.number(found.total)
        return (
            gettext("All that match, more than %(n)s", n=total)
            if found.more_than_counted
            else gettext("All %(n)s that match", n=total)
        )

    @property
    def export_url(self) -> str:
        """Where this list, as it is filtered, becomes a file."""
        return ""

    def url(self, **values: Any) -> str:
        return url_for(f"{self.endpoints}.index", **{**self.wanted.to_args(), **self.extra_args, **values})

    @property
    def extra_args(self) -> dict[str, str]:
        """The arguments of this list beside its filter: order, columns of its own, groups, and the view that it began with."""
        if self.opened is None:
            return self.order.args
        own = {name: text for name in ("columns", "group") if (text := self.opened.args.get(name))}
        return {**self.order.args, **own, **self.opened.extra}

    @property
    def columns_url(self) -> str:
        """Where the columns are chosen."""
        return url_for("columns.choose", place=self.endpoints, next=self.here, shown=",".join(self.shown))

    @property
    def here(self) -> str:
        return self.url(**{name: request.args[name] for name in ("after", "before") if request.args.get(name)})

    @property
    def owners(self) -> list[tuple[int, str]]:
        """Who the ticked records may be given to."""
        return [(number, name) for number, name in self.people.names.items() if number in self.people.active]

    @cached_property
    def fmt(self) -> Formats:
        return formats()

    def word(self, text: str) -> str:
        """A translated word of a cell: looked up once a page."""
        if text not in self.known_words:
            self.known_words[text] = gettext(text)
        return self.known_words[text]

    @cached_property
    def fields(self) -> dict[str, BoundField]:
        """The custom fields with a column, by name."""
        known = known_fields(self.wanted.record_type)
        found = {key: field for key in self.shown if (field := known.named(key)) is not None}
        expect(tuple(found.values()), (row.fields for row in self.found.rows))
        return found

    @property
    def lines(self) -> list[Line]:
        """The rows in words. Made here and not in the template: a call from Jinja costs as much as what it calls."""
        with_sql, context = [key for key in self.shown if key in self.columns and self.columns[key].sql], reader_context()
        columns = [
            (self.columns[key].show, with_sql.index(key) if key in with_sql else -1)
            if key in self.columns
            else (None, field_cells(self.fields[key], context))
            for key in self.shown
        ]
        return [self._line(row, columns) for row in self.found.rows]

    def _line(self, row: Any, columns: Sequence[tuple[Any, Any]]) -> Line:
        values = row.fields
        if isinstance(values, str):
            values = json.loads(values)
        cells = []
        for show, place in columns:
            if show is not None:
                cells.append(show(self, row, row.further[place] if place >= 0 else None))
            else:
                cells.append(place(values or {}))
        for number in self.sized:
            cells[number] = cells[number]._replace(css=f"{cells[number].css} sz")
        return Line(row.id, row[1], f"{self.list_url}/{row.id}", cells)

    def due(self, title: str | None, due_on: date | str | None) -> tuple[str, str]:
        """State and text of a row's next step, as the style sheet knows them."""
        if title is None:
            return "", ""
        fmt, day = self.fmt, as_day(due_on)
        if day is None:
            return "plan", title
        state = fmt.due(day)
        if state == "overdue":
            return "over", gettext("%(title)s · %(days)s d late", title=title, days=(fmt.today - day).days)
        if state == "today":
            return "today", gettext("%(title)s · today", title=title)
        return "plan", gettext("%(title)s · %(day)s", title=title, day=fmt.day(day))

    def touched(self, at: int) -> str:
        """How long ago the last contact was."""
        return self.fmt.ago(at) if self.fmt.days_since(at) else self.word(N_("today"))

    def created(self, at: int) -> str:
        fmt = self.fmt
        return fmt.day(fmt.local(at).date())

    def person(self, user_id: int | None) -> Person | None:
        if user_id is not None and user_id not in self.shown_people:
            name = self.people.names.get(user_id, "")
            self.shown_people[user_id] = Person(name, initials(name), tone_of(user_id))
        return None if user_id is None else self.shown_people[user_id]

    @property
    def position(self) -> str:
        """ "51–100 of 1,204", or "of 1,000+"."""
        number, last = self.fmt.number, self.found.first + len(self.found.rows) - 1
        total = number(self.found.total) + ("+" if self.found.more_than_counted else "")
        return gettext("%(first)s–%(last)s of %(total)s", first=number(self.found.first), last=number(last), total=total)

    @property
    def headings(self) -> list[Heading]:
        found = [self._heading(NAME, self.name_sort, gettext("Name"), False, falling=False)]
        for key in self.shown:
            if (one := self.columns.get(key)) is not None:
                found.append(self._heading(key, one.sort, gettext(one.label), one.is_number, falling=one.falling_first))
            else:
                field = self.fields[key]
                sort = SORT_PREFIX + field.key if field.is_sortable else ""
                found.append(self._heading(key, sort, field.label, field.is_number, falling=False))
        return found

    @cached_property
    def widths(self) -> Mapping[str, int]:
        """{key of a column: its width} where the reader chose one."""
        return layout_of(current_actor(), self.endpoints).widths

    @cached_property
    def sized(self) -> list[int]:
        """Which of the columns shown have a width of their own."""
        return [number for number, key in enumerate(self.shown) if key in self.widths]

    def _heading(self, key: str, name: str, label: str, is_number: bool, *, falling: bool) -> Heading:
        width = self.widths.get(key)
        if not name:
            return Heading(key, label, "", "", is_number, width)
        state, descending = "", falling
        if name == self.order.name:
            state = "descending" if self.order.descending else "ascending"
            descending = not self.order.descending
        return Heading(key, label, self.url(sort=f"-{name}" if descending else name), state, is_number, width)

    @property
    def field_chips(self) -> FieldChips:
        args = {**self.wanted.to_args(), **self.extra_args}
        parts = part_chips(self.wanted, self.list_url, self.extra_args)
        return field_chips(self.wanted.fields, self.list_url, args, self.wanted.record_type, parts)

    @property
    def chips(self) -> list[Chip]:
        owners: dict[Any, str] = {ME: gettext("Me"), NOBODY: gettext("Nobody"), **self.people.names}
        steps = {
            "overdue": gettext("Overdue"), "today": gettext("Today"), "planned": gettext("Planned"), "none": gettext("No next step"),
        }  # fmt: skip
        owner = self.chip("owner", gettext("Owner"), self.wanted.owner, owners)
        step = self.chip("next", gettext("Next step"), self.wanted.next_step, steps)
        return [*self.own_chips, owner, *self.later_chips, step]

    def chip(self, name: str, label: str, value: Any, options: Mapping[Any, str], *also: str) -> Chip:
        """`also` are arguments that go with this one."""
        args = {key: text for key, text in self.wanted.to_args().items() if key not in {name, *also}} | self.extra_args
        # By hand: url_for takes 50 µs, and there is one for every colleague.
        path = self.list_url
        rest = "".join(f"&{key}={quote_plus(text)}" for key, text in args.items())
        values = value if isinstance(value, tuple) else (value,) if value not in {None, ""} else ()
        shown = ", ".join(str(options.get(one, one)) for one in values)
        offered = [] if values else [(str(text), f"{path}?{name}={quote_plus(str(key))}{rest}") for key, text in options.items()]
        return Chip(name, label, shown, f"{path}?{rest[1:]}" if args.keys() - {"view"} else path, offered)


def show_list(
    kind: type[ListPage],
    record_type: str,
    read: Callable[[Mapping[str, str]], tuple[AnyFilter, Order]],
    page_of: Callable[[AnyFilter, Order, Mapping[str, str] | None, tuple[str, ...]], ListPage],
) -> Response:
    """A list as its address and its views have it; for htmx only what the search changes.

    `page_of` makes the page that arguments name with these columns, and without arguments one that lists nothing: so it is shown
    after a mistake, with everything that was typed.
    """
    actor, mistake = current_actor(), None

    def read_all(args: Mapping[str, str]) -> tuple[AnyFilter, Order, tuple[str, ...], Grouping | None]:
        shown = shown_columns(kind.endpoints, record_type, kind.columns, kind.usual, actor, args.get("columns"))
        return (*read(args), shown, grouping_of(record_type, args.get("group")))

    opened = open_view(kind.endpoints, actor, read_all)
    args = opened.args
    try:
        wanted, order, shown, grouping = read_all(args)
    except Refused as refusal:
        if is_fragment():
            raise
        mistake = mistake_of(refusal, args.get("query", ""))
        wanted, order, shown, grouping = read_all({name: text for name, text in args.items() if name != "query"})
    is_for_counts = is_fragment() and grouping is not None and bool(args.get(COUNTS))
    page = page_of(wanted, order, None if mistake or is_for_counts else args, shown)
    page.mistake, page.opened, page.grouping = mistake, opened, grouping
    if mistake:
        return render("records/index.html", page, status=400)
    if is_for_counts:
        return render("records/_groups.html", page)
    page.is_new = wanted.is_empty and not page.found.rows and not has_records(record_type, actor)
    return render("records/_found.html" if is_fragment() else "records/index.html", page)
