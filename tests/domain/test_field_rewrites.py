"""All values of a field at once: another type, choices that go, a field deleted for good, and each of these taken back."""

import json

import pytest

from leadboard.db import execute, one, rows
from leadboard.domain import field_rewrites
from leadboard.domain.custom_fields import add_field, archive_field, change_field
from leadboard.domain.field_conversion import choices_of_values, preview_type
from leadboard.domain.field_rewrites import change_type, delete_field, replace_choices, running
from leadboard.domain.leads import update_lead
from leadboard.domain.parties import update_party
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, Refused
from leadboard.permissions import SYSTEM
from leadboard.pluginhost.state import read_revision
from leadboard.queries.custom_fields import custom_fields, index_names
from leadboard.queries.search import search
from leadboard.queries.settings import go_by

TIERS = {
    "choices": [
        {"key": "gold", "label": "Gold", "tone": "amber"},
        {"key": "tin", "label": "Tin"},
        {"key": "iron", "label": "Iron"},
    ]
}


def values(table="lead"):
    """{id: (value of the one field, its keys)} as the database has them."""
    found = {}
    for number, fields, keys in rows(f"select id, fields, field_keys from {table} order by id"):
        found[number] = (decoded(fields), decoded(keys))
    return found


def decoded(kept):
    return json.loads(kept) if isinstance(kept, str) else kept


def plain(table="lead"):
    return [next(iter(fields.values()), None) for fields, _ in values(table).values()]


def field(key, record_type="lead"):
    return custom_fields(None, record_type).by_key[key]


@pytest.fixture
def by_jobs(monkeypatch):
    """Every change is one of many values."""
    monkeypatch.setattr(field_rewrites, "AT_ONCE", 0)
    monkeypatch.setattr(field_rewrites, "BATCH", 2)


@pytest.fixture
def area(app, make):
    """Leads with texts that are mostly numbers."""
    made = add_field("Area", "text", key="area", in_list=True, actor=SYSTEM)
    for text in ("12", "80.5", "about 90", None, "7"):
        make.lead(f"Lead {text}", **({"fields.area": text} if text else {}))
    return made


def test_a_preview_counts_and_names_what_does_not_convert(area, ada):
    preview = preview_type("area", "number", {"decimals": 1}, actor=ada.actor)
    assert (preview.converts, preview.lost, preview.is_whole) == (3, 1, True)
    [lost] = preview.first
    assert (lost.held.title, lost.held.text, lost.count) == ("Lead about 90", "about 90", 1)
    assert plain() == ["12", "80.5", "about 90", None, "7"], "nothing is written"


@pytest.mark.parametrize("many", [False, True])
def test_a_type_is_changed_and_taken_back(area, ada, anna, many, request, run_jobs):
    if many:
        request.getfixturevalue("by_jobs")
    with pytest.raises(Refused, match="may go"):
        change_type("area", "number", {"decimals": 1}, actor=ada.actor)
    before = values()
    begun = change_type("area", "number", {"decimals": 1}, actor=ada.actor, agreed=True)
    assert begun.is_done is not many
    run_jobs()
    assert plain() == [12, 80.5, None, None, 7]
    assert (field("area").definition.type, running(field("area").definition)) == ("number", None)
    assert [keys for _, keys in values().values()] == [{}] * 5, "a number has no keys of its own"
    assert one("select count(distinct change_set_id) from event where kind = 'lead_updated'") == (1,)
    assert field("area").index in index_names()

    undone = undo_change(begun.change_set_id, actor=ada.actor)
    run_jobs()
    assert values() == before
    assert field("area").definition.type == "text"
    with pytest.raises(Refused, match="already"):
        undo_change(begun.change_set_id, actor=ada.actor)
    assert undone.kept == 0


def test_edits_during_a_change_lose_nothing(area, ada, anna, by_jobs, run_jobs, make):
    lead = make.lead("Busy", owner=anna.user, **{"fields.area": "44"})
    begun = change_type("area", "number", {"decimals": 1}, actor=ada.actor, agreed=True)
    with pytest.raises(Refused, match="being changed by an admin"):
        update_lead(lead.id, {"fields.area": "45"}, actor=anna.actor)
    update_lead(lead.id, {"email": "busy@acme.example"}, actor=anna.actor)
    with pytest.raises(Refused, match="being changed by an admin"):
        change_field("area", label="Other", actor=ada.actor)
    with pytest.raises(Refused, match="not done yet"):
        undo_change(begun.change_set_id, actor=ada.actor)
    run_jobs()
    assert plain()[-1] == 44
    assert one("select email from lead where id = ?", (lead.id,)) == ("busy@acme.example",)

    # What was typed since goes with the change that is taken back: as the other type has it.
    update_lead(lead.id, {"fields.area": 45.5}, actor=anna.actor)
    undo_change(begun.change_set_id, actor=ada.actor)
    run_jobs()
    assert plain() == ["12", "80.5", "about 90", None, "7", "45.5"]


