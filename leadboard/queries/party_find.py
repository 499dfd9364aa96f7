"""The contact or the organisation that somebody means by a few typed words."""

from leadboard.db import rows
from leadboard.lib.phones import phone_fragment
from leadboard.lib.text import TextError, clean_line, fold, sort_key
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.party_matches import MOST, PartyMatch, Reason, matching_contacts, matching_organisations
from leadboard.queries.settings import instance

LONGEST = 200
_LAST = "\U0010ffff"
_DETAIL = {
    "contact": "coalesce((select o.name from organisation o where o.id = contact.organisation_id and {visible}), contact.email)",
    "organisation": "coalesce(organisation.domain, organisation.city)",
}


def find_parties(record_type: str, text: str, actor: Actor) -> list[PartyMatch]:
    """Those with this e-mail, domain, number or name; when there is none, those whose name begins like it. Ten at most."""
    try:
        typed = clean_line(text, LONGEST)
    except TextError:
        return []
    if not typed:
        return []
    phone = typed if phone_fragment(typed) else ""
    found = (
        matching_contacts(actor, name=typed, email=typed if "@" in typed else "", phone=phone)
        if record_type == "contact"
        else matching_organisations(actor, name=typed, website=typed if "." in typed and " " not in typed else "", phone=phone)
    )
    return found or _beginning(record_type, typed, actor)


def _beginning(record_type: str, text: str, actor: Actor) -> list[PartyMatch]:
    begin = sort_key(fold(text), instance().language).partition("\x1f")[0]
    if not begin:
        return []
    condition, params = visible_sql(actor, record_type)
    theirs, their_params = visible_sql(actor, "o")
    detail = _DETAIL[record_type].format(visible=theirs)
    first = their_params if "{visible}" in _DETAIL[record_type] else []
    return [
        PartyMatch(row[0], row[1], row[2] or "", Reason.NAME)
        for row in rows(
            f"select {record_type}.id, {record_type}.name, {detail} from {record_type}"  # noqa: S608 - ours
            f" where {record_type}.name_key >= ? and {record_type}.name_key < ? and {condition}"
            f" order by {record_type}.name_key, {record_type}.id limit {MOST}",
            [*first, begin, begin + _LAST, *params],
        )
    ]
