"""The page of a contact or an organisation: a head, and the panels of defaults/party_panels.py and of plugins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from flask import Response, g

from leadboard import hookspecs
from leadboard.db import snapshot
from leadboard.domain.plugin_rules import party_ref
from leadboard.errors import NotFound
from leadboard.http import current_actor, formats, render
from leadboard.lib.text import initials
from leadboard.permissions import Permission, may_delete
from leadboard.queries.hosts import HostKey
from leadboard.queries.party_page import one_party
from leadboard.queries.party_relations import Group, deals_of
from leadboard.queries.record_history import setters_in, steps_of
from leadboard.web.merging import follow_merged
from leadboard.web.panels import PanelHost, actions_of, one_panel, panels_of
from leadboard.web.parties.deals import worth_of
from leadboard.web.parties.kinds import KINDS, PartyKind, contacts, on_both, organisations
from leadboard.web.record_layout import LAYOUTS, Layout
from leadboard.web.record_routes import RecordRef
from leadboard.web.record_view import Details, RecordPage, details_of, other_columns, shown_value, url_of

# Registered here: every view of the two is in a module that this one, or web/__init__.py, imports.
BLUEPRINTS = (contacts, organisations)


@dataclass
class PartyPage(RecordPage):
    """`party` are the record's columns and the names that its ids stand for."""

    head_template: ClassVar[str] = "parties/_head.html"
    head_id: ClassVar[str] = "party-head"

    kind: PartyKind
    party: dict[str, Any]
    may_edit: bool
    may_delete: bool
    panels: Mapping[Any, Sequence[Any]] = field(default_factory=dict)
    actions: Sequence[Any] = ()
    saved: str = ""
    with_names: tuple[str, ...] = ()

    @property
    def layout(self) -> Layout:
        return LAYOUTS[self.kind.record_type]

    @property
    def row(self) -> Mapping[str, Any]:
        return self.party

    @property
    def url(self) -> str:
        return self.kind.url("detail", record_id=self.party["id"])

    @property
    def may_take(self) -> bool:
        return self.may_edit and self.party["owner_id"] is None

    @property
    def details(self) -> Details:
        """Read when the first of its fields is shown. One statement."""
        steps = steps_of(self.kind.record_type, self.party["id"])
        return details_of(self.layout, self.party, setters_in(steps, self.layout.fields))

    @property
    def other_columns(self) -> list[tuple[str, str]]:
        return other_columns(self.party["other_columns"])

    def link_of(self, name: str) -> str:
        """What pressing the value of a field opens."""
        value = shown_value(self.layout, name, self.party[self.layout.fields[name].column], self.party, formats())
        return url_of(self.layout, name, value, self.party)

    @property
    def host(self) -> RecordRef:
        """The record as the panels of tasks and timeline know it."""
        return RecordRef(HostKey(self.kind.record_type, self.party["id"]), self.party["name"])

    @property
    def may_write(self) -> bool:
        """The same by the name that these know."""
        return self.may_edit

    @cached_property
    def groups(self) -> list[Group]:
        """Its leads, for the head and for their panel."""
        return deals_of(self.kind.record_type, self.party["id"], current_actor())

    @cached_property
    def worth(self) -> list[str]:
        return worth_of(self.groups)

    @cached_property
    def initials(self) -> str:
        return initials(self.party["name"])


def party_page(kind: PartyKind, record_id: int) -> PartyPage:
    """The page of a record that the reader may see. One statement. Raises NotFound."""
    actor = current_actor()
    party = one_party(kind.record_type, record_id, actor)
    return PartyPage(kind, party, actor.may(Permission.WRITE), may_delete(actor, party["owner_id"]))


def page_of(record_type: str, record_id: int) -> PartyPage:
    """The page that is being shown, read once for all of its panels; or what one panel by itself needs."""
    page: PartyPage | None = g.get("party_page")
    if page is None or (page.kind.record_type, page.party["id"]) != (record_type, record_id):
        page = g.party_page = party_page(KINDS[record_type], record_id)
    return page


def host_of(kind: PartyKind) -> PanelHost:
    return PanelHost(hookspecs.party_panels, hookspecs.party_actions, "party", "record_id", f"{kind.plural}.panel")


@on_both("/<int:record_id>")
def detail(kind: PartyKind, record_id: int) -> Response:
    """The whole page, from one state of the database."""
    actor, host = current_actor(), host_of(kind)
    with snapshot():
        try:
            page = page_of(kind.record_type, record_id)
        except NotFound:
            return follow_merged(kind.record_type, record_id)
        reference = party_ref(kind.record_type, page.party)
        page.panels, page.actions = panels_of(host, reference, actor), actions_of(host, reference, actor)
        return render("parties/detail.html", page)


@on_both("/<int:record_id>/panels/<key>")
def panel(kind: PartyKind, record_id: int, key: str) -> Response:
    party = one_party(kind.record_type, record_id, current_actor())
    url = kind.url("detail", record_id=record_id)
    return one_panel(host_of(kind), party_ref(kind.record_type, party), key, title=party["name"], url=url)
