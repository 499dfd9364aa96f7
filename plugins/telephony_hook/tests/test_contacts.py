"""Calls of people who are contacts and no lead."""

import pytest
from leadboard_plugins.telephony_hook import lists

from leadboard.api import NotFound, Refused, one, rows
from leadboard.domain.points import Point, set_points

CALLER = "+49 30 901820"


@pytest.fixture
def incoming(tell):
    return lambda event, after=0: tell(event, after=after, direction="inbound", agent="201", to="030 1", **{"from": CALLER})


def test_a_call_of_a_contact_without_one_lead_is_on_the_contacts_timeline(incoming, agent, anna, make, run_jobs, html):
    contact = make.contact("Ilse Lüders", phone="030 1111")
    set_points([Point("phone", CALLER, "mobile")], contact_id=contact.id, actor=anna.actor)
    make.lead(phone=CALLER)
    make.lead(phone=CALLER)
    incoming("ringing", 0)
    shown = html(anna.get("/p/telephony_hook/now"))
    assert "Ilse Lüders" in shown.texts(".who b")
    assert shown.all(".acts") == []
    incoming("answered", 5)
    incoming("ended", 65)
    run_jobs()
    assert rows("select contact_id, lead_id, kind, duration_seconds, author_id from activity") == [
        (contact.id, None, "call", 60, anna.id)
    ]
    assert lists.without_lead(anna.actor) == []
    call_id = one("select id from p_telephony_hook_call")[0]
    assert "Open the contact" in anna.get(f"/p/telephony_hook/calls/{call_id}").get_data(as_text=True)
    with pytest.raises(Refused, match="on a timeline already"):
        lists.assign(call_id, make.lead().id, actor=anna.actor)


def test_a_number_of_exactly_one_lead_stays_the_leads(incoming, agent, make, run_jobs):
    make.contact("Ilse", phone=CALLER)
    lead = make.lead(phone=CALLER)
    incoming("ended", 0)
    run_jobs()
    assert rows("select lead_id, contact_id from activity") == [(lead.id, None)]


def test_a_contact_is_looked_up_and_hidden_from_whom_it_is(app, incoming, agent, anna, ben, make, token):
    firm = make.organisation("Acme")
    contact = make.contact("Ilse Lüders", phone=CALLER, organisation=firm.id, owner=ben.user)
    answer = app.test_client().get("/in/telephony/lookup?number=%2B4930901820", headers={"Authorization": f"Bearer {token}"})
    [found] = answer.json["contacts"]
    assert (found["id"], found["type"], found["first_name"], found["company"]) == (
        f"C-{contact.id}",
        "Contacts",
        "Ilse Lüders",
        "Acme",
    )
    assert found["url"].endswith(f"/contacts/{contact.id}")
    make.set_up(member_visibility="own")
    incoming("ringing", 0)
    assert "Ilse" not in anna.get("/p/telephony_hook/now").get_data(as_text=True)
    call_id = one("select id from p_telephony_hook_call")[0]
    with pytest.raises(NotFound):
        lists.call(call_id, anna.actor)
