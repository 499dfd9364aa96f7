"""The card of one record, to take along."""

import re

from flask import Response

from leadboard.api import (
    N_,
    Actor,
    NotFound,
    Permission,
    PluginBlueprint,
    current_actor,
    fold,
    needs,
    rows,
    visible_sql,
    write_points,
)

from .writing import FIELDS, FURTHER, SAME, card

bp = PluginBlueprint("vcard")


@bp.get("/leads/<int:lead_id>.vcf")
@needs(Permission.READ)
def download(lead_id: int) -> Response:
    """The lead as a vCard."""
    return _sent(load("lead", lead_id, current_actor()), "lead")


@bp.get("/contacts/<int:record_id>.vcf")
@needs(Permission.READ)
def download_contact(record_id: int) -> Response:
    """The contact as a vCard, with all addresses and numbers."""
    return _sent(load("contact", record_id, current_actor()), "contact")


@bp.get("/organisations/<int:record_id>.vcf")
@needs(Permission.READ)
def download_organisation(record_id: int) -> Response:
    """The organisation as a vCard, with all addresses and numbers."""
    return _sent(load("organisation", record_id, current_actor()), "organisation")


def _sent(record: dict[str, str], kind: str) -> Response:
    answer = Response(card(record), content_type="text/vcard; charset=utf-8")
    shown = record["person_name"] or record["title"] or record["organisation_name"]
    name = re.sub(r"[^a-z0-9]+", "-", fold(shown)).strip("-")[:60] or kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.vcf"'
    return answer


# What a table has under another name, or not at all.
_COLUMNS = {
    "lead": {},
    "contact": {
        **{ours: f"contact.{theirs}" for theirs, ours in SAME["contact"].items()}, "title": "''",
        "organisation_name": "coalesce((select o.name from organisation o where o.id = contact.organisation_id and {firm}), '')",
    },
    "organisation": {
        **dict.fromkeys(("title", "person_name", "given_name", "family_name", "job_title"), "''"),
        **{ours: f"organisation.{theirs}" for theirs, ours in SAME["organisation"].items()},
    },
}  # fmt: skip
_MISSING = {
    "lead": N_("This lead does not exist, or you may not see it."),
    "contact": N_("This contact does not exist, or you may not see it."),
    "organisation": N_("This organisation does not exist, or you may not see it."),
}


def load(table: str, record_id: int, actor: Actor) -> dict[str, str]:
    """What a card holds of a record. Raises NotFound."""
    condition, params = visible_sql(actor, table)
    # The firm that the reader may not see has no name on the card.
    firm, of_firm = visible_sql(actor, "o") if table == "contact" else ("", [])
    columns = ", ".join(_COLUMNS[table].get(name, f"{table}.{name}") for name in FIELDS).format(firm=firm)
    found = rows(f"select {columns} from {table} where {table}.id = ? and {condition}", [*of_firm, record_id, *params])  # noqa: S608 - our columns, the condition of permissions
    if not found:
        raise NotFound(_MISSING[table])
    further = {}
    for name, kind in FURTHER.items():
        sql = f"select text, label from contact_point where {table}_id = ? and kind = ? order by position, id"  # noqa: S608 - our tables
        further[name] = write_points(rows(sql, (record_id, kind)), kind)
    return {**{name: str(value or "") for name, value in zip(FIELDS, found[0], strict=True)}, **further}
