"""Contacts and organisations out as a file, as they are filtered in their list."""

from flask import Response, request
from flask_babel import gettext

from leadboard.errors import Refused
from leadboard.http import current_actor, formats, needs
from leadboard.permissions import Permission
from leadboard.queries.languages import LANGUAGES
from leadboard.queries.party_filter import FILTERS, PartyFilter
from leadboard.queries.party_query import party_reader
from leadboard.queries.query_parts import typed_text
from leadboard.queries.record_filter import known_owners
from leadboard.queries.views import with_view
from leadboard.web.exports import send_export, show_export, show_mistake
from leadboard.web.filter_bar import FilterBar
from leadboard.web.parties.kinds import CONTACTS, PartyKind, on_both


@on_both("/export")
@needs(Permission.EXPORT)
def export(kind: PartyKind) -> Response:
    """In which format; for a spreadsheet or exact."""
    heading = gettext("Export contacts") if kind is CONTACTS else gettext("Export organisations")
    actor, owners = current_actor(), known_owners()
    try:
        wanted = (
            FILTERS[kind.record_type]
            .from_args(with_view(request.args, actor, kind.record_type), actor, owners)
            .without("deleted")
        )
    except Refused as refusal:
        return show_mistake(heading, refusal, kind.record_type, kind.url("export"), kind.url("index"))
    args = wanted.to_args()
    typed = typed_text(wanted, party_reader(actor, owners.names), LANGUAGES[kind.record_type])
    kept = {name: args[name] for name in ("organisation",) if name in args}
    bar = FilterBar(kind.record_type, kind.url("export"), typed, kept)
    told = _told(kind, is_filtered=bool(args))
    return show_export(heading, told, bar=bar, action=kind.url("take_export", **args), back_url=kind.url("index", **args))


@on_both("/export", methods=("POST",))
@needs(Permission.EXPORT)
def take_export(kind: PartyKind) -> Response:
    """The records of a filter, the same arguments as the list's, sent piece by piece."""
    where, params = _filter(kind).where(current_actor(), kind.record_type, formats().today)
    return send_export(kind.record_type, kind.plural, where, params)


def _filter(kind: PartyKind) -> PartyFilter:
    return (
        FILTERS[kind.record_type]
        .from_args(with_view(request.args, current_actor(), kind.record_type), current_actor(), known_owners())
        .without("deleted")
    )


def _told(kind: PartyKind, *, is_filtered: bool) -> str:
    if kind is CONTACTS:
        return (
            gettext("The contacts of the list as it is filtered, one a row, with all fields.")
            if is_filtered
            else gettext("All contacts that you may see, one a row, with all fields.")
        )
    return (
        gettext("The organisations of the list as it is filtered, one a row, with all fields.")
        if is_filtered
        else gettext("All organisations that you may see, one a row, with all fields.")
    )
