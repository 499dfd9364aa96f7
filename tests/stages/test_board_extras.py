"""What a board tells beside its cards: leads that wait, how a stage flows, what is folded, what cards show."""

from datetime import timedelta

import pytest

from leadboard.db import execute, now_ms, rows
from leadboard.domain.card_fields import choose_card_fields
from leadboard.domain.moves import move_lead, snooze_lead
from leadboard.domain.pipelines import update_pipeline, update_stage
from leadboard.domain.stage_flow import measure_stages
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, Refused
from leadboard.permissions import SYSTEM
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.pipelines import stage as read_stage
from leadboard.queries.settings import today

DAY_MS = 86_400_000


def back(lead, *, quiet=0, here=0):
    now = now_ms()
    execute(
        "update lead set last_touch_at = ?, stage_entered_at = ? where id = ?",
        (now - quiet * DAY_MS, now - here * DAY_MS, lead.id),
    )


@pytest.fixture
def waiting(make, ada):
    """Leads in a stage with both limits: quiet for long, here for long, both, with a plan, overdue, asleep, fresh."""
    make.pipeline("Sales")
    update_stage(make.stage("Meeting").id, actor=ada.actor, touch_days=7, stay_days=30)
    leads = {
        name: make.lead(name, stage="Meeting") for name in ("quiet", "long", "both", "planned", "overdue", "asleep", "fresh")
    }
    make.task(leads["planned"], due_on=today() + timedelta(days=3))
    make.task(leads["overdue"], due_on=today() - timedelta(days=1))
    for name, days in {
        "quiet": (9, 0),
        "long": (0, 40),
        "both": (9, 40),
        "planned": (9, 0),
        "overdue": (9, 0),
        "asleep": (99, 99),
    }.items():
        back(leads[name], quiet=days[0], here=days[1])
    snooze_lead(leads["asleep"].id, until=today() + timedelta(days=5), today=today(), actor=SYSTEM)
    elsewhere = make.lead("no limits", stage="Offer")
    back(elsewhere, quiet=99, here=99)
    return leads


@pytest.mark.parametrize(
    "which, found",
    [("touch", {"quiet", "both", "overdue"}), ("stay", {"long", "both"}), ("yes", {"quiet", "both", "overdue", "long"})],
)
def test_stale_leads_are_found_by_each_clock_and_typed(waiting, anna, which, found):
    for args in ({"stale": which}, {"query": f"stale:{which}"}):
        wanted = LeadFilter.from_args(args, anna.actor, known_values())
        sql, params = wanted.where(anna.actor, "lead", today())
        assert {title for (title,) in rows(f"select title from lead where {sql}", params)} == found
        assert wanted.stale == which


def test_an_unknown_clock_is_told_with_the_known_ones(make, anna):
    make.pipeline()
    for args in ({"stale": "old"}, {"query": "stale:old"}):
        with pytest.raises(Refused, match="touch"):
            LeadFilter.from_args(args, anna.actor, known_values())


def test_cards_say_which_clock_and_how_long(waiting, anna, html):
    page = html(anna.get("/"))
    marks = {name: page.texts(f"#l{lead.id} .stale") for name, lead in waiting.items() if name != "asleep"}
    assert marks == {
        "quiet": ["9 days quiet"], "long": ["40 days here"], "both": ["9 days quiet", "40 days here"], "planned": [],
        "overdue": ["9 days quiet"], "fresh": [],
    }  # fmt: skip
    filtered = html(anna.get(f"/board/{waiting['quiet'].pipeline_id}?stale=stay"))
    assert sorted(one.text for one in filtered.all(".lc-n")) == ["both", "long"]


def test_the_marks_cost_no_further_statement(waiting, anna, queries):
    anna.get("/")
    with queries(at_most=10):
        anna.get("/")


