"""Entries of a timeline as texts, worked out once a page so that the template only writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask_babel import gettext, ngettext
from markupsafe import Markup

from leadboard.contributions import ActivityType
from leadboard.domain.activities import CALL
from leadboard.errors import N_
from leadboard.events import EventKind
from leadboard.formats import Formats
from leadboard.forms.timeline import DIRECTIONS, OUTCOMES
from leadboard.lib.dates import iso_utc
from leadboard.lib.markdown import render as render_markdown
from leadboard.lib.mentions import mark_mentions
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind
from leadboard.pluginhost.registry import registry
from leadboard.queries.hosts import HostKey
from leadboard.queries.notes import NoteRow
from leadboard.queries.timeline import ActivityFacts, Entry, FieldChange, MoveFacts, TimelinePage
from leadboard.queries.timeline_names import Names
from leadboard.web.custom_facts import label_of, shown_by_name
from leadboard.web.field_texts import field_text
from leadboard.web.parties.kinds import record_url
from leadboard.web.record_routes import address
from leadboard.web.timeline_words import FIELDS, TOLD_BY_RECORDS, VERBS, WITHOUT_CHANGES, ChangeView, RecordTexts, verb_of

DAY_MS = 86_400_000
LONGEST_CACHED = 4000


def note_html(text: str) -> Markup:
    """A note's Markdown as HTML that a template may show as it is."""
    return _short_note_html(text) if len(text) <= LONGEST_CACHED else _note_html(text)


def _note_html(text: str) -> Markup:
    # The one place where HTML is trusted: lib/markdown.py has cleaned it by an allow-list.
    return Markup(mark_mentions(render_markdown(text)))  # noqa: S704 - cleaned by lib/markdown.py


_short_note_html = lru_cache(maxsize=1024)(_note_html)


@dataclass(frozen=True, slots=True)
class StageView:
    name: str
    tone: str


@dataclass(slots=True)
class EntryView:
    """One line. `day` is the heading above it, when it begins a day; `extra` stands muted behind the sentence.

    `whose` is a link to the record that it is of, when that is another one than the page's or was merged into that; buttons
    are on the record's own page.
    """

    dom_id: str
    icon: str
    tone: str
    is_minor: bool
    who: str
    verb: str
    clock: str
    moment: str
    iso: str
    day: str = ""
    title: str = ""  # a record's name is a link: Markup
    extra: Sequence[str] = ()
    from_stage: StageView | None = None
    to_stage: StageView | None = None
    changes: Sequence[ChangeView] = ()
    html: Markup | None = None
    note: NoteRow | None = None
    activity: ActivityFacts | None = None
    whose: Markup | None = None
    is_own: bool = True
    split_id: int | None = None


@dataclass(frozen=True, slots=True)
class FilterView:
    """A choice of what is told: its page, and the address of the list alone."""

    label: str
    url: str
    part_url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class TimelineView:
    pinned: Sequence[EntryView]
    entries: Sequence[EntryView]
    newest_url: str
    older_url: str
    older_part_url: str
    may_write: bool
    filters: Sequence[FilterView] = ()


# kind: icon, tone, whether it is a small line
_LOOKS: dict[str, tuple[str, str, bool]] = {
    EventKind.NOTE_ADDED: ("note", "grey", False),
    EventKind.ACTIVITY_LOGGED: ("phone", "green", False),
    EventKind.LEAD_MOVED: ("arrow-right", "purple", False),
    EventKind.LEAD_SNOOZED: ("player-pause", "amber", False),
    EventKind.LEAD_WOKEN: ("player-play", "amber", False),
    EventKind.TASK_COMPLETED: ("checkbox", "teal", False),
    EventKind.LEAD_CONVERTED: ("users", "teal", False),
}


def _filters(host: HostKey, *, is_wide: bool) -> list[FilterView]:
    only = {"contact": N_("Only this contact"), "organisation": N_("Only this organisation")}[host.record_type]
    return [
        FilterView(
            gettext(label), record_url(host.record_type, host.id, **chosen), address(host, "timeline.older", list=1, entries=chosen.get("entries", "all")), is_on
        )
        for label, chosen, is_on in ((N_("Everything"), {}, is_wide), (only, {"entries": "own"}, not is_wide))
    ]  # fmt: skip


