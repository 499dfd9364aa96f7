"""Calls as the telephone system tells them and as agents meet them."""

import itertools
import json

import pytest
from leadboard_plugins.telephony_hook import calls, doors, lists

from leadboard.api import NotAllowed, NotFound, Refused, execute, now_ms, one, rows, sign_message
from leadboard.domain.activities import delete_activity
from leadboard.domain.leads import delete_leads
from leadboard.domain.plugins import save_settings
from leadboard.domain.settings import change_settings
from leadboard.permissions import SYSTEM

TOKEN = "t" * 32
CALLER = "+49 30 901820"


def incoming(tell, event, after, **values):
    return tell(event, after=after, **{"direction": "inbound", "from": CALLER, "to": "030 1", "agent": "201", **values})


def state(source_key="c1"):
    return one("select state, duration_s, lead_id from p_telephony_hook_call where source_key = ?", (source_key,))


def entries():
    return rows(
        "select lead_id, direction, outcome, duration_seconds, author_id from activity where deleted_at is null order by id"
    )


def test_a_call_is_on_the_timeline_of_its_lead_once_with_how_long_it_took(tell, agent, make, run_jobs, html):
    lead = make.lead("Ferienhof Lüders", phone="030 / 901 820")
    assert incoming(tell, "ringing", 0).get_json() == {"accepted": True, "call": "C-1"}
    run_jobs()
    assert entries() == []
    assert incoming(tell, "answered", 4).status_code == 202
    run_jobs()
    assert entries() == [(lead.id, "incoming", "reached", None, agent.id)]
    assert incoming(tell, "ended", 67).status_code == 202
    run_jobs()
    assert entries() == [(lead.id, "incoming", "reached", 63, agent.id)]
    shown = " ".join(html(agent.get(f"/leads/{lead.id}")).one("#a1").text.split())
    assert "Anna Kowalska logged a call" in shown
    assert "1 min" in shown


def test_an_event_that_comes_again_changes_nothing(tell, agent, make, run_jobs):
    make.lead(phone=CALLER)
    for event, after in (("ringing", 0), ("answered", 4), ("ended", 67)):
        incoming(tell, event, after)
        again = incoming(tell, event, after + 50)
        assert (again.status_code, again.get_json()) == (200, {"accepted": True, "call": "C-1", "duplicate": True})
    run_jobs()
    run_jobs()
    assert (state()[:2], len(entries())) == (("ended", 63), 1)


@pytest.mark.parametrize("order", list(itertools.permutations([("ringing", 0), ("answered", 4), ("ended", 67)])))
def test_any_order_comes_to_the_same(tell, agent, make, run_jobs, order):
    lead = make.lead(phone=CALLER)
    for event, after in order:
        incoming(tell, event, after)
        run_jobs()
    assert state() == ("ended", 63, lead.id)
    assert entries() == [(lead.id, "incoming", "reached", 63, agent.id)]


@pytest.mark.parametrize(
    "events, outcome",
    [
        ([("ringing", {}), ("missed", {})], "no_answer"),
        ([("ringing", {}), ("ended", {})], "no_answer"),
        ([("ringing", {}), ("voicemail", {})], "left_message"),
        ([("ended", {"duration_s": 63})], "reached"),
    ],
)
def test_how_it_ended_is_told(tell, agent, make, run_jobs, events, outcome):
    make.lead(phone=CALLER)
    for number, (event, values) in enumerate(events):
        incoming(tell, event, number, **values)
    run_jobs()
    assert [entry[2] for entry in entries()] == [outcome]


def test_a_call_that_only_rang_is_closed_after_its_time_and_opens_when_somebody_answers(tell, agent, make, run_jobs):
    lead = make.lead(phone=CALLER)
    incoming(tell, "ringing", 0)
    execute("update p_telephony_hook_call set rang_at = ?", (now_ms() - 119_000,))
    assert calls.close_forgotten() == 0
    execute("update p_telephony_hook_call set rang_at = ?", (now_ms() - 121_000,))
    assert [calls.close_forgotten(), calls.close_forgotten()] == [1, 0]
    run_jobs()
    assert (state()[0], entries()) == ("missed", [(lead.id, "incoming", "no_answer", None, agent.id)])
    incoming(tell, "answered", 150)
    run_jobs()
    assert (state()[0], [entry[2] for entry in entries()]) == ("talking", ["reached"])


