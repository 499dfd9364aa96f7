"""The list by the API: pages by cursor, the filters and orders of the screen."""

import pytest

from leadboard.db import execute
from leadboard.models import Stage
from leadboard.queries.leads import SORTS
from leadboard.queries.party_list import CONTACT_LIST


@pytest.fixture
def many(make, anna, ben):
    """Nine leads, some without what is sorted by."""
    source = make.source("Fair")
    for number in range(9):
        make.lead(
            title=f"Lead {number % 4}", organisation_name=f"Org {number % 3}" if number % 2 else "", value_amount=number % 3 * 100 or None,
            expected_close_on=f"2026-12-0{number + 1}" if number % 3 else None, owner=(anna.user, ben.user, None)[number % 3],
            source=source.id if number == 4 else None,
        )  # fmt: skip
    return source


def all_pages(program, query, limit, path="/leads"):
    found, cursor = [], None
    for _ in range(20):
        answer = program.get(f"{path}?limit={limit}{query}{f'&cursor={cursor}' if cursor else ''}")
        assert answer.status_code == 200, answer.text
        assert len(answer.json["data"]) <= limit
        found += [lead["id"] for lead in answer.json["data"]]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize("sort", ["", *(f"&sort={sign}{name}" for name in SORTS for sign in ("", "-"))])
def test_pages_of_any_size_hold_each_lead_once_in_one_order(sort, api, anna, many):
    program = api(anna)
    whole = all_pages(program, sort, 200)

    assert len(set(whole)) == len(whole) == 9
    for limit in (1, 2, 3, 8, 9):
        assert all_pages(program, sort, limit) == whole


def test_the_filters_are_those_of_the_screen(api, anna, ben, many, make):
    program = api(anna)
    stage = Stage.get(Stage.name == "New")

    def found(query):
        return [lead["id"] for lead in program.get(f"/leads?sort=created{query}").json["data"]]

    everything = found("")
    assert found("&owner=me") == everything[0::3]
    assert found(f"&owner={ben.id}") == everything[1::3]
    assert found("&owner=none") == everything[2::3]
    assert found(f"&source={many.id}") == [everything[4]]
    assert found("&q=Org+0") == [everything[3]]
    assert found(f"&stage={stage.id}&stage={stage.id + 1}") == found(f"&stage={stage.id},{stage.id + 1}") == everything
    assert found(f"&stage={stage.id + 1}") == []
    assert found(f"&pipeline={stage.pipeline_id}&closed=open&next=none") == everything
    assert found("&closed=won") == []


def test_a_cursor_of_another_order_is_refused_or_goes_on_there(api, anna, many):
    program = api(anna)
    cursor = program.get("/leads?limit=2&sort=title").json["next_cursor"]

    assert program.get(f"/leads?cursor={cursor}&sort=created").status_code == 422
    assert program.get(f"/leads?cursor={cursor}&sort=value").status_code == 422
    assert program.get(f"/leads?cursor={cursor}&sort=-title").status_code == 200


def test_a_lead_that_comes_in_between_moves_nothing(api, anna, many, make):
    program = api(anna)
    before = program.get("/leads?limit=4").json
    make.lead(title="Just now")
    after = program.get(f"/leads?limit=200&cursor={before['next_cursor']}").json

    assert len(before["data"]) + len(after["data"]) == 9


def test_pages_cost_the_same_for_one_and_for_many(api, anna, make, queries):
    program = api(anna)
    make.lead()
    program.get("/leads")
    for count in (1, 3):
        with queries(at_most=5) as seen:
            assert len(program.get("/leads").json["data"]) == count
        texts = len(seen.texts)
        if count == 1:
            first = texts
            make.lead()
            make.lead()
    assert texts == first


def test_a_lead_reads_in_few_statements(api, anna, make, queries):
    program, lead = api(anna), make.lead()
    program.get("/leads")
    with queries(at_most=2):
        assert program.get(f"/leads/{lead.id}").status_code == 200