class TimelinePainter:
    """Turns what queries/timeline.py read into texts, with every label translated once."""

    def __init__(self, formats: Formats, names: Names) -> None:
        self.formats = formats
        self.names = names
        self.yesterday = date.fromordinal(formats.today.toordinal() - 1)
        self.labels: dict[tuple[str, str], str] = {}
        self.verbs: dict[str, str] = {}
        self.records = RecordTexts(formats, names)
        self.types: dict[str, ActivityType] = registry().by_key("register_activity_types")

    def page(self, found: TimelinePage, *, day_above: date | None = None) -> TimelineView:
        """`day_above` is the day of the last entry that is on screen already: its heading is not repeated."""
        entries = [self.entry(entry) for entry in found.entries]
        if found.may_write:
            self._offer_splits(found.entries, entries)
        above = day_above
        for entry, view in zip(found.entries, entries, strict=True):
            day = self.formats.local(entry.at).date()
            if day != above:
                view.day, above = self._day_name(day), day
        host, older = found.host, found.older
        chosen = {"entries": "own"} if found.is_wide is False else {}
        return TimelineView(
            [self.pinned(note) for note in found.pinned], entries,
            record_url(host.record_type, host.id, **chosen) if found.before is not None else "",
            record_url(host.record_type, host.id, before=older, **chosen) if older is not None else "",
            address(host, "timeline.older", before=older, day=above, **chosen) if older is not None else "",
            found.may_write, [] if found.is_wide is None else _filters(host, is_wide=found.is_wide),
        )  # fmt: skip

    @staticmethod
    def _offer_splits(entries: Sequence[Entry], views: Sequence[EntryView]) -> None:
        """A merge is taken back from the page of the record that was kept: one further down the chain has to wait."""
        for entry, view in zip(entries, views, strict=True):
            if entry.is_own and entry.merged_from is None:
                view.split_id = entry.split_id

    def _day_name(self, day: date) -> str:
        if day == self.formats.today:
            return gettext("Today")
        return gettext("Yesterday") if day == self.yesterday else self.formats.day(day)

    def entry(self, entry: Entry) -> EntryView:
        icon, tone, is_minor = _LOOKS.get(entry.kind, ("", "grey", True))
        view = EntryView(
            f"e{entry.id}", icon, tone, is_minor, self._who(entry), self._verb(verb_of(entry)),
            *self._when(entry.at), title=entry.title, whose=self._whose(entry), is_own=entry.is_own,
        )  # fmt: skip
        if entry.note is not None:
            self._fill_note(view, entry.note)
        elif entry.activity is not None:
            self._fill_activity(view, entry.activity)
        elif entry.move is not None:
            self._fill_move(view, entry.move)
        elif entry.kind == EventKind.LEAD_SNOOZED:
            until = next((change.values[-1] for change in entry.changes if change.field == "snoozed_until"), None)
            view.verb = gettext("took this lead off the board until %(day)s", day=self.formats.day(until))
        elif entry.imported is not None:
            view.verb = gettext(
                "imported this lead from %(file)s, row %(n)s",
                file=entry.imported.file_name, n=self.formats.number(entry.imported.line_number),
            )  # fmt: skip
        elif entry.kind == EventKind.TASK_ADDED:
            texts = {change.field: self._value(entry.record_type, change, -1) for change in entry.changes}
            # The step may have been renamed since: here it is called what it was called then.
            view.title = texts.pop("title", view.title)
            view.extra = [text for text in texts.values() if text]
        elif entry.kind in TOLD_BY_RECORDS:
            self.records.fill(view, entry)
        elif entry.kind not in WITHOUT_CHANGES:
            view.changes = self.changes(entry.record_type, entry.changes)
        return view

    def pinned(self, note: NoteRow) -> EntryView:
        """A note above the timeline; it tells its day, for it stands under no heading."""
        view = self.note(note)
        view.clock = f"{self.formats.day(self.formats.local(note.created_at).date())} {view.clock}"
        return view

    def note(self, note: NoteRow) -> EntryView:
        icon, tone = ("pinned", "amber") if note.is_pinned else ("note", "grey")
        view = EntryView(
            f"n{note.id}", icon, tone, False, note.author_name or gettext("Leadboard"), self._verb(VERBS[EventKind.NOTE_ADDED]),
            *self._when(note.created_at),
        )  # fmt: skip
        self._fill_note(view, note)
        return view

    def _verb(self, words: str) -> str:
        if words not in self.verbs:
            self.verbs[words] = gettext(words) if words else ""
        return self.verbs[words]

    def _who(self, entry: Entry) -> str:
        if entry.actor_kind == "token":
            return gettext("%(name)s by API", name=self.names.token_owners.get(entry.actor_id or 0, ""))
        return self.names.users.get(entry.actor_id or 0, "") or gettext("Leadboard")

    def _whose(self, entry: Entry) -> Markup | None:
        other = entry.merged_from if entry.is_own else entry.host
        return None if other is None else self.records.link(other)

    def _when(self, at: int) -> tuple[str, str, str]:
        local = self.formats.local(at)
        return self.formats.clock(local), self.formats.moment(local), iso_utc(local.replace(microsecond=0))

    # ------------------------------------------------------------------------------------------ kinds

    def _fill_note(self, view: EntryView, note: NoteRow) -> None:
        view.dom_id, view.note, view.html = f"n{note.id}", note, note_html(note.body)

    def _fill_activity(self, view: EntryView, activity: ActivityFacts) -> None:
        found = self.types.get(activity.kind)
        if found is not None:
            view.icon, view.tone, view.verb = found.icon, found.tone, gettext(found.verb)
        else:
            # Of a plugin that is off: the entry stays, in plain words.
            view.icon, view.tone, view.verb = "bolt", "grey", gettext("logged %(what)s", what=activity.kind)
        labels = {value: str(label) for value, label in (*DIRECTIONS, *OUTCOMES)} if activity.kind == CALL else {}
        view.extra = [labels[word] for word in (activity.direction, activity.outcome) if word in labels]
        if activity.duration_seconds:
            view.extra = [*view.extra, gettext("%(n)s min", n=self.formats.number(max(1, round(activity.duration_seconds / 60))))]
        view.title = activity.subject
        view.dom_id, view.activity, view.html = f"a{activity.id}", activity, note_html(activity.body) if activity.body else None

    def _fill_move(self, view: EntryView, move: MoveFacts) -> None:
        view.from_stage = self._stage(move.from_stage_id) if move.from_stage_id != move.to_stage_id else None
        view.to_stage = self._stage(move.to_stage_id)
        if view.from_stage is None:
            view.verb = gettext("brought this lead back to")
        extra = []
        if move.from_pipeline_id != move.to_pipeline_id and move.to_pipeline_id in self.names.pipelines:
            extra.append(gettext("in %(pipeline)s", pipeline=self.names.pipelines[move.to_pipeline_id]))
        if move.stayed_ms is not None and view.from_stage is not None:
            extra.append(self._stayed(move.stayed_ms))
        if move.lost_reason_id in self.names.lost_reasons:
            extra.append(self.names.lost_reasons[move.lost_reason_id])
        if move.lost_to:
            extra.append(gettext("lost to %(name)s", name=move.lost_to))
        view.extra = extra

    def _stage(self, stage_id: int | None) -> StageView:
        return StageView(*self.names.stages.get(stage_id or 0, (gettext("a stage that is gone"), "grey")))

    def _stayed(self, stayed_ms: int) -> str:
        days = stayed_ms // DAY_MS
        return ngettext("after %(num)s day", "after %(num)s days", days) if days else gettext("after less than a day")

    # ------------------------------------------------------------------------------------------ values

    def changes(self, record_type: str, changes: Sequence[FieldChange]) -> list[ChangeView]:
        """What fields were and became."""
        # An amount is written with its currency: a line of its own would say the same again.
        has_amount = any(change.field == "value_amount" for change in changes)
        return [
            ChangeView(
                self._label(record_type, change.field),
                tuple(self._value(record_type, change, at) for at in range(len(change.values))),
            )
            for change in changes
            if not (has_amount and change.field == "value_currency")
        ]

    def _label(self, record_type: str, name: str) -> str:
        if (record_type, name) not in self.labels:
            known = {"due_on": N_("Day"), "assignee_id": N_("Who"), "snoozed_until": N_("Off the board until")}
            fields = FIELDS.get(record_type, LEAD_FIELDS)
            label = known.get(name) or (fields[name].label if name in fields else "")
            self.labels[record_type, name] = gettext(label) if label else label_of(name, record_type)
        return self.labels[record_type, name]

    def _value(self, record_type: str, change: FieldChange, at: int) -> str:
        value = change.values[at]
        if value is None or value == "":
            return ""
        if change.field in {"due_on", "snoozed_until"}:
            return self.formats.day(value)
        if change.field == "assignee_id":
            return self.names.users.get(value, "")
        field = FIELDS.get(record_type, LEAD_FIELDS).get(change.field)
        if field is None:
            return shown_by_name(change.field, value, record_type).text
        if field.kind is FieldKind.MONEY:
            currencies = change.currencies
            return self.formats.money(value, currencies[min(at, len(currencies) - 1)] or None)
        if field.kind is FieldKind.USER:
            return self.names.users.get(value) or gettext("somebody who is gone")
        if field.kind is FieldKind.SOURCE:
            return self.names.sources.get(value) or gettext("a source that is gone")
        if field.kind is FieldKind.ORGANISATION:
            return self.records.link(HostKey("organisation", value))
        return field_text(field, value, self.formats)
