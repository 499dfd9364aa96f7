"""A field that an admin has just made is everywhere at once: one walk for every type and every kind of record."""

import csv
import io
import json

import pytest

from leadboard.db import one
from leadboard.domain.custom_fields import load_field
from leadboard.domain.import_custom import custom_targets
from leadboard.queries.custom_fields import field_context
from leadboard.queries.search import search
from leadboard.queries.settings import instance
from tests.fields.conftest import TYPE_OF, VALUES

TYPED = {
    **{TYPE_OF.get(key, key): typed for key, (typed, _, _, _) in VALUES.items()},
    "user": None, "lead": None, "contact": None, "organisation": None,
}  # fmt: skip
MORE = {
    "number": {"option-decimals": "2"}, "money": {"option-currency": "EUR"},
    "choice": {"choice-key": ["", ""], "choice-label": ["Silver", "Gold"], "choice-tone": ["grey", "amber"]},
    "choices": {"choice-key": ["", ""], "choice-label": ["Red wine", "White"], "choice-tone": ["grey", "red"]},
}  # fmt: skip
PAGE = {"lead": "/leads", "contact": "/contacts", "organisation": "/organisations"}
SEARCHED = {"text", "long_text", "email", "phone", "link"}
SORTED = {"text", "number", "money", "day", "moment", "yes_no", "choice", "email", "link"}


@pytest.mark.parametrize("record_type", PAGE)
@pytest.mark.parametrize("kind", TYPED)
def test_a_new_field_is_everywhere(record_type, kind, ada, make, api, html):
    path = PAGE[record_type]
    made = ada.post(f"/admin/fields/new?of={record_type}&type={kind}", data={
        "label": "Zebra", "key": "zebra", "help": "Ask for the zebra", "in_list": "y", "on_card": "y", **MORE.get(kind, {}),
    })  # fmt: skip
    assert made.status_code == 303, html(made).texts(".error")
    typed = TYPED[kind] or _pointed_to(kind, make, ada)
    record = getattr(make, record_type)("Acme", owner=ada.user)
    getattr(make, record_type)("Bravo", owner=ada.user)

    # The form and the page of the record.
    form = ada.get(f"{path}/{record.id}/edit").text
    assert 'name="fields.zebra"' in form
    assert "Ask for the zebra" in form
    version = one(f"select version from {record_type} where id = ?", (record.id,))[0]
    saved = ada.post(
        f"{path}/{record.id}/fields/fields.zebra", data={"fields.zebra": typed, "version": version, "was-fields.zebra": ""}
    )
    assert saved.status_code == 303, saved.text
    [kept] = one(f"select fields from {record_type} where id = ?", (record.id,))
    value = (json.loads(kept) if isinstance(kept, str) else kept)["zebra"]
    field, context = load_field("zebra", record_type), field_context(instance(), actor=ada.actor, locale="en")
    cell = field.to_cell(value, context)
    assert html(ada.get(f"{path}/{record.id}")).one("#f-fields-zebra dt").text.startswith("Zebra")

    # The list: its column, the order, the chip and the typed filter.
    listed = html(ada.get(path))
    assert any("Zebra" in text for text in listed.texts("th"))
    assert "Zebra" in listed.one("#field-chips").text
    if kind in SORTED:
        ordered = html(ada.get(f"{path}?sort=f.zebra")).texts("td.who a")
        assert [name.split()[0] for name in ordered if name.split()[0] in {"Acme", "Bravo"}] == ["Acme", "Bravo"]
    found = html(ada.get(f"{path}?f.zebra.empty=0")).texts("td.who a")
    assert [name.split()[0] for name in found] == ["Acme"]

    # Search, for what is text.
    if kind in SEARCHED:
        word = {"phone": "901820", "email": "ola@acme", "link": "acme.example", "long_text": "two", "text": "łódź"}[kind]
        assert record.id in [hit.id for hit in search(word, ada.actor, most=10).hits[record_type]]

    # The API and its document, the export, and the file that comes in again.
    program = api(ada)
    assert program.get(f"{path}/{record.id}").json["custom_fields"]["zebra"] == value
    assert "zebra" in program.get("/openapi.json").text
    exported = ada.post(f"{path}/export", data={"kind": "exact"})
    [row] = [
        row for row in csv.DictReader(io.StringIO(exported.get_data(as_text=True).lstrip("\ufeff"))) if "Acme" in row.values()
    ]
    assert row["Zebra"] == cell
    assert field.from_cell(cell, context) == value
    assert "fields.zebra" in custom_targets(record_type)


def _pointed_to(kind, make, ada):
    if kind == "user":
        return str(ada.user.id)
    return f"#{getattr(make, kind)('Pointed to').id}"
