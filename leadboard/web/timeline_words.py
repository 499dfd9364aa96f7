"""What a timeline says of records: the verb of each event, and what tells of two of them, who are linked where they may be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from flask_babel import gettext, ngettext
from markupsafe import Markup

from leadboard.errors import N_
from leadboard.events import EventKind
from leadboard.formats import Formats
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.party_fields import CONTACT_FIELDS, ORGANISATION_FIELDS
from leadboard.queries.hosts import HostKey
from leadboard.queries.timeline import Entry, FieldChange
from leadboard.queries.timeline_names import Names
from leadboard.web.parties.kinds import record_url

FIELDS = {"lead": LEAD_FIELDS, "contact": CONTACT_FIELDS, "organisation": ORGANISATION_FIELDS}
MOST_POINTS = 10

VERBS: dict[str, str] = {
    EventKind.LEAD_CREATED: N_("created this lead"),
    EventKind.CONTACT_CREATED: N_("created this contact"),
    EventKind.ORGANISATION_CREATED: N_("created this organisation"),
    EventKind.LEAD_UPDATED: N_("changed"),
    EventKind.CONTACT_UPDATED: N_("changed"),
    EventKind.ORGANISATION_UPDATED: N_("changed"),
    EventKind.POINTS_CHANGED: N_("changed"),
    EventKind.RECORD_LINKED: N_("changed"),
    EventKind.TAGS_CHANGED: N_("changed"),
    EventKind.LEAD_MOVED: N_("moved"),
    EventKind.LEAD_WOKEN: N_("brought this lead back to the board"),
    EventKind.LEAD_CONVERTED: N_("converted this lead"),
    EventKind.LEAD_DELETED: N_("moved this lead to the bin"),
    EventKind.CONTACT_DELETED: N_("moved this contact to the bin"),
    EventKind.ORGANISATION_DELETED: N_("moved this organisation to the bin"),
    EventKind.LEAD_RESTORED: N_("took this lead out of the bin"),
    EventKind.CONTACT_RESTORED: N_("took this contact out of the bin"),
    EventKind.ORGANISATION_RESTORED: N_("took this organisation out of the bin"),
    EventKind.LINK_REFUSED: N_("said that this lead is not about"),
    EventKind.EMPLOYMENT_CHANGED: N_("changed where this contact works"),
    EventKind.LEAD_SNOOZED: N_("took this lead off the board"),
    EventKind.RECORD_SPLIT: N_("split off again what was merged in:"),
    EventKind.NOTE_ADDED: N_("wrote a note"),
    EventKind.NOTE_DELETED: N_("deleted a note"),
    EventKind.ACTIVITY_LOGGED: N_("logged a call"),
    EventKind.ACTIVITY_DELETED: N_("deleted an entry"),
    EventKind.TASK_ADDED: N_("planned"),
    EventKind.TASK_CHANGED: N_("changed the next step"),
    EventKind.TASK_COMPLETED: N_("did"),
    EventKind.TASK_REOPENED: N_("reopened"),
    EventKind.TASK_DELETED: N_("deleted the next step"),
    EventKind.TASK_RESTORED: N_("brought back the next step"),
}
_BY_IMPORT = {
    EventKind.CONTACT_CREATED: N_("imported this contact"),
    EventKind.ORGANISATION_CREATED: N_("imported this organisation"),
}
_MADE_UP = {
    EventKind.LEAD_CREATED: N_("made this lead up, as sample data"),
    EventKind.CONTACT_CREATED: N_("made this contact up, as sample data"),
    EventKind.ORGANISATION_CREATED: N_("made this organisation up, as sample data"),
}
_BY_MERGE = {
    EventKind.LEAD_DELETED: N_("merged this lead into another one"),
    EventKind.CONTACT_DELETED: N_("merged this contact into another one"),
    EventKind.ORGANISATION_DELETED: N_("merged this organisation into another one"),
}
_MERGED_IN = {
    "lead": N_("merged another lead into this one:"),
    "contact": N_("merged another contact into this one:"),
    "organisation": N_("merged another organisation into this one:"),
}
# The creation of a record and its way back to the board are told without fields.
WITHOUT_CHANGES = {*_MADE_UP, EventKind.LEAD_WOKEN}
# Told by RecordTexts.
TOLD_BY_RECORDS = {
    EventKind.POINTS_CHANGED, EventKind.RECORD_LINKED, EventKind.RECORD_MERGED, EventKind.RECORD_SPLIT,
    EventKind.EMPLOYMENT_CHANGED, EventKind.LEAD_CONVERTED, EventKind.LINK_REFUSED, EventKind.TAGS_CHANGED,
}  # fmt: skip
_LINKS = {
    "contact_id": ("contact", N_("Contact")),
    "organisation_id": ("organisation", N_("Organisation")),
    "primary_contact_id": ("contact", N_("First contact")),
}
_POINTS = {"email": N_("E-mail"), "phone": N_("Phone")}


def verb_of(entry: Entry) -> str:
    """What its actor did, to be translated."""
    kind, way = entry.kind, entry.change_kind
    if way.startswith(("sample", "demo")) and kind in _MADE_UP:
        return _MADE_UP[EventKind(kind)]
    if way.startswith("import") and kind in _BY_IMPORT:
        return _BY_IMPORT[EventKind(kind)]
    if way == "stage.update" and kind == EventKind.LEAD_UPDATED:
        return N_("changed whether the stage of this lead is open, won or lost")
    if way.endswith(".merge") and kind in _BY_MERGE:
        return _BY_MERGE[EventKind(kind)]
    return _MERGED_IN[entry.record_type] if kind == EventKind.RECORD_MERGED else VERBS.get(kind, "")


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A field and the texts that it had, oldest first; '' is empty. A record's name is a link."""

    label: str
    texts: tuple[str, ...]


