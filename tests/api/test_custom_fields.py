"""Custom fields by the API: one object in a lead, told by the document, checked by their types, filtered and sorted by."""

import pytest

from leadboard.domain.custom_fields import archive_field, change_field
from leadboard.domain.leads import update_lead
from leadboard.domain.plugins import disable, enable
from leadboard.models import Lead
from leadboard.permissions import SYSTEM
from tests.api.conftest import fields_of
from tests.fields.conftest import TYPES, VALUES

KEPT = {key: value for key, (_, value, _, _) in VALUES.items()}


def test_a_field_of_every_type_is_written_read_changed_and_emptied(every_field, api, anna, make):
    make.pipeline()
    program = api(anna)
    values = {**KEPT, "user": anna.id}

    made = program.post("/leads", {"title": "Acme", "custom_fields": values})

    assert made.status_code == 201, made.text
    assert made.json["custom_fields"] == values
    url = f"/leads/{made.json['id']}"
    assert program.get(url).json["custom_fields"] == values
    assert program.get("/leads").json["data"][0]["custom_fields"] == values

    changed = program.patch(url, {"custom_fields": {"number": 5, "choices": ["rose"], "text": None}})
    assert changed.json["custom_fields"] == {**values, "number": 5, "choices": ["rose"], "text": None}
    assert (changed.json["version"], changed.json["title"]) == (2, "Acme")
    emptied = program.patch(url, {"custom_fields": dict.fromkeys(values)})
    assert emptied.json["custom_fields"] == dict.fromkeys(values)
    assert (Lead.get().fields, Lead.get().field_keys) == ({}, {})
    # What was read can be sent back.
    assert program.patch(url, {"custom_fields": emptied.json["custom_fields"]}).json["version"] == emptied.json["version"]


WRONG = {
    "text": 5, "long_text": ["x"], "number": "12", "money": 1.5, "day": "2031-02-30", "moment": "2031-11-20 11:30", "yes_no": "yes", "choice": "Gold",
    "choices": "white", "mail": "nobody", "tel": 30901820, "link": "javascript:alert(1)", "user": 999,
}  # fmt: skip


@pytest.mark.parametrize("key", TYPES)
def test_a_wrong_value_is_told_at_its_path_and_nothing_is_saved(key, field, api, anna, make):
    field(key)
    lead, program = make.lead("Acme"), api(anna)

    for answer in (
        program.patch(f"/leads/{lead.id}", {"city": "Ulm", "custom_fields": {key: WRONG[key]}}),
        program.post("/leads", {"title": "Other", "custom_fields": {key: WRONG[key]}}),
    ):
        assert (answer.status_code, [*fields_of(answer)]) == (422, [f"custom_fields.{key}"]), answer.text
    assert [(one.title, one.city, one.fields) for one in Lead.select()] == [("Acme", "", {})]


def test_a_key_that_is_none_or_archived_is_named_with_those_there_are(field, api, anna, make):
    field("text")
    field("number")
    field("day")
    archive_field("day", is_archived=True, actor=SYSTEM)
    lead, program = make.lead("Acme"), api(anna)

    for sent in ({"colour": 1}, {"day": "2031-11-20"}):
        [key] = sent
        for answer in (
            program.patch(f"/leads/{lead.id}", {"custom_fields": sent}),
            program.post("/leads", {"title": "B", "custom_fields": sent}),
        ):
            assert answer.status_code == 422
            assert fields_of(answer) == {f"custom_fields.{key}": "There is no such field. Known: text, number."}
    for sent in (None, [], "x"):
        assert fields_of(program.patch(f"/leads/{lead.id}", {"custom_fields": sent})) == {"custom_fields": "Must be an object."}
    assert program.get(f"/leads/{lead.id}").json["custom_fields"] == {"text": None, "number": None}


def test_a_new_lead_needs_what_is_required_and_every_missing_one_is_named(field, api, anna, make):
    make.pipeline()
    field("text", is_required=True)
    field("number", is_required=True)
    field("choice", is_required=True, default="silver")
    field("day")
    program = api(anna)

    for sent in ({}, {"custom_fields": {}}, {"custom_fields": {"day": None}}):
        answer = program.post("/leads", {"title": "Acme", **sent})
        assert (answer.status_code, fields_of(answer)) == (
            422, {"custom_fields.text": "This is missing.", "custom_fields.number": "This is missing."},
        )  # fmt: skip
    blank = program.post("/leads", {"title": "Acme", "custom_fields": {"text": "  ", "number": 0}})
    assert (blank.status_code, fields_of(blank)) == (422, {"custom_fields.text": "My text must not be empty."})
    assert program.post("/leads", {"title": "A", "custom_fields": {"text": "x", "number": 1, "choice": None}}).status_code == 422
    assert Lead.select().count() == 0

    made = program.post("/leads", {"title": "Acme", "custom_fields": {"text": "x", "number": 0}})
    assert made.json["custom_fields"] == {"text": "x", "number": 0, "choice": "silver", "day": None}
    emptied = program.patch(f"/leads/{made.json['id']}", {"custom_fields": {"text": None}})
    assert fields_of(emptied) == {"custom_fields.text": "My text must not be empty."}