def test_a_worker_that_dies_goes_on_where_it_was(area, ada, by_jobs, run_jobs, monkeypatch):
    change_type("area", "number", {"decimals": 1}, actor=ada.actor, agreed=True)
    real, calls = field_rewrites._batch, []

    def dies(step, field_id):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the plug is pulled")
        return real(step, field_id)

    monkeypatch.setattr(field_rewrites, "_batch", dies)
    run_jobs()
    assert running(field("area").definition).done == 2
    monkeypatch.undo()
    execute("update job set run_at = 0, state = 'queued' where kind = ?", (field_rewrites.REWRITE_JOB,))
    run_jobs()
    assert plain() == [12, 80.5, None, None, 7]
    assert one("select count(*) from event where kind = 'lead_updated'") == (4,)
    assert one("select count(distinct change_set_id) from event where kind = 'lead_updated'") == (1,)


def test_types_that_cannot_convert_are_refused(area, ada, anna):
    add_field("Who", "user", key="who", actor=SYSTEM)
    with pytest.raises(Refused, match="do not convert"):
        change_type("who", "number", {}, actor=ada.actor)
    with pytest.raises(Refused, match="no field type"):
        change_type("area", "nothing", {}, actor=ada.actor)
    with pytest.raises(NotAllowed):
        change_type("area", "number", {}, actor=anna.actor)
    with pytest.raises(NotAllowed):
        preview_type("area", "number", {}, actor=anna.actor)


def test_values_that_would_become_the_same_are_told_of_a_unique_field(app, make, ada):
    add_field("Number", "text", key="number", is_unique=True, actor=SYSTEM)
    make.lead("One", **{"fields.number": "7"})
    make.lead("Two", **{"fields.number": "7.0"})
    assert preview_type("number", "number", {}, actor=ada.actor).doubles[1].text == "7.0"
    with pytest.raises(Refused, match="unique"):
        change_type("number", "number", {}, actor=ada.actor, agreed=True)
    assert plain() == ["7", "7.0"]


def test_a_moment_becomes_the_day_where_the_team_works_and_a_text_a_choice(app, make, ada):
    add_field("Visit", "moment", key="visit", actor=SYSTEM)
    make.lead("Acme", **{"fields.visit": "2031-11-20T23:30:00Z"})
    change_type("visit", "day", {}, actor=ada.actor)
    # The instance of the tests is in Berlin.
    assert plain() == ["2031-11-21"]
    change_type("visit", "text", {}, actor=ada.actor)
    assert choices_of_values(field("visit")) == ["2031-11-21"]
    change_type("visit", "choice", {"choices": choices_of_values(field("visit"))}, actor=ada.actor)
    [choice] = field("visit").definition.options["choices"]
    assert (choice["label"], plain()) == ("2031-11-21", [choice["key"]])


def test_the_words_of_search_follow_the_type(app, make, ada, anna):
    add_field("Seen", "yes_no", key="seen", actor=SYSTEM)
    lead = make.lead("Acme", owner=anna.user, **{"fields.seen": True})
    change_type("seen", "text", {}, actor=ada.actor)
    update_lead(lead.id, {"fields.seen": "zeppelin"}, actor=anna.actor)
    assert [hit.id for hit in search("zeppelin", anna.actor, most=5).hits["lead"]] == [lead.id]


@pytest.mark.parametrize("many", [False, True])
def test_choices_in_use_become_others(app, make, ada, many, request, run_jobs):
    if many:
        request.getfixturevalue("by_jobs")
    add_field("Tier", "choice", key="tier", options=TIERS, default="tin", actor=SYSTEM)
    for key in ("gold", "tin", "iron", "iron"):
        make.lead(key, **{"fields.tier": key})
    before = values()
    gold_only = {"choices": [TIERS["choices"][0]]}
    with pytest.raises(Refused, match="no longer fit"):
        replace_choices("tier", gold_only, {"tin": "gold"}, actor=ada.actor)
    with pytest.raises(Refused, match="no choice silver"):
        replace_choices("tier", gold_only, {"tin": "silver", "iron": None}, actor=ada.actor)
    begun = replace_choices("tier", gold_only, {"tin": "gold", "iron": None}, actor=ada.actor)
    run_jobs()
    assert plain() == ["gold", "gold", None, None]
    assert field("tier").definition.default == "gold"
    undo_change(begun.change_set_id, actor=ada.actor)
    run_jobs()
    assert values() == before
    assert [one["key"] for one in field("tier").definition.options["choices"]] == ["gold", "tin", "iron"]