class Line(Protocol):
    """What RecordTexts fills of an EntryView."""

    verb: str
    title: str
    extra: Sequence[str]
    changes: Sequence[ChangeView]


class RecordTexts:
    """Tells what took place between two records, and to the list of addresses and numbers of one."""

    def __init__(self, formats: Formats, names: Names) -> None:
        self.formats = formats
        self.names = names

    def link(self, host: HostKey) -> Markup:
        """A record by its name, with the way to it; of one that the reader may not see, that there is one."""
        found = self.names.records.get(host)
        if found is None:
            return Markup('<span class="muted">{}</span>').format(gettext("one that you do not see"))
        if not found.is_there:
            return Markup("{}").format(found.name)
        return Markup('<a href="{}">{}</a>').format(record_url(*host), found.name)

    def fill(self, view: Line, entry: Entry) -> None:
        change = {change.field: change for change in entry.changes}
        if entry.kind in {EventKind.RECORD_MERGED, EventKind.RECORD_SPLIT}:
            view.title = self.link(entry.others["other"])
        elif entry.kind == EventKind.LINK_REFUSED:
            self._refused(view, entry)
        elif entry.kind == EventKind.EMPLOYMENT_CHANGED and "employment" in change:
            self._employment(view, entry, change["employment"])
        elif entry.kind == EventKind.LEAD_CONVERTED:
            self._converted(view, entry)
        elif entry.kind == EventKind.TAGS_CHANGED and "tags" in change:
            view.changes = [ChangeView(gettext("Tags"), tuple(", ".join(names or ()) for names in change["tags"].values))]
        elif entry.kind == EventKind.POINTS_CHANGED and "points" in change:
            self._points(view, change["points"])
        elif entry.kind == EventKind.RECORD_LINKED and entry.is_about_host:
            view.changes = [self._link_change(found) for name, found in change.items() if name in _LINKS]
        elif entry.kind == EventKind.RECORD_LINKED:
            linked = any(found.values[-1] == entry.host.id for name, found in change.items() if name == entry.host.column)
            view.verb = gettext("linked the lead") if linked else gettext("took away the link to the lead")
            view.title = self.link(entry.others["about"])

    def _link_change(self, change: FieldChange) -> ChangeView:
        record_type, label = _LINKS[change.field]
        texts = tuple("" if value is None else self.link(HostKey(record_type, value)) for value in change.values)
        return ChangeView(gettext(label), texts)

    def _refused(self, view: Line, entry: Entry) -> None:
        if "allowed" in entry.others:
            view.verb = gettext("took back that this lead is not about")
        view.title = self.link(entry.others.get("refused") or entry.others["allowed"])

    def _converted(self, view: Line, entry: Entry) -> None:
        is_undone = entry.change_kind == "undo"
        if entry.is_about_host:
            view.verb = gettext("took back the conversion of this lead") if is_undone else view.verb
            return
        view.verb = gettext("took back the conversion of the lead") if is_undone else gettext("converted the lead")
        view.title = self.link(entry.others["about"])

    def _employment(self, view: Line, entry: Entry, change: FieldChange) -> None:
        """Said of the firm on the person's timeline, and of the person on the firm's. A title of None is not being there."""
        before, after = change.values[0], change.values[-1]
        if entry.is_about_host:
            added, ended, changed = (
                gettext("put this contact at"), gettext("took this contact from"), gettext("changed the job title at"),
            )  # fmt: skip
            view.title = self.link(entry.others["organisation"])
        else:
            added, ended, changed = (
                gettext("put here"), gettext("took from here"), gettext("changed the job title of"),
            )  # fmt: skip
            view.title = self.link(entry.others["about"])
        view.verb = added if before is None else ended if after is None else changed
        if not entry.is_about_host and entry.others["about"] not in self.names.records:
            return  # what somebody does there tells of them
        if before and after:
            view.extra = [f"{before} → {after}"]
        elif after:
            view.extra = [after]

    def _points(self, view: Line, change: FieldChange) -> None:
        """Each address or number that came, went, or has another label now."""
        before, after = (
            {(kind, text): label for kind, text, label in points or ()} for points in (change.values[0], change.values[-1])
        )
        found = [
            ChangeView(gettext(_POINTS.get(key[0], "")), (_point(key, before), _point(key, after)))
            for key in {**before, **after}
            if before.get(key) != after.get(key)
        ]
        view.changes = found[:MOST_POINTS]
        if len(found) > MOST_POINTS:
            left = len(found) - MOST_POINTS
            view.extra = [ngettext("and %(n)s more", "and %(n)s more", left, n=self.formats.number(left))]
        elif not found:
            view.verb = gettext("put addresses and numbers in another order")


def _point(key: tuple[Any, Any], points: dict[tuple[Any, Any], str]) -> str:
    if key not in points:
        return ""
    return f"{key[1]} ({points[key]})" if points[key] else str(key[1])
