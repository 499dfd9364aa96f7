"""What makes two leads look the same: the e-mail, the telephone number, or the name in one place."""

from collections.abc import Mapping
from typing import Any

from leadboard.api import (
    N_,
    SYSTEM,
    Actor,
    Draft,
    Match,
    find_leads_by_email,
    find_leads_by_name,
    find_leads_by_phone,
    fold,
    gettext,
    rows,
)

# reason: what the user reads, how sure it is
REASONS: dict[str, tuple[str, int]] = {
    "email": (N_("same e-mail"), 100),
    "phone": (N_("same phone"), 90),
    "name_place": (N_("same name and place"), 70),
    "name": (N_("same name"), 40),
}


def matches(draft: Draft, actor: Actor) -> list[Match]:
    """The leads that look like the draft, with the reason in the reader's language."""
    return [
        Match(lead_id, gettext(REASONS[reason][0]), REASONS[reason][1])
        for reason, lead_ids in found_by(draft.values, actor).items()
        for lead_id in lead_ids
    ]


def found_by(values: Mapping[str, Any], actor: Actor) -> dict[str, list[int]]:
    """{reason: lead ids}. A name alone counts only while the place of neither contradicts it."""
    found: dict[str, list[int]] = {}
    if email := str(values.get("email") or ""):
        found["email"] = [lead.id for lead in find_leads_by_email([email], actor)]
    if phone := str(values.get("phone") or ""):
        found["phone"] = [lead.id for lead in find_leads_by_phone(phone, actor)]
    named: dict[int, None] = {}
    for name in ("title", "person_name", "organisation_name"):
        if text := str(values.get(name) or ""):
            named.update(dict.fromkeys(lead.id for lead in find_leads_by_name(text, actor)))
    places = _places(list(named))
    here = _place(values.get("postal_code"), values.get("city"))
    for lead_id in named:
        there = places.get(lead_id, set())
        if here & there:
            found.setdefault("name_place", []).append(lead_id)
        elif not here or not there:
            found.setdefault("name", []).append(lead_id)
    return found


def _places(lead_ids: list[int]) -> dict[int, set[str]]:
    if not lead_ids:
        return {}
    found = rows(
        f"select id, postal_code, city from lead where id in ({', '.join('?' * len(lead_ids))})",  # noqa: S608 - places only
        lead_ids,
    )
    return {lead_id: _place(postal_code, city) for lead_id, postal_code, city in found}


def _place(postal_code: Any, city: Any) -> set[str]:
    return {fold(str(text)) for text in (postal_code, city) if text}


def other_with_email(email: str, lead_id: int | None) -> str | None:
    """The title of another lead with this address, whoever may see it: the rule is the instance's, not the reader's."""
    return next((lead.title for lead in find_leads_by_email([email], SYSTEM) if lead.id != lead_id), None)
