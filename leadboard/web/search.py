"""Search: the panel below the box in the header, and the page with everything that was found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.errors import N_, Malformed
from leadboard.http import current_actor, formats, is_fragment, needs, render
from leadboard.lib.ids import is_id
from leadboard.lib.markdown import plain
from leadboard.lib.snippets import Pieces, marked, marked_number, snippet
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Permission
from leadboard.queries.record_filter import MAX_TEXT
from leadboard.queries.record_names import RecordNames
from leadboard.queries.search import KINDS, Hit, asked, search, search_page
from leadboard.web.parties.kinds import record_url
from leadboard.web.record_parts import due_words
from leadboard.web.search_actions import actions_for

bp = Blueprint("search", __name__)

IN_PANEL, ON_PAGE, ON_ITS_OWN = 5, 20, 50
MOST_RECENT = 6
# How far into a note its words are looked for to show what stands around them.
LONGEST_READ = 10_000
# (icon, heading, the way to everything of it)
_WORDS = {
    "lead": ("address-book", N_("Leads"), N_("All leads with “%(text)s”")),
    "contact": ("user", N_("Contacts"), N_("All contacts with “%(text)s”")),
    "organisation": ("building", N_("Organisations"), N_("All organisations with “%(text)s”")),
    "note": ("note", N_("Notes and calls"), N_("All notes with “%(text)s”")),
    "task": ("checkbox", N_("Next steps"), N_("All next steps with “%(text)s”")),
}
_ICONS = {**{kind: words[0] for kind, words in _WORDS.items()}, "activity": "phone"}
_DUE = {"overdue": "over", "today": "today", "planned": "plan", "none": "plan"}


@dataclass(frozen=True)
class Option:
    """One line: its name, what stands beside it, and of an entry what it hangs on. `key` is its id on the page."""

    key: str
    icon: str
    url: str
    title: Pieces
    details: Sequence[Pieces] = ()
    host: str = ""
    host_icon: str = ""
    due: tuple[str, str] | None = None
    is_text: bool = False


@dataclass(frozen=True)
class Group:
    """What was found of one kind. `all_url` leads to all of it, `list_url` to their list; `count` is "7" or "20+"."""

    kind: str
    label: str
    options: Sequence[Option]
    all_url: str = ""
    all_label: str = ""
    list_url: str = ""
    count: str = ""


@dataclass(frozen=True)
class SearchPage:
    """What was asked for and what was found; `kind` when only that is shown."""

    text: str
    groups: Sequence[Group]
    is_cut: bool = False
    kind: str = ""
    older_url: str = ""
    is_first: bool = True
    types: Sequence[tuple[str, str, bool]] = field(default_factory=tuple)

    @property
    def found(self) -> Sequence[Group]:
        """Without the actions."""
        return [group for group in self.groups if group.kind in KINDS]

    @property
    def status(self) -> str:
        """For those who hear and do not see it."""
        count = sum(len(group.options) for group in self.groups)
        return ngettext("%(n)s result", "%(n)s results", count, n=formats().number(count)) if count else gettext("Nothing found")

    @property
    def limit(self) -> int:
        return MAX_TEXT


@bp.get("/search")
@needs(Permission.READ)
def index() -> Response:
    """Everything with a text; for htmx the panel below the box."""
    text, kind = request.args.get("q", ""), request.args.get("type", "")
    if is_fragment():
        return render("search/_panel.html", _panel(text))
    if kind:
        return render("search/index.html", _of_one_kind(text, kind))
    return render("search/index.html", _everything(text))


def _panel(text: str) -> SearchPage:
    plain, words = asked(text)
    actions = _actions(words)
    if not words:
        return SearchPage(plain, [*actions, *_recents()])
    found = search(text, current_actor(), most=IN_PANEL)
    groups = [
        _group(kind, hits, found.text, words, all_url=_list_url(kind, found.text) or _url(found.text, kind))
        for kind, hits in found.hits.items()
        if hits
    ]
    return SearchPage(found.text, [*groups, *actions])


def _everything(text: str) -> SearchPage:
    found = search(text, current_actor(), most=ON_PAGE)
    groups = []
    for kind, hits in found.hits.items():
        if hits:
            is_more = kind in found.more
            count = formats().number(len(hits)) + ("+" if is_more else "")
            groups.append(
                _group(
                    kind, hits, found.text, found.words,
                    all_url=_url(found.text, kind) if is_more else "", list_url=_list_url(kind, found.text), count=count,
                )
            )  # fmt: skip
    return SearchPage(found.text, [*_actions(found.words), *groups], _is_cut(text), types=_types(found.text, ""))


def _of_one_kind(text: str, kind: str) -> SearchPage:
    if kind not in KINDS:
        raise Malformed(N_("This type is not known. Known are: %(known)s."), known=", ".join(KINDS))
    before = tuple(_ends(request.args.get("before", "")))
    page = search_page(kind, text, current_actor(), most=ON_ITS_OWN, before=before)
    group = _group(kind, page.hits, page.text, page.words, list_url=_list_url(kind, page.text))
    older = _url(page.text, kind, ".".join(map(str, page.before))) if page.before else ""
    return SearchPage(
        page.text, [group] if page.hits else [], _is_cut(text), kind, older, is_first=not before, types=_types(page.text, kind)
    )


def _ends(text: str) -> Iterator[int]:
    for part in text.split(".") if text else ():
        if not is_id(part):
            raise Malformed(N_("This page of results does not exist. Search again."))
        yield int(part)


def _is_cut(text: str) -> bool:
    return len(" ".join(text.split())) > MAX_TEXT


def _types(text: str, kind: str) -> list[tuple[str, str, bool]]:
    """(label, url, whether it is shown) of all together and of each type."""
    if not text:
        return []
    known = [(name, gettext(words[1])) for name, words in _WORDS.items()]
    return [(label, _url(text, name), name == kind) for name, label in [("", gettext("Everything")), *known]]


def _url(text: str, kind: str = "", before: str = "") -> str:
    return _with(url_for("search.index"), q=text, type=kind, before=before)


def _list_url(kind: str, text: str) -> str:
    """The list of a type of records with this text."""
    return _with(url_for(f"{kind}s.index"), q=text) if kind in RECORD_TYPES else ""


def _with(path: str, **values: str) -> str:
    return f"{path}?{urlencode({name: value for name, value in values.items() if value})}"


# ---------------------------------------------------------------------------------------------- lines


def _actions(words: Sequence[str]) -> list[Group]:
    options = [Option(action.key, action.icon, action.url, title) for action, title in actions_for(words)]
    return [Group("action", gettext("Actions"), options)] if options else []


def _recents() -> list[Group]:
    """What this browser says it showed lately, by the names of today."""
    parts = [part.partition("-") for part in request.args.get("recent", "")[:200].split(",")[:MOST_RECENT]]
    keys = [(kind, int(number)) for kind, _, number in parts if kind in RECORD_TYPES and is_id(number)]
    names = RecordNames(current_actor())
    for kind, number in keys:
        names.want(kind, [number])
    found = {(kind, name.id): name.name for kind, number in keys if (name := names.name(kind, number)) is not None}
    options = [_option(Hit(kind, number, name), "", ()) for (kind, number), name in found.items()]
    return [Group("recent", gettext("Viewed lately"), options)] if options else []


def _group(kind: str, hits: Sequence[Hit], text: str, words: Sequence[str], **known: str) -> Group:
    _, label, everything = _WORDS[kind]
    options = [_option(hit, text, words) for hit in hits]
    return Group(kind, gettext(label), options, all_label=gettext(everything, text=text), **known)


def _option(hit: Hit, text: str, words: Sequence[str]) -> Option:
    key, icon = f"{hit.kind}-{hit.id}", _ICONS[hit.kind]
    if hit.host is None:
        details = [marked(one, words) for one in hit.details]
        number = [marked_number(hit.phone, text)] if hit.phone else []
        return Option(key, icon, record_url(hit.kind, hit.id), marked(hit.title, words), [*details, *number])
    record_type, record_id, name = hit.host
    host_icon, page = _ICONS[record_type], record_url(record_type, record_id)
    if hit.kind == "task":
        due = ("done", gettext("Done")) if hit.is_done else (_DUE[formats().due(hit.due_on)], due_words(hit.due_on))
        return Option(key, icon, f"{page}#t{hit.id}", marked(hit.title, words, words=True), (), name, host_icon, due)
    url = url_for("notes.show", note_id=hit.id) if hit.kind == "note" else page
    body = snippet(plain(hit.body, LONGEST_READ), words)
    if hit.title:
        return Option(key, icon, url, marked(hit.title, words, words=True), [body] if body else [], name, host_icon)
    return Option(key, icon, url, body, (), name, host_icon, is_text=True)
