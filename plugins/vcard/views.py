"""The card of one lead, to take along."""

import re

from flask import Response

from leadboard.api import N_, Actor, NotFound, Permission, PluginBlueprint, current_actor, fold, needs, rows, visible_sql

from .writing import FIELDS, card

bp = PluginBlueprint("vcard")
_COLUMNS = ", ".join(f"lead.{name}" for name in FIELDS)


@bp.get("/leads/<int:lead_id>.vcf")
@needs(Permission.READ)
def download(lead_id: int) -> Response:
    """The lead as a vCard."""
    lead = load(lead_id, current_actor())
    answer = Response(card(lead), content_type="text/vcard; charset=utf-8")
    name = re.sub(r"[^a-z0-9]+", "-", fold(lead["person_name"] or lead["title"])).strip("-")[:60] or "lead"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.vcf"'
    return answer


def load(lead_id: int, actor: Actor) -> dict[str, str]:
    """What a card holds of a lead. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = rows(f"select {_COLUMNS} from lead where lead.id = ? and {condition}", [lead_id, *params])  # noqa: S608 - our columns, the condition of permissions
    if not found:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return {name: str(value or "") for name, value in zip(FIELDS, found[0], strict=True)}
