"""The visit plan as its users meet it."""

from datetime import timedelta

import pytest
from leadboard_plugins.visit_plan import plans

from leadboard.api import NotAllowed, NotFound, Refused, as_day, execute, move_lead, one, rows, today
from leadboard.domain.plugins import save_settings
from leadboard.domain.settings import change_settings
from leadboard.permissions import SYSTEM


@pytest.fixture(autouse=True)
def on(plugin, app):
    plugin("visit_plan")


def due(lead, days):
    execute("update p_visit_plan_plan set next_on = ? where lead_id = ?", (today() + timedelta(days=days), lead.id))


def text_of(answer, html, selector):
    return " ".join(html(answer).one(selector).text.split())


def test_a_plan_is_made_carried_out_and_stopped_on_the_lead_page(anna, make, html):
    lead = make.lead("Ferienhof Lüders")
    panel = "#panel-visit_plan-plan"
    assert "No visits are planned." in text_of(anna.get(f"/leads/{lead.id}"), html, panel)
    assert anna.post(f"/p/visit_plan/leads/{lead.id}/plan", {"weeks": "6"}).status_code == 303
    page = text_of(anna.get(f"/leads/{lead.id}"), html, panel)
    assert "6 weeks" in page
    due(lead, -1)
    anna.post(f"/p/visit_plan/leads/{lead.id}/visit", {"text": "Roof is dry."})
    assert as_day(one("select next_on from p_visit_plan_plan")[0]) == today() + timedelta(weeks=6)
    entry = text_of(anna.get(f"/leads/{lead.id}"), html, "#a1")
    assert "Anna Kowalska paid a visit" in entry
    assert "Roof is dry." in entry
    anna.post(f"/p/visit_plan/leads/{lead.id}/plan", {"stop": "1", "weeks": "6"})
    assert rows("select * from p_visit_plan_plan") == []


@pytest.mark.parametrize("weeks", ["", "0", "105", "-1", "1.5", "four", "9" * 50])
def test_weeks_that_are_none_are_refused(anna, make, weeks):
    lead = make.lead("Ferienhof Lüders")
    assert anna.post(f"/p/visit_plan/leads/{lead.id}/plan", {"weeks": weeks}).status_code == 422
    assert rows("select * from p_visit_plan_plan") == []


def test_only_who_sees_and_may_write(anna, ben, vera, carla, make):
    lead = make.lead("Ferienhof Lüders", owner=anna.user)
    assert vera.post(f"/p/visit_plan/leads/{lead.id}/plan", {"weeks": "4"}).status_code == 403
    change_settings(member_visibility="own", actor=SYSTEM)
    assert ben.post(f"/p/visit_plan/leads/{lead.id}/plan", {"weeks": "4"}).status_code == 404
    with pytest.raises(NotAllowed):
        plans.set_plan(lead.id, 4, actor=vera.actor)
    with pytest.raises(NotFound):
        plans.visit(lead.id, actor=ben.actor)


def test_badges_tell_when_in_one_statement_however_many_cards(anna, make, html, queries):
    leads = make.leads(4)
    for lead, days in zip(leads[:3], (-2, 0, 3), strict=True):
        plans.set_plan(lead.id, 4, actor=anna.actor)
        due(lead, days)
    board = html(anna.get("/"))
    assert board.one(f"#l{leads[0].id} .tone-red").text == "Visit overdue"
    assert board.one(f"#l{leads[1].id} .tone-orange").text == "Visit today"
    assert board.one(f"#l{leads[2].id} .tone-teal").text.startswith("Visit ")
    assert "Visit" not in board.one(f"#l{leads[3].id}").text
    with queries(at_most=99) as few:
        anna.get("/")
    plans.set_plan(leads[3].id, 4, actor=anna.actor)
    with queries(at_most=len(few.texts)):
        anna.get("/")


def test_a_visit_that_is_near_becomes_one_next_step_of_the_owner(anna, make, run_jobs):
    near, far, closed = (make.lead(owner=anna.user) for _ in range(3))
    for lead in (near, far, closed):
        plans.set_plan(lead.id, 4, actor=anna.actor)
    due(near, 5)
    due(closed, 5)
    execute("update lead set closed_at = 1 where id = ?", (closed.id,))
    assert [plans.plan_due_visits(), plans.plan_due_visits()] == [1, 0]
    assert [tuple(row) for row in rows("select lead_id, title, assignee_id from task")] == [(near.id, "Visit", anna.id)]
    plans.visit(near.id, actor=anna.actor)
    due(near, 1)
    assert plans.plan_due_visits() == 1


def test_an_overdue_visit_holds_the_lead_when_the_setting_says_so(anna, make):
    lead = make.lead("Ferienhof Lüders")
    plans.set_plan(lead.id, 4, actor=anna.actor)
    due(lead, -1)
    to = make.stage("Contacted").id
    move_lead(lead.id, to_stage_id=to, actor=anna.actor)
    save_settings("visit_plan", {"holds_moves": True}, {}, actor=SYSTEM)
    with pytest.raises(Refused, match="Ferienhof Lüders is waiting for a visit"):
        move_lead(lead.id, to_stage_id=make.stage("Meeting").id, actor=anna.actor)
    plans.visit(lead.id, actor=anna.actor)
    move_lead(lead.id, to_stage_id=make.stage("Meeting").id, actor=anna.actor)


def test_its_style_sheet_comes_with_the_page_that_needs_it_only(anna, make, html):
    lead = make.lead("Ferienhof Lüders")
    sheets = [link.attrs["href"] for link in html(anna.get(f"/leads/{lead.id}")).all("link[rel=stylesheet]")]
    own = [sheet for sheet in sheets if sheet.startswith("/static/p/visit_plan/visit_plan.css?v=")]
    assert len(own) == 1
    with anna.get(own[0]) as answer:
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000")
    assert "visit_plan.css" not in anna.get("/").text