def test_pipelines_and_fields_tell_what_a_program_has_to_know(api, anna, make):
    pipeline, source = make.pipeline(), make.source("Fair")
    reason, program = make.lost_reason("Price"), api(anna, "leads:read")

    found = program.get("/pipelines").json
    assert found["lost_reasons"] == [{"id": reason.id, "name": "Price"}]
    assert [(one["id"], one["name"]) for one in found["data"]] == [(pipeline.id, pipeline.name)]
    first = found["data"][0]["stages"][0]
    assert (first["name"], first["kind"], first["probability"]) == ("New", "open", 10)
    fields = {field["key"]: field for field in program.get("/fields").json["data"]}
    assert fields["source_id"]["options"] == [{"value": source.id, "label": "Fair"}]
    assert fields["owner_id"]["options"] == [{"value": anna.id, "label": "Anna Kowalska"}]
    assert [option["value"] for option in fields["interest"]["options"]] == ["cold", "warm", "hot"]
    assert fields["email"] == {
        "key": "email", "label": "E-mail", "type": "email", "help": "", "is_custom": False, "is_required": False, "is_unique": False,
        "is_archived": False, "default": None, "options": None, "schema": {"type": ["string", "null"], "maxLength": 254},
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------- contacts and organisations

KINDS = ("contacts", "organisations")


@pytest.fixture
def parties(make, anna, ben):
    """Nine of each, every third Anna's, Ben's and nobody's."""
    for number in range(9):
        for maker in (make.contact, make.organisation):
            maker(
                ("Anker", "Birke", "Cedar", "Dorn")[number % 4],
                owner=(anna.user, ben.user, None)[number % 3],
                email=f"n{number}@acme.example",
                phone=f"+49 30 90182{number}",
            )


@pytest.mark.parametrize("plural", KINDS)
@pytest.mark.parametrize("sort", ["", *(f"&sort={sign}{name}" for name in CONTACT_LIST.sorts for sign in ("", "-"))])
def test_pages_of_parties_hold_each_once_in_one_order(sort, plural, api, anna, parties):
    program, path = api(anna, "contacts:read"), f"/{plural}"
    whole = all_pages(program, sort, 200, path)

    assert len(set(whole)) == len(whole) == 9
    for limit in (1, 2, 9):
        assert all_pages(program, sort, limit, path) == whole


@pytest.mark.parametrize("plural", KINDS)
def test_parties_are_looked_up_by_what_is_known_exactly(plural, api, anna, ben, parties, make):
    program, noun = api(anna), plural.removesuffix("s")

    def found(query):
        answer = program.get(f"/{plural}?sort=created&{query}")
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json["data"]]

    everything = found("")
    assert (
        found("owner=me") == everything[0::3]
        and found(f"owner={ben.id}") == everything[1::3]
        and found("owner=none") == everything[2::3]
    )
    assert found("email=N4@ACME.example") == found("phone=030/901824") == [everything[4]]
    assert found("q=Cedar") == [everything[2], everything[6]]
    assert found("email=nobody") == found("email=x@y.example") == found("phone=x") == []
    program.patch(f"/{plural}/{everything[5]}", {"country": "PL", "contact_points": [
        {"kind": "email", "text": "Second@Home.example"}, {"kind": "phone", "text": "+48 22 1234567"},
    ]})  # fmt: skip
    assert found("email=second@home.example") == found("phone=%2B48221234567") == found("country=PL") == [everything[5]]
    execute(f"update {noun} set external_source = 'erp', external_id = '7' where id = ?", (everything[3],))
    assert found("external_source=erp&external_id=7") == [everything[3]] and found("external_source=erp&external_id=8") == []
    assert program.get(f"/{plural}?external_id=7").status_code == 422
    execute(f"update {noun} set updated_at = updated_at - 100000")
    now = program.get(f"/{plural}/{everything[0]}").json["updated_at"]
    program.patch(f"/{plural}/{everything[8]}", {"city": "Ulm"})
    changed = program.get(f"/{plural}/{everything[8]}").json["updated_at"]
    assert found(f"updated_since={changed}") == [everything[8]] and found(f"updated_since={now}") == everything
    assert found(f"updated_since={changed.replace('Z', '+00:00')}") == [everything[8]]
    assert program.get(f"/{plural}?updated_since=yesterday").status_code == 422


def test_people_of_a_firm_and_firms_of_a_domain_or_branch(api, anna, make):
    firm, other = make.organisation("Acme", website="https://www.acme.example", industry="Wood"), make.organisation("Bolt")
    kim, bo = make.contact("Kim", organisation=firm.id), make.contact("Bo", organisation=other.id)
    program = api(anna)
    program.post(f"/contacts/{bo.id}/employments", {"organisation_id": firm.id})

    def found(path):
        return [one["id"] for one in program.get(path).json["data"]]

    assert sorted(found(f"/contacts?organisation={firm.id}")) == [kim.id, bo.id] and found(
        f"/contacts?organisation={other.id}"
    ) == [bo.id]
    assert found("/organisations?domain=ACME.example") == found("/organisations?industry=Wood") == [firm.id]
    assert (
        program.get("/organisations?industry=Steel").status_code == program.get("/contacts?organisation=999").status_code == 422
    )


@pytest.mark.parametrize("plural", KINDS)
def test_parties_cost_the_same_for_one_and_for_many(plural, api, anna, make, queries):
    program, maker = api(anna), getattr(make, plural.removesuffix("s"))
    maker()
    program.get(f"/{plural}")
    counts = []
    for count in (1, 3):
        with queries(at_most=5) as seen:
            assert len(program.get(f"/{plural}").json["data"]) == count
        counts.append(len(seen.texts))
        maker()
        maker()
    assert counts[0] == counts[1]


def test_custom_fields_of_contacts_filter_and_sort(api, anna, make):
    make.field("Budget", "number", record_type="contact")
    program = api(anna)
    ids = [program.post("/contacts", {"name": "Kim", "custom_fields": {"budget": number}}).json["id"] for number in (3, 1, 2)]

    assert [one["id"] for one in program.get("/contacts?sort=f.budget").json["data"]] == [ids[1], ids[2], ids[0]]
    assert [one["id"] for one in program.get("/contacts?f.budget.from=2&sort=created").json["data"]] == [ids[0], ids[2]]
    assert program.get("/leads?f.budget.from=2").status_code == program.get("/leads?sort=f.budget").status_code == 422