def test_a_lead_that_never_had_what_is_required_can_be_changed(field, api, anna, make):
    lead = make.lead("From a call")
    field("text", is_required=True)
    program = api(anna)

    answer = program.patch(f"/leads/{lead.id}", {"city": "Ulm", "custom_fields": {"text": None}})

    assert (answer.status_code, answer.json["city"]) == (200, "Ulm")


def test_two_who_change_one_custom_field_conflict_with_both_values(field, api, anna, ben, make):
    field("choices")
    field("text")
    lead = make.lead("Acme")
    update_lead(lead.id, {"fields.choices": ["white"]}, actor=ben.actor)
    program = api(anna)

    answer = program.patch(f"/leads/{lead.id}", {"custom_fields": {"choices": ["rose"], "text": "x"}, "version": 1})

    assert answer.status_code == 409
    told = answer.json["error"]["fields"]
    assert (told["custom_fields.choices"]["yours"], told["custom_fields.choices"]["theirs"]) == (["rose"], ["white"])
    assert (told["custom_fields.choices"]["by"], told["version"]["theirs"]) == ("Ben Carter", 2)
    assert program.patch(f"/leads/{lead.id}", {"custom_fields": {"text": "x"}}, headers={"If-Match": '"1"'}).status_code == 200


def test_a_unique_value_is_taken_once(field, api, anna, make):
    field("text", is_unique=True)
    make.lead("First", **{"fields.text": "A 12"})

    answer = api(anna).post("/leads", {"title": "Second", "custom_fields": {"text": "a 12"}})

    assert answer.status_code == 422 and "has this value already" in fields_of(answer)["custom_fields.text"]


def test_three_people_and_their_leads(field, api, anna, ben, vera, make):
    make.set_up(member_visibility="own")
    field("text")
    lead = make.lead("Acme", owner=anna.user, **{"fields.text": "secret"})
    url, sent = f"/leads/{lead.id}", {"custom_fields": {"text": "new"}}

    assert api(ben).get("/leads?f.text=secret").json["data"] == []
    assert api(ben).patch(url, sent).status_code == 404
    assert api(vera, "leads:read").patch(url, sent).status_code == 403
    assert api(anna, "leads:read").patch(url, sent).json["error"]["code"] == "missing_scope"
    assert api(anna).patch(url, sent).json["custom_fields"] == {"text": "new"}


def test_the_list_is_filtered_and_sorted_as_on_screen(every_field, api, anna, make):
    for number, title in enumerate(("A", "B", "C"), 1):
        make.lead(title, **{"fields.number": number * 1.5, "fields.choice": "gold" if number == 2 else "silver"})
    make.lead("None")
    program = api(anna)

    def found(query):
        answer = program.get(f"/leads?{query}")
        assert answer.status_code == 200, answer.text
        return [one["title"] for one in answer.json["data"]]

    assert found("f.choice=gold") == ["B"]
    assert found("f.number.from=2&f.number.to=4.5&sort=-f.number") == ["C", "B"]
    assert found("f.number.empty=1") == ["None"]
    first = program.get("/leads?sort=f.number&limit=2").json
    assert [one["title"] for one in first["data"]] == ["A", "B"]
    assert found(f"sort=f.number&limit=2&cursor={first['next_cursor']}") == ["C", "None"]
    for query, name in (
        ("f.colour=1", "f.colour"), ("f.number=lots", "f.number"), ("f.number.contains=1", "f.number.contains"),
        ("f.number.empty=x", "f.number.empty"), ("sort=f.choices", "sort"),
    ):  # fmt: skip
        answer = program.get(f"/leads?{query}")
        assert (answer.status_code, [*fields_of(answer)]) == (422, [name]), query


def test_fields_are_told_with_their_options(every_field, api, anna, vera, field):
    field("old", type="text", help="Once.")
    change_field("text", actor=SYSTEM, is_required=True)
    archive_field("old", is_archived=True, actor=SYSTEM)

    told = {one["key"]: one for one in api(vera, "leads:read").get("/fields").json["data"] if one["is_custom"]}

    assert [*told] == [*TYPES, "old"]
    assert told["choice"] == {
        "key": "choice", "label": "My choice", "type": "choice", "help": "", "is_custom": True, "is_required": False, "is_unique": False,
        "is_archived": False, "default": None, "options": [{"value": "silver", "label": "Silver"}, {"value": "gold", "label": "Gold"}],
        "schema": {"type": "string", "enum": ["silver", "gold"]},
    }  # fmt: skip
    assert [one["value"] for one in told["choices"]["options"]] == ["red_wine", "white", "rose"]
    assert told["yes_no"]["options"] == [{"value": True, "label": "Yes"}, {"value": False, "label": "No"}]
    assert {"value": anna.id, "label": "Anna Kowalska"} in told["user"]["options"]
    assert (told["text"]["is_required"], told["text"]["options"], told["old"]["is_archived"]) == (True, None, True)
    assert told["old"]["help"] == "Once."


