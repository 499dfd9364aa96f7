"""A type that the core does not know works everywhere at once; while its plugin is off, its values are kept as they are."""

import csv
import io

import pytest

from leadboard.app import create_app
from leadboard.domain.custom_fields import add_field, change_field
from leadboard.domain.exports import export_leads
from leadboard.domain.leads import update_lead
from leadboard.domain.plugins import disable, enable
from leadboard.errors import Refused
from leadboard.models import CustomField, Lead
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import custom_fields
from leadboard.testing.factories import Make

SHOE = """
    from leadboard.api import *

    PLUGIN = Plugin(name="shoes", title="Shoes", version="1.0")


    class ShoeSize(FieldType):
        key = "shoes.size"
        label = "Shoe size"
        icon = "shoe"
        operators = (Operator.IS, Operator.FROM, Operator.TO)

        def check(self, value, field, context):
            if not isinstance(value, str) or not value.removeprefix("EU ").isdigit():
                raise Refused("“%(text)s” is no shoe size.", field=field.name, text=str(value))
            return f"EU {value.removeprefix('EU ')}"

        def show(self, value, field, context):
            return Shown(value, "https://shoes.example/" + value[3:])


    class Broken(FieldType):
        key = "shoes.broken"
        label = "Broken"

        def __getattribute__(self, name):
            if name in {"show", "check", "to_input", "to_cell", "input", "comparable", "operand", "condition", "sort_key"}:
                raise RuntimeError(name)
            return super().__getattribute__(name)


    @hookimpl
    def register_field_types():
        return [ShoeSize(), Broken()]
"""


@pytest.fixture
def app(settings, drop_in):
    drop_in("shoes", SHOE)
    app = create_app(settings)
    Make().set_up()
    enable("shoes", actor=SYSTEM)
    return app


def exported():
    [row] = csv.DictReader(io.StringIO(b"".join(export_leads("lead.deleted_at is null", [], actor=SYSTEM, exact=True)).decode()))
    return row["Shoes"]


def test_a_new_type_works_everywhere_and_its_values_survive_without_it(app, make, anna, html):
    add_field("Shoes", "shoes.size", key="shoe", in_list=True, on_card=True, actor=SYSTEM)
    lead = make.lead("Acme", owner=anna.user)
    url = f"/leads/{lead.id}/fields/fields.shoe"
    answer = anna.htmx(url, {"fields.shoe": "big", "version": 1}, method="POST")
    assert answer.status_code == 422
    assert "“big” is no shoe size." in answer.text

    assert anna.htmx(url, {"fields.shoe": "42", "version": 1}, method="POST").status_code == 200

    assert Lead.get_by_id(lead.id).fields == {"shoe": "EU 42"}
    assert html(anna.get(f"/leads/{lead.id}")).all("#f-fields-shoe a")[0].attrs["href"] == "https://shoes.example/42"
    assert html(anna.get("/leads?sort=f.shoe&f.shoe.from=41")).texts("td.who a") == ["Acme"]
    assert "Acme" not in html(anna.get("/leads?f.shoe=43")).texts("td.who a")
    assert html(anna.get("/")).texts(".lc .tag") == ["Shoes: EU 42"]
    assert exported() == "EU 42"
    assert custom_fields().by_key["shoe"].index

    disable("shoes", actor=SYSTEM)

    page = html(anna.get(f"/leads/{lead.id}"))
    assert page.one("#f-fields-shoe dd").text.strip() == "EU 42"
    assert not page.all("#f-fields-shoe a")
    assert anna.htmx(url, method="GET").status_code == 404
    assert "EU 42" in anna.get("/leads").text
    assert anna.get("/leads?sort=f.shoe").status_code == 400
    assert "fields.shoe" not in anna.get(f"/leads/{lead.id}/edit").text
    with pytest.raises(Refused, match="while the plugin that brings it is off"):
        update_lead(lead.id, {"fields.shoe": "EU 43"}, actor=SYSTEM)
    update_lead(lead.id, {"city": "Sopot"}, actor=anna.actor)
    assert Lead.get_by_id(lead.id).fields == {"shoe": "EU 42"}
    assert exported() == "EU 42"

    enable("shoes", actor=SYSTEM)
    assert anna.get("/leads?sort=f.shoe").status_code == 200
    assert custom_fields().by_key["shoe"].index


