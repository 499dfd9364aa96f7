"""The card of one lead or contact, to take along."""

import re
from collections.abc import Sequence

from flask import Response

from leadboard.api import N_, Actor, NotFound, Permission, PluginBlueprint, current_actor, fold, needs, rows, visible_sql

from .writing import FIELDS, card

bp = PluginBlueprint("vcard")
_COLUMNS = ", ".join(f"lead.{name}" for name in FIELDS)
_SOURCES = {"title": "contact.name", "person_name": "contact.name", "organisation_name": "organisation.name"}
_OF_CONTACT = ", ".join(_SOURCES.get(name, f"contact.{name}") for name in FIELDS)


@bp.get("/leads/<int:lead_id>.vcf")
@needs(Permission.READ)
def download(lead_id: int) -> Response:
    """The lead as a vCard."""
    return _answer(load(lead_id, current_actor()))


@bp.get("/contacts/<int:record_id>.vcf")
@needs(Permission.READ)
def download_contact(record_id: int) -> Response:
    """The contact as a vCard, with the organisation that the reader may see."""
    return _answer(load_contact(record_id, current_actor()))


def _answer(found: dict[str, str]) -> Response:
    answer = Response(card(found), content_type="text/vcard; charset=utf-8")
    name = re.sub(r"[^a-z0-9]+", "-", fold(found["person_name"] or found["title"])).strip("-")[:60] or "lead"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.vcf"'
    return answer


def load(lead_id: int, actor: Actor) -> dict[str, str]:
    """What a card holds of a lead. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = rows(f"select {_COLUMNS} from lead where lead.id = ? and {condition}", [lead_id, *params])  # noqa: S608 - our columns, the condition of permissions
    if not found:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return _texts(found[0])


def load_contact(contact_id: int, actor: Actor) -> dict[str, str]:
    """What a card holds of a contact. Raises NotFound."""
    condition, params = visible_sql(actor, "contact")
    firm, of_firm = visible_sql(actor, "organisation")
    found = rows(
        f"select {_OF_CONTACT} from contact left join organisation on organisation.id = contact.organisation_id and {firm}"  # noqa: S608 - our columns, the condition of permissions
        f" where contact.id = ? and {condition}",
        [*of_firm, contact_id, *params],
    )
    if not found:
        raise NotFound(N_("This contact does not exist, or you may not see it."))
    return _texts(found[0])


def _texts(row: Sequence[object]) -> dict[str, str]:
    return {name: str(value or "") for name, value in zip(FIELDS, row, strict=True)}