def test_a_signature_opens_the_door_and_nothing_else_does(app, tell, make, secret):
    body = json.dumps({"event": "ringing", "call_id": "s1"}).encode()
    now = now_ms() // 1000

    def post(headers, body=body, cookie=False):
        client = app.test_client()
        if cookie:
            client.set_cookie("leadboard", "x")
        return client.post("/in/telephony", data=body, headers=headers)

    signed = {"webhook-id": "m1", "webhook-timestamp": str(now), "webhook-signature": sign_message(secret, "m1", now, body)}
    old = {**signed, "webhook-timestamp": str(now - 400), "webhook-signature": sign_message(secret, "m1", now - 400, body)}
    assert post(signed).status_code == 202
    assert [
        post(headers).status_code
        for headers in (
            {},
            old,
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Basic {TOKEN}"},
        )
    ] == [401] * 5
    assert post(signed, body + b" ").status_code == 401
    assert post(signed, cookie=True).status_code == 400
    assert one("select count(*) from p_telephony_hook_event") == (1,)
    save_settings("telephony_hook", {}, {"token": None, "secret": None}, actor=SYSTEM)
    for headers in ({}, {"Authorization": "Bearer "}, signed):
        answer = post(headers)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (410, "off")


@pytest.mark.parametrize(
    "body, status, code",
    [
        (b"", 400, "malformed"),
        (b"[1]", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b"[" * 20_000, 400, "malformed"),
        (b'{"event":"exploded","call_id":"x"}', 422, "unknown_event"),
        (b'{"event":"ringing"}', 422, "invalid"),
        (b'{"event":"ringing","call_id":""}', 422, "invalid"),
        (b'{"event":"ringing","call_id":"[CallId]"}', 422, "invalid"),
        (b'{"event":"ringing","call_id":{"a":1}}', 422, "invalid"),
        (b'{"event":"ringing","call_id":"' + b"x" * 201 + b'"}', 422, "invalid"),
        (b'{"event":"ringing","call_id":"' + b"x" * 70_000 + b'"}', 413, "too_large"),
    ],
)
def test_what_is_no_event_is_refused_in_one_shape(app, body, status, code):
    answer = app.test_client().post("/in/telephony", data=body, headers={"Authorization": f"Bearer {TOKEN}"})
    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert {"code", "message", "fields", "request_id"} <= set(error)
    assert rows("select * from p_telephony_hook_call") == []


@pytest.mark.parametrize(
    "values, warning",
    [
        ({"at": "yesterday"}, "at"),
        ({"at": "1970-01-01T00:00:00Z"}, "at"),
        ({"at": "9999-12-31T23:59:59+14:00"}, "at"),
        ({"duration_s": -1}, "duration_s"),
        ({"duration_s": "long"}, "duration_s"),
        ({"duration_s": 10**9}, "duration_s"),
        ({"direction": "sideways"}, "direction"),
        ({"recording_url": "javascript:alert(1)"}, "recording_url"),
    ],
)
def test_what_is_odd_is_a_warning_and_the_call_is_kept(tell, agent, make, run_jobs, values, warning):
    lead = make.lead(phone=CALLER)
    answer = incoming(tell, "ended", 0, **{"duration_s": 5, **values})
    assert (answer.status_code, answer.get_json()["warnings"]) == (202, [warning])
    run_jobs()
    assert [entry[0] for entry in entries()] == [lead.id]


def test_a_number_is_kept_without_what_could_turn_a_line_around(tell):
    tell("ringing", **{"from": "\u202e+49 30\x00\x1b[31m\n123\u2066", "to": "201"})
    assert rows("select number from p_telephony_hook_call") == [("+49 30[31m 123",)]


@pytest.mark.parametrize(
    "values",
    [{"from": 5, "to": None, "agent": ["x"]}, {"from": "\x00\ud800" * 9, "hangup_cause": "x" * 500}, {"agent": "[Agent]"}],
)
def test_fields_of_any_kind_are_lived_with(tell, values, run_jobs):
    assert tell("ended", **values).status_code == 202
    run_jobs()


def test_many_requests_at_once_are_slowed_down(app):
    asked = [
        app.test_client().get("/in/telephony/lookup?number=1", headers={"Authorization": f"Bearer {TOKEN}"}).status_code
        for _ in range(doors.MOST_A_SECOND + 1)
    ]
    assert (asked[0], asked[-1]) == (200, 429)


def test_a_caller_is_looked_up_in_any_number_format(app, make):
    lead = make.lead("Ferienhof Lüders", phone=CALLER, given_name="Ilse", family_name="Lüders", email="ilse@hof.example")
    make.leads(2, phone="+49 40 5555555")

    def ask(query, token=TOKEN):
        doors._lately.clear()
        return app.test_client().get(f"/in/telephony/lookup{query}", headers={"Authorization": f"Bearer {token}"})

    for number in ("%2B4930901820", "+4930901820", "030901820", "0049-30-901820", "901820", "30901820"):
        found = ask(f"?number={number}").get_json()["contacts"]
        assert [contact["id"] for contact in found] == ([f"L-{lead.id}"] if number != "901820" else [])
    contact = ask("?number=030901820").get_json()["contacts"][0]
    assert contact == {
        "id": f"L-{lead.id}", "type": "Leads", "first_name": "Ilse", "last_name": "Lüders", "company": "", "email": "ilse@hof.example",
        "phone_business": CALLER, "phone_mobile": "", "phone_other": "030901820", "url": f"http://localhost/leads/{lead.id}",
    }  # fmt: skip
    assert ask("?number=+49405555555").get_json() == {"contacts": []}
    assert ask("?number=anonymous").get_json() == {"contacts": []}
    assert (ask("").status_code, ask("?number=1", "wrong").status_code) == (400, 401)
    assert rows("select * from p_telephony_hook_call") == []


