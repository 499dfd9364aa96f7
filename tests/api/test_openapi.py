"""The document says what is: every endpoint is in it, every answer is as it says, and nothing random breaks it."""

import json
import re
from collections import Counter

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import GenerationMode, openapi
from schemathesis.specs.openapi.checks import positive_data_acceptance

from leadboard.domain.leads import create_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.parties import create_party
from leadboard.permissions import SYSTEM
from leadboard.rest import operation_of
from tests.walks.world import taken_back


def document_of(program):
    answer = program.get("/openapi.json")
    assert answer.status_code == 200
    return answer.json


def test_every_route_is_in_the_document(app, api, anna):
    document = document_of(api(anna, "telephony"))

    assert document["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    known = {
        (method, re.sub(r"<int:(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == known
    ids = [one["operationId"] for item in document["paths"].values() for one in item.values()]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere_and_every_schema_is_one(api, anna):
    document = document_of(api(anna))
    for name, schema in document["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for ref in json.dumps(schema).split('"$ref": "')[1:]:
            assert ref.split('"')[0].removeprefix("#/components/schemas/") in document["components"]["schemas"], name


def test_the_fields_of_the_document_are_those_of_the_list(api, anna):
    program = api(anna)
    schemas = document_of(program)["components"]["schemas"]
    for path, noun in (("/fields", "Lead"), ("/contacts/fields", "Contact"), ("/organisations/fields", "Organisation")):
        fields = {one["key"]: one["schema"] for one in program.get(path).json["data"] if not one["is_custom"]}

        known = schemas[noun]["properties"]
        assert {name: known[name] for name in fields} == fields
        assert schemas[f"New{noun}"]["properties"].keys() >= fields.keys()


def test_a_view_of_the_api_is_described(app):
    undescribed = [name for name, view in app.view_functions.items() if name.startswith("api_") and operation_of(view) is None]
    assert undescribed == []


# ---------------------------------------------------------------------------------------------- anything at all

# A value may be right in form and name nothing that is there: that is a 422 or a 404.
NOT_HELD_TO = [positive_data_acceptance]
# Without a parameter or a body there is nothing that could be wrong.
UNSPOILABLE = ("/fields", "/pipelines", "_id}", "/matches", "/convert")


@pytest.mark.parametrize("examples", [25, pytest.param(1000, marks=pytest.mark.soak)], ids=["few", "many"])
@pytest.mark.parametrize(
    "role, scopes", [("admin", ()), ("viewer", ("leads:read", "contacts:read"))], ids=["all scopes", "read only"]
)
@pytest.mark.parametrize("mode", [*GenerationMode], ids=["right", "wrong"])
def test_nothing_random_gets_an_answer_off_the_document(mode, role, scopes, examples, app, api, person, make, every_field):
    """schemathesis makes requests from the document, right and wrong ones, and holds every answer against it."""
    program = api(person("Dora", role), *scopes)
    lead, reason, source = make.lead(title="Acme"), make.lost_reason("Price"), make.source("Fair")
    firm = make.organisation("Acme")
    person_there = make.contact("Kim", organisation=firm.id)
    ids = {"lead_id": lead.id, "contact_id": person_there.id, "organisation_id": firm.id}
    others = {
        "lead": merged("lead", lead.id, make.lead(title="Acme 2").id), "contact": merged("contact", person_there.id, make.contact("Kim").id),
        "organisation": merged("organisation", firm.id, make.organisation("Acme").id),
    }  # fmt: skip
    real = {
        **ids, "primary_contact_id": person_there.id, "parent_id": None, "organisation": {"id": firm.id}, "contact": {"id": person_there.id},
        "carry": [], "stage_id": lead.stage_id, "stage": [lead.stage_id], "pipeline_id": lead.pipeline_id, "pipeline": lead.pipeline_id,
        "owner_id": 1, "source_id": source.id, "source": source.id, "lost_reason_id": reason.id, "owner": "me", "version": 1,
    }  # fmt: skip
    bearer = {"Authorization": f"Bearer {program.token}"}
    schema = openapi.from_wsgi("/api/v1/openapi.json", app, headers=bearer)
    operations = [found.ok() for found in schema.get_all_operations()]

    # It leaves the document itself out.
    assert len(operations) == sum(len(item) for item in document_of(program)["paths"].values()) - 1
    seen: Counter[int] = Counter()
    for operation in operations:
        if mode is GenerationMode.NEGATIVE and operation.method == "get" and operation.path.endswith(UNSPOILABLE):
            continue
        known = {name: ids[name] for name in re.findall(r"{(\w+)}", operation.path)} or None
        noun = operation.path.split("/")[3].rstrip("s")
        real["other_id"] = others.get(noun, {}).get(operation.path.rpartition("/")[2])
        cases = operation.as_strategy(generation_mode=mode, path_parameters=known)
        seen += _try(cases, bearer, real if mode is GenerationMode.POSITIVE else {}, examples)
    worked = sum(count for status, count in seen.items() if status < 300)
    assert (worked > examples) if mode is GenerationMode.POSITIVE else (sum(seen.values()) > worked * 2), seen


def merged(record_type, keep_id, other_id):
    """{split: the id of a record that was merged into this one, merge: that of one that could be}."""
    merge_records(record_type, keep_id, other_id, actor=SYSTEM)
    free = (
        create_lead({"title": "Third"}, actor=SYSTEM).lead_id
        if record_type == "lead"
        else create_party(record_type, {"name": "Third"}, actor=SYSTEM).id
    )
    return {"split": other_id, "merge": free}


def _try(cases, bearer, real, examples):
    """How often each status came. Ids are made up; half of the time they are put right, so that something comes of it."""
    seen: Counter[int] = Counter()

    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        derandomize=examples < 100,
    )  # fmt: skip
    @given(cases, strategies.booleans())
    def call(case, put_right):
        for sent in (case.body, case.query):
            if put_right and isinstance(sent, dict):
                sent.update({name: value for name, value in real.items() if name in sent})
        with taken_back():
            seen[case.call_and_validate(headers=bearer, excluded_checks=NOT_HELD_TO).status_code] += 1

    call()
    return seen