@pytest.mark.plugin_errors("record")
def test_a_type_that_raises_costs_only_its_own_values(app, make, anna, html):
    add_field("Shoes", "shoes.size", key="shoe", in_list=True, on_card=True, actor=SYSTEM)
    lead = make.lead("Acme", owner=anna.user, **{"fields.shoe": "EU 42"})
    # As if the next version of the plugin had broken it.
    CustomField.update(type="shoes.broken").execute()
    Make().set_up()
    for url in ("/leads", "/", f"/leads/{lead.id}", f"/leads/{lead.id}/edit", "/leads/new"):
        assert anna.get(url).status_code == 200, url
    assert "EU 42" in anna.get("/leads").text
    assert anna.get("/leads?f.shoe=x").status_code == 400
    assert anna.get("/leads?sort=f.shoe").status_code == 422
    answer = anna.htmx(f"/leads/{lead.id}/fields/fields.shoe", {"fields.shoe": "x", "version": 1}, method="POST")
    assert answer.status_code == 422
    assert update_lead(lead.id, {"city": "Sopot"}, actor=anna.actor).version == 2
    assert exported() == "EU 42"
    with pytest.raises(Refused):
        change_field("shoe", label="X", options={"a": 1}, actor=SYSTEM)


@pytest.mark.parametrize("record_type, path", [("lead", "/leads"), ("contact", "/contacts"), ("organisation", "/organisations")])
def test_a_filter_of_a_plugin_that_is_off_names_it_and_the_way_out(app, make, mona, vera, html, record_type, path):
    reader = mona if record_type == "lead" else vera
    add_field("Shoes", "shoes.size", key="shoe", record_type=record_type, actor=SYSTEM)
    make.lead(owner=mona.user)
    disable("shoes", actor=SYSTEM)
    told = "“Shoes” now: the plugin “Shoes”, which brings its type, is off"
    for url in [path, "/", "/leads/export"] if record_type == "lead" else [path]:
        answer = reader.get(f"{url}?q=a&f.shoe.from=43")
        assert (answer.status_code, told in answer.text) == (400, True), url
        page = html(answer)
        assert page.texts(".chip.on bdi") == ["43"]
        [clear] = page.all(".chip.on a")
        assert reader.get(clear.attrs["href"]).status_code == 200
        assert clear.attrs["href"] == f"{url}?q=a"
        assert reader.get(f"{url}?f.shoe.empty=1").status_code == 200
    answer = reader.htmx(f"{path}?f.shoe=43", method="GET")
    assert (answer.status_code, "the plugin “Shoes”" in answer.headers["HX-Trigger"].encode().decode("unicode-escape")) == (
        400,
        True,
    )
    if record_type == "lead":
        answer = reader.get("/leads?query=shoe:43")
        assert (answer.status_code, told in answer.text) == (400, True)
        answer = mona.post("/leads/export?f.shoe=43", {"format": "csv"})
        assert (answer.status_code, told in answer.text) == (400, True)


STARS = """
    from leadboard.api import *

    PLUGIN = Plugin(name="stars", title="Stars", version="1.0")


    class Stars(FieldType):
        key = "stars.stars"
        label = "Stars"
        storage = Storage.NUMBER
        operators = (Operator.IS, Operator.FROM, Operator.TO)

        def input(self, field, context):
            return Input(Control.ONE, choices=[(str(count), "*" * count) for count in (1, 2, 3)])

        def check(self, value, field, context):
            if value not in (1, 2, 3):
                raise Refused("1 to 3 stars.", field=field.name)
            return value

        def from_cell(self, text, field, context):
            return self.check(int(text) if text.isdecimal() else text, field, context)


    @hookimpl
    def register_field_types():
        return [Stars()]
"""


def test_choices_with_an_order_are_filtered_by_ranges_too(drop_in, request, html):
    drop_in("stars", STARS)
    make, anna = request.getfixturevalue("make"), request.getfixturevalue("anna")
    enable("stars", actor=SYSTEM)
    make.field("Rating", "stars.stars", in_list=True)
    for title, count in (("Poor", 1), ("Fair", 2), ("Good", 3)):
        update_lead(make.lead(title, owner=anna.user).id, {"fields.rating": count}, actor=SYSTEM)

    chips = html(anna.get("/leads")).one("#field-chips")
    assert [one.attrs["name"] for one in chips.all("select")] == ["f.rating.from", "f.rating.to"]
    assert chips.texts("select[name='f.rating.from'] option") == ["", "*", "**", "***"]

    page = html(anna.get("/leads?f.rating.from=2&f.rating.to=&sort=f.rating"))
    assert page.texts("td.who a") == ["Fair", "Good"]
    assert [" ".join(text.split()) for text in page.texts("#field-chips .chip.on span")] == ["Rating: ≥ **"]