def test_the_agent_sees_who_is_calling_and_others_do_not(tell, agent, ben, make, html, queries):
    lead = make.lead("Ferienhof Lüders", phone=CALLER)
    incoming(tell, "ringing", 0)
    execute("update p_telephony_hook_call set rang_at = ?", (now_ms(),))
    box = html(agent.get("/leads")).one("#telephony")
    assert "Incoming call" in box.text
    assert box.one("b a").attrs["href"] == f"/leads/{lead.id}"
    assert "telephony" not in ben.get("/leads").text.replace("/static/p/telephony_hook", "").replace("/p/telephony_hook/", "")
    with queries(at_most=5):
        assert "On the phone" not in agent.get("/p/telephony_hook/now").text
    incoming(tell, "answered", 1)
    assert "On the phone" in agent.get("/p/telephony_hook/now").text
    assert ben.post("/p/telephony_hook/calls/1/seen").status_code == 404
    assert agent.post("/p/telephony_hook/calls/1/seen").status_code == 303
    assert "call-now" not in agent.get("/p/telephony_hook/now").text


def test_an_agent_is_not_told_of_a_lead_that_is_hidden_from_them_and_the_call_is_still_logged(tell, ben, anna, make, run_jobs):
    lists.save_extensions({ben.id: "202"}, actor=SYSTEM)
    lead = make.lead("Ferienhof Lüders", phone=CALLER, owner=anna.user)
    change_settings(member_visibility="own", actor=SYSTEM)
    incoming(tell, "ringing", 300, agent="202")
    part = ben.get("/p/telephony_hook/now").text
    assert ("Lüders" in part, CALLER in part, "Who is it?" in part) == (False, True, False)
    incoming(tell, "ended", 300, agent="202")
    run_jobs()
    assert entries() == [(lead.id, "incoming", "no_answer", None, None)]
    assert ben.get("/p/telephony_hook/calls/1").status_code == 404


def test_whoever_answers_has_had_the_call(tell, anna, ben, make, run_jobs):
    lists.save_extensions({anna.id: "201", ben.id: "202"}, actor=SYSTEM)
    make.lead(phone=CALLER)
    incoming(tell, "ringing", 0, agent="201")
    incoming(tell, "answered", 3, agent="202")
    incoming(tell, "ended", 9, agent="201")
    run_jobs()
    assert [entry[-1] for entry in entries()] == [ben.id]


@pytest.mark.parametrize(
    "values",
    [{"direction": "internal", "from": "201", "to": "202"}, {"from": "201", "to": "202"}, {"from": "030 / 555 0000", "to": "1"}],
)
def test_internal_calls_and_numbers_to_leave_out_bother_nobody(tell, agent, make, run_jobs, values):
    save_settings("telephony_hook", {"ignored": "\n+49 30 5550000\n"}, {}, actor=SYSTEM)
    make.lead(phone="030 5550000")
    tell("ringing", **values)
    tell("ended", after=5, **values)
    run_jobs()
    assert (entries(), lists.without_lead(agent.actor)) == ([], [])
    assert "call-now" not in agent.get("/p/telephony_hook/now").text


def test_a_call_without_a_lead_is_given_to_one(tell, agent, make, run_jobs, html):
    twins = [make.lead(f"Twin {number}", phone=CALLER) for number in (1, 2)]
    incoming(tell, "ended", 0, duration_s=9)
    run_jobs()
    assert entries() == []
    page = html(agent.get("/p/telephony_hook/"))
    assert CALLER in page.one("tbody").text
    detail = html(agent.get("/p/telephony_hook/calls/1"))
    assert sorted(text.strip() for text in detail.texts("ul.set a")) == ["Twin 1", "Twin 2"]
    found = html(agent.get("/p/telephony_hook/calls/1?q=Twin 2"))
    assert "Twin 2" in found.text
    assert agent.post("/p/telephony_hook/calls/1/assign", {"lead": twins[0].id}).status_code == 303
    run_jobs()
    assert entries() == [(twins[0].id, "incoming", "reached", 9, agent.id)]
    assert agent.post("/p/telephony_hook/calls/1/assign", {"lead": twins[1].id}).status_code == 422
    assert "No calls without a lead" in agent.get("/p/telephony_hook/").text


