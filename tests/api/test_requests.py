"""Requests that are not as they should be: every one a 4xx that says what is wrong, none of them written."""

import json

import pytest

from leadboard.app import MAX_FORM_BYTES
from leadboard.models import Lead
from tests.api.conftest import fields_of

JSON = {"Content-Type": "application/json"}
POSTS = ("/leads", "/leads/{lead}/move", "/leads/{lead}/notes")


@pytest.mark.parametrize("data, status, code", [
    (b"", 400, "malformed"), (b"{", 400, "malformed"), (b"\xff", 400, "malformed"), (b'{"title": "\\ud800"}', 400, "malformed"),
    (b'{"title": "a\\u0000b"}', 400, "malformed"), (b'{"title": "a", "title": "b"}', 400, "malformed"), (b'{"version": NaN}', 400, "malformed"),
    (b'{"value_amount": 1e400}', 400, "malformed"), (b'{"value_amount": ' + b"9" * 5000 + b"}", 400, "malformed"),
    (b"[" * 100_000, 400, "malformed"), (b'{"title":' * 50_000, 400, "malformed"), (b'{"title":' + b"[" * 20 + b"]" * 20 + b"}", 422, "invalid"),
    (b"[]", 422, "invalid"), (b"null", 422, "invalid"), (b'"x"', 422, "invalid"), (b"1", 422, "invalid"),
])  # fmt: skip
def test_a_body_that_is_no_json_object(data, status, code, api, anna, make):
    program, lead = api(anna), make.lead(title="Acme")
    for method, path in [*(("POST", path) for path in POSTS), ("PATCH", "/leads/{lead}")]:
        answer = program.open(method, path.format(lead=lead.id), data=data, headers=JSON)
        assert (answer.status_code, answer.json["error"]["code"]) == (status, code), path
        fields_of(answer)
    assert Lead.select().count() == 1


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp"]
)
def test_another_kind_of_body_is_a_415(kind, api, anna, make):
    program, lead = api(anna), make.lead()
    for method, path in [*(("POST", path) for path in POSTS), ("PATCH", "/leads/{lead}")]:
        answer = program.open(method, path.format(lead=lead.id), data=b'{"title": "x"}', headers={"Content-Type": kind})
        assert (answer.status_code, fields_of(answer)) == (415, {})


def test_too_large_a_body_is_a_413(api, anna):
    answer = api(anna).open("POST", "/leads", data=b'{"title": "' + b"x" * MAX_FORM_BYTES + b'"}', headers=JSON)

    assert (answer.status_code, fields_of(answer), answer.json["error"]["code"]) == (413, {}, "too_large")


def test_a_charset_in_the_content_type_is_fine(api, anna, make):
    make.pipeline()
    answer = api(anna).open("POST", "/leads", data=b'{"title": "x"}', headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.status_code == 201


@pytest.mark.parametrize("sent", [
    {"title": 1}, {"title": ["x"]}, {"title": {"a": 1}}, {"title": True}, {"title": "x" * 201}, {"email": "nobody"}, {"email": 5},
    {"website": "javascript:alert(1)"}, {"country": "Narnia"}, {"employees": "5"}, {"employees": 1.5}, {"employees": True}, {"employees": -1},
    {"employees": 10**9}, {"probability": 101}, {"value_amount": "12"}, {"value_amount": -1}, {"value_amount": 10**16}, {"value_amount": 0.5},
    {"value_currency": "EURO"}, {"value_currency": 3}, {"expected_close_on": "soon"}, {"expected_close_on": "2026-13-01"},
    {"expected_close_on": "20261201"}, {"expected_close_on": 20261201}, {"interest": "boiling"}, {"interest": ""}, {"interest": 0},
    {"owner_id": "1"}, {"owner_id": 0}, {"owner_id": -1}, {"owner_id": 2**55}, {"owner_id": 2**53 - 1}, {"source_id": 2**53 - 1},
    {"owner": 1}, {"nonsense": 1}, {"id": 5}, {"stage": 1}, {"fields": {}}, {"created_at": "2026-01-01T00:00:00Z"},
])  # fmt: skip
def test_a_wrong_value_names_its_field_and_writes_nothing(sent, api, mona, make):
    lead, program = make.lead(title="Acme"), api(mona)
    version = Lead.get_by_id(lead.id).version
    for method, path, extra in (("POST", "/leads", {"person_name": "New"}), ("PATCH", f"/leads/{lead.id}", {"city": "Ulm"})):
        answer = program.open(method, path, {**extra, **sent})
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "invalid")
        assert list(fields_of(answer)) == list(sent)
        assert all(fields_of(answer).values())
    assert (Lead.select().count(), Lead.get_by_id(lead.id).version) == (1, version)


