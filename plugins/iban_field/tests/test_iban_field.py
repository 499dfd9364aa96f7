"""An IBAN as its users meet it; the engine's own tests walk a plugin's type through every place."""

import csv
import io
import json

import pytest
from leadboard_plugins.iban_field.iban import LENGTHS, compact, grouped, is_valid

from leadboard.api import Refused, rows, update_lead
from leadboard.domain.custom_fields import add_field
from leadboard.domain.plugins import disable, enable
from leadboard.permissions import SYSTEM

GERMAN, BRITISH = "DE89370400440532013000", "GB29NWBK60161331926819"


@pytest.fixture(autouse=True)
def field(plugin, make):
    plugin("iban_field")
    return add_field("Account", "iban_field.iban", key="account", in_list=True, actor=SYSTEM)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "text", [GERMAN, "DE89 3704 0044 0532 0130 00", "iban: de89-3704-0044-0532-0130-00", "DE89\u00a03704 0044 0532 0130 00"]
)
def test_it_is_read_in_whatever_groups_it_is_written(text):
    assert compact(text) == GERMAN
    assert is_valid(compact(text))
    assert grouped(GERMAN) == "DE89 3704 0044 0532 0130 00"


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "text",
    [
        "",
        "DE",
        "DE89370400440532013001",
        "DE98370400440532013000",
        "DE8937040044053201300",
        "XX89370400440532013000",
        "٨٩" * 11,
        "9" * 1000,
    ],
)
def test_what_is_none_is_refused(text):
    assert not is_valid(compact(text))


@pytest.mark.sqlite_only
def test_the_lengths_are_plausible():
    assert len(LENGTHS) > 80
    assert all(15 <= length <= 33 for length in LENGTHS.values())


def test_it_is_typed_shown_found_sorted_and_exported(anna, mona, make, html):
    lead, other = make.lead("Ferienhof Lüders"), make.lead("Barn & Sons")
    make.lead("No account")
    assert (
        anna.post(f"/leads/{lead.id}/fields/fields.account", {"fields.account": "de89 3704 0044 0532 0130 00"}).status_code == 303
    )
    update_lead(other.id, {"fields.account": BRITISH}, actor=anna.actor)
    refused = anna.post(f"/leads/{lead.id}/fields/fields.account", {"fields.account": "DE89 3704 0044 0532 0130 01"})
    assert (refused.status_code, "is no IBAN" in refused.text, "0130 01" in refused.text) == (422, True, True)
    assert "DE89 3704 0044 0532 0130 00" in anna.get(f"/leads/{lead.id}").text
    found = [
        json.loads(fields) if isinstance(fields, str) else fields
        for (fields,) in rows("select fields from lead order by id limit 2")
    ]
    assert [values.get("account") for values in found] == [GERMAN, BRITISH]

    def titles(query):
        return html(anna.get(f"/leads?{query}")).texts("tbody .who a")

    assert titles("f.account=DE89 3704 0044 0532 0130 00") == ["Ferienhof Lüders"]
    assert titles("f.account.contains=nwbk 6016") == ["Barn & Sons"]
    assert titles("f.account.empty=1") == ["No account"]
    assert titles("sort=f.account")[:2] == ["Ferienhof Lüders", "Barn & Sons"]
    lines = list(csv.DictReader(io.StringIO(mona.post("/leads/export", {}).text.removeprefix("\ufeff"))))
    assert {line["Account"] for line in lines} == {GERMAN, BRITISH, ""}


def test_off_keeps_its_values_and_on_takes_them_up_again(anna, make):
    lead = make.lead("Ferienhof Lüders", **{"fields.account": GERMAN})
    disable("iban_field", actor=SYSTEM)
    assert GERMAN in anna.get(f"/leads/{lead.id}").text
    update_lead(lead.id, {"city": "Kiel"}, actor=anna.actor)
    enable("iban_field", actor=SYSTEM)
    assert grouped(GERMAN) in anna.get(f"/leads/{lead.id}").text
    with pytest.raises(Refused, match="is no IBAN"):
        update_lead(lead.id, {"fields.account": "DE00"}, actor=anna.actor)