def test_the_document_has_the_fields_there_are(field, api, anna):
    field("text", is_required=True, help="As on the contract.")
    field("number", default=2)
    field("day")
    archive_field("day", is_archived=True, actor=SYSTEM)

    schemas = api(anna).get("/openapi.json").json["components"]["schemas"]

    lead = schemas["Lead"]["properties"]["custom_fields"]
    assert (lead["required"], lead["additionalProperties"]) == (["text", "number"], False)
    assert lead["properties"]["text"] == {
        "type": ["string", "null"], "maxLength": 500, "title": "My text", "description": "As on the contract",
    }  # fmt: skip
    new = schemas["NewLead"]
    assert (new["required"], new["properties"]["custom_fields"]["required"]) == (["custom_fields"], ["text"])
    assert new["properties"]["custom_fields"]["properties"]["text"]["type"] == "string"
    assert new["properties"]["custom_fields"]["properties"]["number"]["default"] == 2
    changes = schemas["LeadChanges"]["properties"]["custom_fields"]
    assert "required" not in changes and changes["properties"]["text"]["type"] == ["string", "null"]


def test_a_plugins_type_needs_no_more_and_its_values_stay_readable_when_it_is_off(plugin, api, anna, make, field):
    plugin("iban_field")
    field("account", type="iban_field.iban")
    make.pipeline()
    program, iban = api(anna), "DE89370400440532013000"

    made = program.post("/leads", {"title": "Acme", "custom_fields": {"account": iban}})
    assert made.json["custom_fields"] == {"account": iban}
    url = f"/leads/{made.json['id']}"
    wrong = program.patch(url, {"custom_fields": {"account": "DE89370400440532013001"}})
    assert "is no IBAN" in fields_of(wrong)["custom_fields.account"]
    schema = program.get("/openapi.json").json["components"]["schemas"]["Lead"]["properties"]["custom_fields"]["properties"]
    assert (schema["account"]["title"], schema["account"]["pattern"]) == ("My account", "^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$")

    disable("iban_field", actor=SYSTEM)
    assert program.get(url).json["custom_fields"] == {"account": iban}
    told = fields_of(program.get("/leads", query_string={"f.account": iban}))["f.account"]
    assert "the plugin “IBAN field”, which brings its type, is off" in told
    assert "custom_fields.account" in fields_of(program.patch(url, {"custom_fields": {"account": None}}))
    enable("iban_field", actor=SYSTEM)
    assert program.patch(url, {"custom_fields": {"account": None}}).json["custom_fields"] == {"account": None}


BAD_SCHEMA = """
from leadboard.api import *

PLUGIN = Plugin(name="odd", title="Odd", version="1.0")


class Odd(FieldType):
    key = "odd.odd"
    label = "Odd"

    def schema(self, field):
        return %s


@hookimpl
def register_field_types():
    return [Odd()]
"""


@pytest.mark.plugin_errors("record")
@pytest.mark.parametrize("schema", ["1 / 0", '{"type": "colour"}', '{"$ref": "#/x"}', "{1, 2}", "None"])
def test_a_type_that_cannot_say_its_schema_is_still_read_and_written(schema, drop_in, request):
    drop_in("odd", BAD_SCHEMA % schema)
    request.getfixturevalue("plugin")("odd")
    request.getfixturevalue("field")("odd", type="odd.odd")
    request.getfixturevalue("make").pipeline()
    program = request.getfixturevalue("api")(request.getfixturevalue("anna"))

    made = program.post("/leads", {"title": "Acme", "custom_fields": {"odd": "x"}})

    assert (made.status_code, made.json["custom_fields"]) == (201, {"odd": "x"})
    assert fields_of(program.patch(f"/leads/{made.json['id']}", {"custom_fields": {"odd": 5}})).keys() == {"custom_fields.odd"}
    assert program.get("/openapi.json").status_code == 200


def test_statements_do_not_grow_with_fields_or_leads(field, api, anna, make, queries):
    program, lead = api(anna), make.lead("One")

    def count(call):
        call()
        with queries(at_most=40) as seen:
            assert call().status_code < 300
        return len(seen.texts)

    def calls():
        numbers = iter(range(100, 200))
        return [
            count(lambda: program.get("/leads")), count(lambda: program.get(f"/leads/{lead.id}")),
            count(lambda: program.post("/leads", {"title": "B"})), count(lambda: program.patch(f"/leads/{lead.id}", {"employees": next(numbers)})),
        ]  # fmt: skip

    before = calls()
    for key in ("text", "number", "choices"):
        field(key)
    for number in range(3):
        make.lead(**{"fields.number": number, "fields.text": "x"})
    assert calls() == before
