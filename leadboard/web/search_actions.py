"""What can be done from the search box besides finding: new records, boards, pages; each by its words in the reader's language."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import gettext

from leadboard.http import current_actor
from leadboard.lib.searchwords import phrase_of
from leadboard.lib.snippets import Pieces, marked
from leadboard.lib.text import fold
from leadboard.permissions import Permission
from leadboard.queries.pipelines import pipelines
from leadboard.web.admin.nav import SUBNAV
from leadboard.web.shell import navigation

MOST = 4
MOST_UNASKED = 5


@dataclass(frozen=True)
class Action:
    """A page to go to. `also` are other words that find it."""

    key: str
    label: str
    icon: str
    url: str
    also: str = ""


def actions_for(words: Sequence[str]) -> list[tuple[Action, Pieces]]:
    """Those that all words fit, which may begin their words; without any word those used most."""
    if not words:
        return [(action, [(action.label, False)]) for action in (*_making(), *_boards())][:MOST_UNASKED]
    found = [action for action in (*_making(), *_boards(), *_pages()) if _fits(action, words)]
    return [(action, marked(action.label, words, words=True)) for action in found[:MOST]]


def _fits(action: Action, words: Sequence[str]) -> bool:
    known = phrase_of(fold(f"{action.label} {action.also}"))
    asked = [part for word in words for part in phrase_of(word)]
    return bool(asked) and all(any(one.startswith(part) for one in known) for part in asked)


def _making() -> Iterator[Action]:
    if not current_actor().may(Permission.WRITE):
        return
    # Other words that people type for it, in the reader's language.
    also = gettext("add create")
    yield Action("new-lead", gettext("New lead"), "plus", url_for("leads.new"), also)
    for endpoint, label in (("contacts.new", gettext("New contact")), ("organisations.new", gettext("New organisation"))):
        if endpoint in current_app.view_functions:
            yield Action(endpoint.replace(".", "-"), label, "plus", url_for(endpoint), also)


def _boards() -> Iterator[Action]:
    also = gettext("pipeline open")
    for one in pipelines():
        label = gettext("Go to the board “%(name)s”", name=one.name)
        yield Action(f"board-{one.id}", label, "layout-kanban", url_for("board.show", pipeline_id=one.id), also)


def _pages() -> Iterator[Action]:
    """The navigation, and the pages of Settings."""
    actor = current_actor()
    also = gettext("go to open")
    for number, item in enumerate(navigation()):
        # The boards have their own names.
        if item.icon != "layout-kanban":
            yield Action(f"page-{number}", item.label, item.icon, item.url, also)
    yield Action("account", gettext("Your account"), "user", url_for("account.index"), also)
    for endpoint, label, icon, permission in SUBNAV:
        if actor.may(permission):
            text = gettext("Settings: %(page)s", page=gettext(label))
            yield Action(f"settings-{endpoint.replace('.', '-')}", text, icon, url_for(endpoint), also)