def test_every_wrong_field_is_named_at_once(api, anna, make):
    answer = api(anna).post("/leads", {"title": 5, "employees": "many", "colour": "red", "probability": 400})

    assert fields_of(answer).pop("colour").startswith("There is no such field. Known: title, person_name, ")
    assert {name: told for name, told in fields_of(answer).items() if name != "colour"} == {
        "title": "Must be a text / null.",
        "employees": "Must be a whole number / null.",
        "probability": "Must be at most 100.",
    }


@pytest.mark.parametrize("sent, field", [
    ({}, "stage_id"), ({"stage_id": None}, "stage_id"), ({"stage_id": "1"}, "stage_id"), ({"stage_id": 999}, "stage_id"),
    ({"stage_id": 1, "before_id": "x"}, "before_id"), ({"stage_id": 1, "after_id": 0}, "after_id"), ({"stage_id": 1, "version": 0}, "version"),
    ({"stage_id": 1, "version": 2**40}, "version"), ({"stage_id": 1, "to": "won"}, "to"), ({"stage_id": 1, "lost_to": "x"}, "body"),
    ({"stage_id": 1, "come_back_on": "x", "lost_reason_id": 1}, "come_back_on"),
])  # fmt: skip
def test_a_move_that_is_none(sent, field, api, anna, make):
    lead = make.lead()
    if sent.get("stage_id") == 1:
        sent = {**sent, "stage_id": lead.stage_id}

    answer = api(anna).post(f"/leads/{lead.id}/move", sent)

    assert (answer.status_code, list(fields_of(answer))) == (422, [field])


@pytest.mark.parametrize("query, field", [
    ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("limit=", "limit"), ("limit=-1", "limit"), ("limit=5&limit=6", "limit"),
    ("limit=٣", "limit"), ("limit=" + "9" * 30, "limit"), ("sort=drop table", "sort"), ("sort=--title", "sort"), ("cursor=", "cursor"),
    ("cursor=x", "cursor"), ("cursor=WzFd", "cursor"), ("cursor=%ff%fe", "cursor"), ("cursor=bnVsbA", "cursor"), ("page=2", "page"), ("pipeline=x", "pipeline"),
    ("pipeline=999", "pipeline"), ("stage=1,x", "stage.1"), ("stage=999", "stage"), ("owner=you", "owner"), ("owner=999", "owner"),
    ("source=1e9", "source"), ("closed=maybe", "closed"), ("next=week", "next"), ("q=" + "x" * 201, "q"), ("deleted=1", "deleted"), ("%00=1", "\x00"),
])  # fmt: skip
def test_a_parameter_that_is_none(query, field, api, anna, make):
    make.lead()
    answer = api(anna).get(f"/leads?{query}")

    assert (answer.status_code, list(fields_of(answer))) == (422, [field])


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "q=%25_%22'*", "q=", "q=" + "🙂" * 100, "stage=&q=x"])
def test_strange_texts_to_look_for_are_looked_for(query, api, anna, make):
    make.lead()
    assert api(anna).get(f"/leads?{query}").status_code in ({422} if query.startswith("stage") else {200})


@pytest.mark.parametrize(
    "path", ["/nowhere", "/leads/x", "/leads/-1", "/leads/" + "9" * 19, "/leads/1/", "/leads/1/undo", "/leads/%00"]
)
def test_an_address_that_leads_nowhere_is_a_404_in_the_one_shape(path, api, anna):
    answer = api(anna).get(path)

    assert (answer.status_code, answer.json["error"]["code"], fields_of(answer)) == (404, "not_found", {})


@pytest.mark.parametrize("method, path, right", [
    ("DELETE", "/leads", {"GET", "POST"}), ("PUT", "/leads/1", {"GET", "PATCH", "DELETE"}), ("GET", "/leads/1/move", {"POST"}), ("POST", "/fields", {"GET"}),
])  # fmt: skip
def test_another_method_is_a_405_that_says_which_is_right(method, path, right, api, anna):
    answer = api(anna).open(method, path)

    assert (answer.status_code, answer.json["error"]["code"], fields_of(answer)) == (405, "method_not_allowed", {})
    assert right <= set(answer.headers["Allow"].replace(" ", "").split(","))


def test_texts_of_every_script_and_markup_come_back_as_they_went_in(api, anna, make):
    make.pipeline()
    program = api(anna)
    for text in ("Ünïcödé 🙂", "שלום", "<script>alert(1)</script>", "{{ 7*7 }} %s %(x)s", "a\\b\"c'", "١٢٣"):
        made = program.post("/leads", {"title": text, "organisation_name": text}).json
        assert (made["title"], made["organisation_name"]) == (text, text)
        assert json.loads(program.get(f"/leads/{made['id']}").get_data()) == made


def test_of_very_many_wrong_fields_the_first_ones_are_named(api, anna, make):
    answer = api(anna).post("/leads", {f"k{number}": 1 for number in range(5000)})
    assert (answer.status_code, len(fields_of(answer))) == (422, 100)
