"""Contacts and organisations out as a file, as they are filtered in their list."""

from typing import Any

from flask import Response, request
from flask_babel import gettext

from leadboard.http import current_actor, needs
from leadboard.permissions import Permission, visible_sql
from leadboard.web.exports import send_export, show_export
from leadboard.web.parties.kinds import CONTACTS, PartyKind, on_both


@on_both("/export")
@needs(Permission.EXPORT)
def export(kind: PartyKind) -> Response:
    """In which format; for a spreadsheet or exact."""
    filters = _filters()
    return show_export(_heading(kind), _told(kind), action=kind.url("take_export", **filters), back_url=f"/{kind.plural}")


@on_both("/export", methods=("POST",))
@needs(Permission.EXPORT)
def take_export(kind: PartyKind) -> Response:
    """The records that the list shows, sent piece by piece."""
    where, params = _condition(kind)
    return send_export(kind.record_type, kind.plural, where, params)


def _heading(kind: PartyKind) -> str:
    return gettext("Export contacts") if kind is CONTACTS else gettext("Export organisations")


def _told(kind: PartyKind) -> str:
    if kind is CONTACTS:
        return gettext("All contacts that you may see, one a row, with all fields.")
    return gettext("All organisations that you may see, one a row, with all fields.")


def _filters() -> dict[str, Any]:
    return request.args.to_dict()


def _condition(kind: PartyKind) -> tuple[str, list[Any]]:
    """What the list of this kind shows, as a condition over its table."""
    return visible_sql(current_actor(), kind.record_type)
