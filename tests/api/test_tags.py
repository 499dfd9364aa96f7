"""Tags by the API: told with a lead, sent as a whole list, listed and filtered by."""

from leadboard.domain.tags import archive_tag, set_tags
from leadboard.models import LeadTag, Tag
from leadboard.permissions import SYSTEM
from tests.api.conftest import fields_of


def test_tags_are_told_sent_and_taken_away(api, anna, make):
    make.pipeline()
    program = api(anna)

    made = program.post("/leads", {"title": "A", "tags": ["VIP", "Fair"]})
    assert (made.status_code, made.json["tags"]) == (201, ["Fair", "VIP"])
    path = f"/leads/{made.json['id']}"
    assert program.patch(path, {"city": "Gdynia"}).json["tags"] == ["Fair", "VIP"]
    assert program.patch(path, {"tags": ["vip", "cold"]}).json["tags"] == ["cold", "VIP"]
    assert program.get(path).json["tags"] == ["cold", "VIP"]
    assert program.patch(path, {"tags": []}).json["tags"] == []
    assert [tag.name for tag in Tag.select().order_by(Tag.id)] == ["VIP", "Fair", "cold"]


def test_what_is_no_tag_is_named_and_nothing_is_saved(api, anna, make):
    make.pipeline()
    program = api(anna)
    lead = program.post("/leads", {"title": "A", "tags": ["x"]}).json

    for sent in (["a,b"], ["x" * 41], [""], ["  "], [f"t{number}" for number in range(31)], "x", None):
        answer = program.patch(f"/leads/{lead['id']}", {"tags": sent, "city": "Nowhere"})
        assert answer.status_code == 422 and next(iter(fields_of(answer))).startswith("tags"), sent
    assert program.get(f"/leads/{lead['id']}").json == lead
    answer = program.post("/contacts", {"name": "Bo", "tags": ["x"]})
    assert answer.status_code == 422 and "tags" in fields_of(answer)


def test_a_lead_for_somebody_else_may_have_tags_of_the_start(api, ben, anna, make):
    make.set_up(member_visibility="own")
    make.pipeline()
    answer = api(ben).post("/leads", {"title": "For Anna", "owner_id": anna.id, "tags": ["gift"]})

    assert (answer.status_code, set(answer.json)) == (201, {"id", "version"})
    assert [row.lead_id for row in LeadTag.select()] == [answer.json["id"]]
    assert api(ben).patch(f"/leads/{answer.json['id']}", {"tags": []}).status_code == 404


def test_tags_are_listed_and_leads_found_by_them(api, anna, make):
    make.pipeline()
    for title, names in (("A", ["x", "y"]), ("B", ["y"]), ("C", [])):
        set_tags(make.lead(title, owner=anna.user).id, names, actor=SYSTEM)
    archive_tag(Tag.get(Tag.name == "x").id, is_archived=True, actor=SYSTEM)
    program = api(anna, "leads:read")

    [told] = program.get("/tags").json["data"]
    assert told["name"] == "y" and set(told) == {"id", "name", "tone"}
    found = program.get(f"/leads?tag={told['id']}&sort=title").json["data"]
    assert [(lead["title"], lead["tags"]) for lead in found] == [("A", ["x", "y"]), ("B", ["y"])]
    answer = program.get("/leads?tag=999")
    assert answer.status_code == 422 and "tag" in fields_of(answer)


def test_whoever_read_other_tags_takes_none_away(api, anna, make):
    make.pipeline()
    program = api(anna)
    lead = program.post("/leads", {"title": "A", "tags": ["Fair"]}).json
    path, version = f"/leads/{lead['id']}", lead["version"]

    first = program.patch(path, {"tags": ["Fair", "VIP"], "version": version})
    second = program.patch(path, {"tags": ["Fair", "Cold"], "city": "Oslo", "version": version})
    others = program.patch(path, {"city": "Gdynia", "version": version})

    assert (first.status_code, second.status_code, others.status_code) == (200, 409, 200)
    sides = second.json["error"]["fields"]["tags"]
    assert (sides["yours"], sides["theirs"]) == (["Fair", "Cold"], ["Fair", "VIP"])
    assert (others.json["tags"], others.json["city"]) == (["Fair", "VIP"], "Gdynia")