def test_somebody_new_becomes_a_lead_with_all_calls_of_the_number(tell, agent, run_jobs, make):
    make.pipeline()
    for number in ("a", "b"):
        incoming(tell, "missed", 0, call_id=number)
    assert agent.post("/p/telephony_hook/calls/1/lead", {"title": "x" * 300}).status_code == 422
    answer = agent.post("/p/telephony_hook/calls/1/lead", {"title": "Roofer from Kiel"})
    run_jobs()
    lead_id = one("select id from lead where title = 'Roofer from Kiel' and phone = ?", (CALLER,))[0]
    assert answer.headers["Location"].endswith(f"/leads/{lead_id}")
    assert [entry[:3] for entry in entries()] == [(lead_id, "incoming", "no_answer")] * 2


def test_who_may(tell, agent, ben, mona, ada, vera, carla, make, run_jobs):
    hidden = make.lead("Hidden", owner=mona.user)
    incoming(tell, "missed", 0)
    change_settings(member_visibility="own", actor=SYSTEM)
    url = "/p/telephony_hook/calls/1"
    assert [who.get(url).status_code for who in (agent, mona, ben, vera, carla)] == [200, 200, 404, 403, 303]
    assert CALLER not in ben.get("/p/telephony_hook/").text
    assert ben.post(f"{url}/dismiss").status_code == 404
    assert agent.post(f"{url}/assign", {"lead": hidden.id}).status_code == 404
    assert [agent.post(f"{url}/assign", {"lead": text}).status_code for text in ("", "x", "9" * 30)] == [422] * 3
    with pytest.raises(NotAllowed):
        lists.make_lead(1, "x", actor=vera.actor)
    assert agent.post(f"{url}/dismiss").status_code == 303
    assert lists.without_lead(mona.actor) == []
    assert [who.get("/p/telephony_hook/extensions").status_code for who in (ada, mona, agent)] == [200, 403, 403]


def test_extensions_are_saved_and_each_belongs_to_one(ada, anna, ben, html):
    fields = {f"number-{person.id}": number for person, number in ((anna, "201"), (ben, "201"))}
    answer = ada.post("/p/telephony_hook/extensions", fields)
    assert (answer.status_code, "has this extension" in html(answer).one(f"#number-{ben.id}-error").text) == (422, True)
    assert html(answer).one(f"#number-{ben.id}").attrs["value"] == "201"
    assert ada.post("/p/telephony_hook/extensions", {**fields, f"number-{ben.id}": "202"}).status_code == 303
    assert [person.number for person in lists.extensions(ada.actor) if person.number] == ["201", "202"]
    with pytest.raises(Refused):
        lists.save_extensions({anna.id: "2 01"}, actor=ada.actor)
    with pytest.raises(NotFound):
        lists.mark_seen(1, actor=ada.actor)


def test_lists_take_a_fixed_number_of_statements_and_pages_go_on(tell, agent, make, html, queries, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    for number in range(5):
        incoming(tell, "missed", 0, call_id=f"c{number}", **{"from": f"030 77000{number}0"})
    seen, url = [], "/p/telephony_hook/"
    while url:
        with queries(at_most=5):
            page = html(agent.get(url))
        seen += dict.fromkeys(link.attrs["href"] for link in page.all("tbody a"))
        older = [link for link in page.all("a.btn-line") if "before=" in link.attrs["href"]]
        url = older[0].attrs["href"] if older else ""
    assert len(seen) == len(set(seen)) == 5


def test_a_lead_in_the_bin_and_an_entry_that_was_taken_away_are_left_alone(tell, agent, make, run_jobs):
    gone, kept = make.lead(phone=CALLER), make.lead(phone="030 7700010")
    incoming(tell, "ringing", 0)
    delete_leads([gone.id], actor=SYSTEM)
    incoming(tell, "ended", 5, duration_s=3)
    incoming(tell, "answered", 0, call_id="k", **{"from": "030 7700010"})
    run_jobs()
    delete_activity(one("select activity_id from p_telephony_hook_call where lead_id = ?", (kept.id,))[0], actor=SYSTEM)
    incoming(tell, "ended", 9, call_id="k")
    run_jobs()
    assert entries() == []
    assert one("select count(*) from job where state = 'failed' or error is not null") == (0,)


def test_calls_are_forgotten_after_ninety_days_and_stay_on_the_timeline(tell, agent, make, run_jobs):
    make.lead(phone=CALLER)
    incoming(tell, "ended", 0, duration_s=9)
    run_jobs()
    execute("update p_telephony_hook_call set rang_at = 1")
    assert (calls.sweep(), rows("select * from p_telephony_hook_event"), len(entries())) == (1, [], 1)
