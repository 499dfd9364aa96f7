"""Leads, contacts and organisations have the same notes, steps and timeline: a view is written once and gets an address at each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, url_for

from leadboard.queries.hosts import HostKey
from leadboard.web.parties.kinds import KINDS, record_url

View = Callable[..., Response]


@dataclass(frozen=True)
class RecordRef:
    """As much of a record as the panels need."""

    key: HostKey
    title: str

    @property
    def url(self) -> str:
        return record_url(*self.key)

    @property
    def drafts(self) -> str:
        """Under which a browser keeps what was typed for this record."""
        return str(self.key.id) if self.key.record_type == "lead" else f"{self.key.record_type}-{self.key.id}"

    def at(self, endpoint: str, **values: Any) -> str:
        """The address of a view below for this record, e.g. at("notes.add")."""
        return address(self.key, endpoint, **values)


def on_records(bp: Blueprint, rule: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Put a view at the address of a lead, a contact and an organisation followed by `rule`; it is called with a HostKey first."""

    def decorate(view: View) -> View:
        name, known = view.__name__, list(methods)
        bp.add_url_rule(f"/leads/<int:lead_id>{rule}", name, _bound(view, "lead", "lead_id"), methods=known)
        for kind in KINDS.values():
            bound = _bound(view, kind.record_type, "record_id")
            kind.bp.add_url_rule(f"/{kind.plural}/<int:record_id>{rule}", f"{bp.name}_{name}", bound, methods=known)
        return view

    return decorate


def _bound(view: View, record_type: str, argument: str) -> View:
    @wraps(view)
    def bound(**values: Any) -> Response:
        return view(HostKey(record_type, values.pop(argument)), **values)

    return bound


def address(host: HostKey, endpoint: str, **values: Any) -> str:
    """Where a view that on_records() put in several places is for this record."""
    if host.record_type == "lead":
        return url_for(endpoint, lead_id=host.id, **values)
    return KINDS[host.record_type].url(endpoint.replace(".", "_"), record_id=host.id, **values)