def test_several_choices_keep_what_stays(app, make, ada):
    add_field("Metals", "choices", key="metals", options=TIERS, actor=SYSTEM)
    make.lead("a", **{"fields.metals": ["gold", "tin"]})
    make.lead("b", **{"fields.metals": ["tin", "iron"]})
    replace_choices("metals", {"choices": TIERS["choices"][:1]}, {"tin": "gold", "iron": None}, actor=ada.actor)
    assert plain() == [["gold"], ["gold"]]


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("record_type", ["lead", "contact", "organisation"])
def test_an_archived_field_is_deleted_for_good_and_brought_back(app, make, ada, many, record_type, request, run_jobs):
    if many:
        request.getfixturevalue("by_jobs")
    made = add_field("Tier", "text", key="tier", record_type=record_type, in_list=True, help="Which", actor=SYSTEM)
    for name in ("Łódź", "b", "c"):
        getattr(make, record_type)(name, **{"fields.tier": name})
    before = values(record_type)
    with pytest.raises(Refused, match="Archive the field first"):
        delete_field("tier", actor=ada.actor, record_type=record_type, typed="tier")
    archive_field("tier", is_archived=True, actor=ada.actor, record_type=record_type)
    with pytest.raises(Refused, match="Type tier"):
        delete_field("tier", actor=ada.actor, record_type=record_type, typed="tire")
    begun = delete_field("tier", actor=ada.actor, record_type=record_type, typed=" tier")
    run_jobs()
    assert values(record_type) == {number: ({}, {}) for number in before}
    assert custom_fields(None, record_type).by_key == {}

    undo_change(begun.change_set_id, actor=ada.actor)
    run_jobs()
    assert values(record_type) == before
    back = field("tier", record_type).definition
    assert (back.id, back.label, back.help, back.in_list, back.is_archived) == (made.id, "Tier", "Which", True, True)


def test_a_deleted_field_does_not_come_back_over_another_one(app, make, ada):
    add_field("Tier", "text", key="tier", actor=SYSTEM)
    make.lead("a", **{"fields.tier": "x"})
    archive_field("tier", is_archived=True, actor=ada.actor)
    begun = delete_field("tier", actor=ada.actor, typed="tier")
    add_field("Tier", "number", key="tier", actor=SYSTEM)
    with pytest.raises(Conflict, match="by now"):
        undo_change(begun.change_set_id, actor=ada.actor)


def test_another_change_is_waited_for(area, ada, by_jobs):
    change_type("area", "number", {"decimals": 1}, actor=ada.actor, agreed=True)
    for again in (
        lambda: change_type("area", "number", {}, actor=ada.actor, agreed=True),
        lambda: change_field("area", is_required=True, actor=ada.actor),
    ):
        with pytest.raises(Refused, match="being changed by an admin"):
            again()


def test_records_of_the_bin_are_changed_too(area, ada, make):
    lead = make.lead("Gone", **{"fields.area": "5"})
    execute("update lead set deleted_at = 1 where id = ?", (lead.id,))
    change_type("area", "number", {"decimals": 1}, actor=ada.actor, agreed=True)
    assert plain()[-1] == 5


def test_people_and_firms(app, make, ada):
    add_field("Size", "text", key="size", record_type="organisation", actor=SYSTEM)
    firm = make.organisation("Acme", **{"fields.size": "12"})
    change_type("size", "number", {}, actor=ada.actor, record_type="organisation")
    update_party("organisation", firm.id, {"fields.size": 13}, actor=ada.actor)
    assert plain("organisation") == [13]


def test_a_write_that_waited_for_the_change_goes_by_the_new_type(area, ada, anna, make):
    """It began with the fields as they were, as a request does."""
    lead = make.lead("Late", owner=anna.user)
    revision = read_revision()
    change_type("area", "number", {"decimals": 1}, actor=ada.actor, agreed=True)
    go_by(revision)
    with pytest.raises(Refused, match="must be a number"):
        update_lead(lead.id, {"fields.area": "45"}, actor=anna.actor)
    update_lead(lead.id, {"fields.area": 45}, actor=anna.actor)
    assert plain()[-1] == 45


def test_an_import_is_waited_for(area, ada, monkeypatch):
    """It goes by the fields as they were when it began."""
    monkeypatch.setattr(field_rewrites, "RUNNING_IMPORT", "select 1")
    with pytest.raises(Refused, match="import is running"):
        change_type("area", "number", {"decimals": 1}, actor=ada.actor, agreed=True)
    assert plain() == ["12", "80.5", "about 90", None, "7"]
