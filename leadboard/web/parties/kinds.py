"""Contacts and organisations have the same pages: a view is written once, and each of the two kinds gets it at its own address."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import gettext

from leadboard.domain.record_rows import CONTACT, ORGANISATION, RecordTable
from leadboard.errors import N_

contacts = Blueprint("contacts", __name__)
organisations = Blueprint("organisations", __name__)


@dataclass(frozen=True)
class PartyKind:
    """`record_type` is contact or organisation; `plural` names the blueprint, the address and nothing a person reads."""

    bp: Blueprint
    table: RecordTable
    label: str
    label_plural: str
    icon: str

    @property
    def record_type(self) -> str:
        return self.table.name

    @property
    def plural(self) -> str:
        return self.bp.name

    @property
    def heading(self) -> str:
        """The kind as a person reads it, of many."""
        return gettext(self.label_plural)

    def url(self, endpoint: str, **values: Any) -> str:
        """The address of one of this kind's own views, e.g. url("detail", record_id=7)."""
        return url_for(f"{self.plural}.{endpoint}", **values)


CONTACTS = PartyKind(contacts, CONTACT, N_("Contact"), N_("Contacts"), "users")
ORGANISATIONS = PartyKind(organisations, ORGANISATION, N_("Organisation"), N_("Organisations"), "building")
KINDS = {kind.record_type: kind for kind in (CONTACTS, ORGANISATIONS)}

View = Callable[..., Response]


def on_both(rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Put a view at /contacts and /organisations followed by `rule`; it is called with its kind first."""

    def decorate(view: View) -> View:
        for kind in KINDS.values():
            kind.bp.add_url_rule(f"/{kind.plural}{rule}", view.__name__, _bound(view, kind), methods=list(methods))
        return view

    return decorate


def _bound(view: View, kind: PartyKind) -> View:
    @wraps(view)
    def bound(**values: Any) -> Response:
        return view(kind, **values)

    return bound


def record_view(record_type: str, endpoint: str, record_id: int, **values: Any) -> str:
    """The address of a view that records of every type have, e.g. record_view("lead", "edit_field", 7, name="city")."""
    if record_type == "lead":
        return url_for(f"leads.{endpoint}", lead_id=record_id, **values)
    return KINDS[record_type].url(endpoint, record_id=record_id, **values)


def record_url(record_type: str, record_id: int, **values: Any) -> str:
    """The page of any record."""
    return record_view(record_type, "detail", record_id, **values)
