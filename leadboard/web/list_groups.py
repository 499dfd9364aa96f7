"""Lists in groups: the strip above the rows, with how many are in each group.

As on the board: few are counted with the page; many by a request of their own, within a time limit, then up to a cap. Rows never
wait for numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from flask_babel import gettext

from leadboard.errors import N_
from leadboard.formats import Formats
from leadboard.lib.countries import country_name
from leadboard.models.lead_fields import INTEREST, QUALIFICATION
from leadboard.queries.groups import NO_CHOICE, Grouping, Tally, capped_tallies, choices_of, groupings, tallies, uncounted
from leadboard.queries.limits import within
from leadboard.queries.query_columns import Reader
from leadboard.queries.record_filter import RecordFilter
from leadboard.queries.record_list import RecordPage, plan_of
from leadboard.web.filter_bar import with_args

LIMIT_MS, ASKED_LIMIT_MS = 300, 20_000
# Beyond so many the others are behind a press.
MOST_IN_SIGHT = 12
# What asks for the numbers of many records, and for however many there are.
COUNTS, ALL = "counts", "all"


@dataclass(frozen=True)
class GroupItem:
    """One group: a link to its records, or none where no filter finds just these."""

    label: str
    url: str
    count: str
    sums: list[str]


@dataclass
class GroupStrip:
    """`load_url` fetches the numbers; `all_url` counts however long it takes, where that was given up."""

    heading: str
    clear_url: str
    items: list[GroupItem] = field(default_factory=list)
    load_url: str = ""
    all_url: str = ""

    @property
    def first(self) -> list[GroupItem]:
        return self.items[:MOST_IN_SIGHT]

    @property
    def others(self) -> list[GroupItem]:
        return self.items[MOST_IN_SIGHT:]


@dataclass(frozen=True)
class Grouped:
    """What a strip is made of: `extra` are the arguments of the list beside its filter, `path` is where it is."""

    grouping: Grouping
    wanted: RecordFilter
    reader: Reader
    path: str
    extra: Mapping[str, str]
    fmt: Formats
    names: Mapping[str, Mapping[int, str]]

    @cached_property
    def name_of(self) -> Callable[[Any], str]:
        return namer(self.grouping, self.names, self.fmt)

    @cached_property
    def _reader(self) -> Reader:
        """Groups are what the list names: stages of its pipeline, say."""
        return replace(self.reader, names=self.names)

    def strip(self, found: RecordPage[Any], counts: str | None) -> GroupStrip:
        """Above this page of the list; `counts` is what the request asks for."""
        if counts:
            return self._limited(ASKED_LIMIT_MS if counts == ALL else LIMIT_MS)
        if found.more_than_counted:
            return GroupStrip(self.heading, self._url(), load_url=self._url(group=self.grouping.key, **{COUNTS: "1"}))
        return self._strip(tallies(self.grouping, self.wanted.record_type, found.condition, self._reader))

    def _limited(self, limit: int) -> GroupStrip:
        """With as many numbers as there is time for."""
        table = self.wanted.record_type
        condition = plan_of(self.wanted, self.reader.actor, self.fmt.today).condition
        found = within(limit, lambda: tallies(self.grouping, table, condition, self._reader))
        if found is not None:
            return self._strip(found)
        capped = within(LIMIT_MS, lambda: capped_tallies(self.grouping, table, condition, self._reader))
        strip = self._strip(uncounted(self.grouping, self._reader) if capped is None else capped)
        strip.all_url = self._url(group=self.grouping.key, **{COUNTS: ALL})
        return strip

    @property
    def heading(self) -> str:
        return label_of(self.grouping)

    def _strip(self, found: Sequence[Tally]) -> GroupStrip:
        return GroupStrip(self.heading, self._url(), [self._item(one) for one in found])

    def _item(self, one: Tally) -> GroupItem:
        narrowing = self.grouping.narrow(one.value, self._reader)
        count = "" if one.count is None else self.fmt.number(one.count) + ("+" if one.is_capped else "")
        sums = [self.fmt.money(amount, currency, short=True) for currency, amount in sorted(one.sums.items())]
        url = with_args(self.path, {**narrowing.to_args(self.wanted), **self._rest}) if narrowing is not None else ""
        return GroupItem(self.name_of(one.value), url, count, sums)

    def _url(self, **more: str) -> str:
        return with_args(self.path, {**self.wanted.to_args(), **self._rest, **more})

    @property
    def _rest(self) -> dict[str, str]:
        """Without the groups: the records of one are a list without."""
        return {name: text for name, text in self.extra.items() if name != "group"}


def label_of(grouping: Grouping) -> str:
    return grouping.label if grouping.of is not None else gettext(grouping.label)


def group_menu(record_type: str, url: str) -> list[tuple[str, str, str]]:
    """(key, label, address) of everything a list can be grouped by; `url` is that of the list without groups.

    Keys are words of ours and fields.<key>: nothing to quote.
    """
    begin = f"{url}{'&' if '?' in url else '?'}group="
    return [(one.key, label_of(one), begin + one.key) for one in groupings(record_type)]


# In the order of NEXT_STEPS and of STATES.
_LISTS = {
    "next": (N_("Overdue"), N_("Today"), N_("Planned"), N_("No next step")),
    "state": (N_("On the board"), N_("Not now"), N_("Won"), N_("Lost")),
}
_FIXED = {"interest": INTEREST, "qualification": QUALIFICATION}


def namer(grouping: Grouping, known: Mapping[str, Mapping[int, str]], fmt: Formats) -> Callable[[Any], str]:
    """What makes the name of a group of its value."""
    key, none = grouping.key, gettext("Nobody") if grouping.key == "owner" else gettext("None")
    names: Mapping[Any, str] = known.get(key, {})
    if grouping.of is not None:
        names = {place: gettext(label) for place, (_, label) in enumerate(choices_of(grouping.of))} | {NO_CHOICE: none}
    elif key in _LISTS:
        names = {place: gettext(label) for place, label in enumerate(_LISTS[key])}
    elif key in _FIXED:
        names = {value: gettext(label) for value, label in _FIXED[key]}
    elif key == "country":
        return lambda code: country_name(code, fmt.locale) if code else none
    elif not names:
        return lambda text: text or none
    return lambda value: names.get(value) or (none if value in {None, ""} else gettext("Others"))