def test_a_stage_tells_how_leads_went_through_it(make, anna, html):
    make.pipeline("Sales")
    for number in range(10):
        lead = make.lead(stage="Contacted")
        back(lead, here=4)
        to = "Meeting" if number < 6 else "New" if number < 8 else "Won"
        move_lead(lead.id, to_stage_id=make.stage(to).id, actor=SYSTEM)
    measure_stages()

    found = read_stage(make.stage("Contacted").id)
    assert (round(found.flow_ms / DAY_MS), found.flow_share) == (4, 80)
    assert read_stage(make.stage("New").id).flow_ms is None
    assert html(anna.get("/")).texts(".stage-f") == ["usually 4 days · 80 % go on"]


def test_a_move_that_was_taken_back_counts_for_nothing(make, anna):
    make.pipeline("Sales")
    for _ in range(6):
        moved = move_lead(make.lead(stage="New").id, to_stage_id=make.stage("Meeting").id, actor=anna.actor)
        undo_change(moved.change_set_id, actor=anna.actor)
    measure_stages()
    assert rows("select 1 from stage_flow") == []


def test_more_leads_than_a_stage_is_meant_for_are_told_and_let_in(make, ada, anna, html):
    make.pipeline("Sales")
    update_stage(make.stage("New").id, actor=ada.actor, most_leads=2)
    make.leads(2)
    assert html(anna.get("/")).texts(".stage-w") == ["/2"]
    make.lead()
    page = html(anna.get("/"))
    assert "over" in page.one(".stage-w").attrs["class"]
    assert "More than the 2" in page.one(".stage-w").attrs["title"]


def test_a_column_is_folded_for_oneself_and_kept(make, anna, ben, html):
    lead = make.lead("Acme", stage="New")
    stage, board = lead.stage_id, lead.pipeline_id
    anna.post(f"/board/{board}/stages/{stage}/fold", {"folded": "1"})

    page = html(anna.get("/"))
    assert page.one(f"#s{stage}").attrs["class"] == "stage folded"
    assert page.all(".lc") == []
    assert len(html(ben.get("/")).all(".lc")) == 1
    anna.post(f"/board/{board}/stages/{stage}/fold", {"folded": "0"})
    assert len(html(anna.get("/")).all(".lc")) == 1


def test_cards_show_what_an_admin_chose_for_their_board(make, ada, anna, html):
    make.field("Budget", "number")
    make.field("Hidden", "text", on_card=True)
    lead = make.lead(
        "Deal", organisation_name="Acme", city="Gdańsk", value_amount=100, value_currency="EUR", **{"fields.budget": 7}
    )
    choose_card_fields(lead.pipeline_id, ["city", "fields.budget"], actor=ada.actor)

    card = html(anna.get("/")).one(f"#l{lead.id}")
    assert card.texts(".tag") == ["Gdańsk", "Budget: 7"]
    assert "Acme" not in card.text
    assert "€" not in card.text


def test_card_fields_are_checked_and_two_admins_do_not_overwrite_one_another(make, ada, html):
    board = make.pipeline().id
    with pytest.raises(Refused):
        choose_card_fields(board, ["fields.nothing"], actor=ada.actor)
    choose_card_fields(board, ["city"], actor=ada.actor, seen="")
    with pytest.raises(Conflict):
        choose_card_fields(board, ["region"], actor=ada.actor, seen="")
    assert (
        ada.post(
            f"/admin/pipelines/{board}/cards", {"card_fields": ["city", "owner"], "seen": '{"card_fields": "city"}'}
        ).status_code
        == 303
    )
    page = html(ada.get(f"/admin/pipelines/{board}/cards"))
    assert {one.attrs["value"] for one in page.all("input[name=card_fields]") if "checked" in one.attrs} == {"city", "owner"}


def test_a_pipeline_calls_its_records_by_their_own_name(make, ada, anna, html):
    lead = make.lead("Acme")
    with pytest.raises(Refused):
        update_pipeline(lead.pipeline_id, actor=ada.actor, record_name="Enquiry")
    update_pipeline(lead.pipeline_id, actor=ada.actor, record_name="Enquiry", record_plural="Enquiries")

    assert "New Enquiry" in html(anna.get("/")).one(".btn-primary").text
    assert "Enquiries" in html(anna.get(f"/leads/{lead.id}")).one(".crumbs").text
