"""Webhooks as their users and their receivers meet them."""

import json

import pytest
from leadboard_plugins.webhooks import endpoints, log, messages, sending

from leadboard.api import Conflict, NotAllowed, NotFound, Refused, execute, is_signed, move_lead, now_ms, one, rows
from leadboard.delivery import deliver_all
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.settings import change_settings
from leadboard.models import User
from leadboard.permissions import SYSTEM

ALL = list(endpoints.KINDS)
DAY_MS = 86_400_000


def told(receiver):
    return [json.loads(body) for _, body in receiver.got]


def state():
    return rows("select state, tries from p_webhooks_delivery order by id")


def due_again():
    """The pause is over."""
    execute("update p_webhooks_delivery set next_at = 0 where state = 'waiting'")
    execute("update p_webhooks_endpoint set not_before = 0")


def test_what_takes_place_is_told_signed_and_once(hook, receiver, make, anna, run_jobs):
    lead = make.lead("Ferienhof Lüders", email="ilse@hof.example", owner=anna.user, actor=anna.actor)
    update_lead(lead.id, {"city": "Kiel"}, actor=anna.actor)
    move_lead(lead.id, to_stage_id=make.stage("Contacted").id, actor=anna.actor)
    note = make.note(lead, "Not for others", actor=anna.actor)
    delete_leads([lead.id], actor=SYSTEM)
    deliver_all()
    run_jobs()
    seen = told(receiver)
    assert [message["type"] for message in seen] == [
        "lead.created", "lead.updated", "lead.stage_changed", "note.added", "lead.deleted",
    ]  # fmt: skip
    made, changed, moved, noted, _ = (message["data"] for message in seen)
    assert (made["lead"]["title"], made["changes"]["email"]) == (
        "Ferienhof Lüders",
        {"before": None, "after": "ilse@hof.example"},
    )
    assert made["by"] == {"kind": "user", "id": anna.id}
    assert changed["changes"] == {"city": {"before": None, "after": "Kiel"}}
    assert moved["lead"] == {
        "id": lead.id, "title": lead.title, "pipeline_id": lead.pipeline_id, "stage_id": make.stage("Contacted").id, "owner_id": anna.id, "version": 3,
    }  # fmt: skip
    assert moved["changes"]["stage_id"] == {"before": lead.stage_id, "after": make.stage("Contacted").id}
    assert moved["changes"]["stage_entered_at"]["after"].endswith("Z")
    assert (noted["record"], "Not for others" in json.dumps(seen)) == ({"kind": "note", "id": note}, False)
    headers, body = receiver.got[0]
    assert is_signed([hook[1]], headers, body, now_s=now_ms() / 1000)
    assert headers["content-type"] == "application/json"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 5
    run_jobs()
    assert len(receiver.got) == 5


def test_fields_are_called_and_written_as_the_api_does(hook, receiver, make, anna, ben, api, run_jobs):
    make.field("Budget", "number", key="budget")
    make.field("Since", "day", key="since")
    lead = make.lead(owner=anna.user, phone="+49 30 901820")
    deliver_all()
    values = {"owner": ben.id, "phone": "", "expected_close_on": "2031-05-02", "fields.budget": 5, "fields.since": "2031-05-01"}
    update_lead(lead.id, values, actor=SYSTEM)
    deliver_all()
    run_jobs()
    changes = told(receiver)[-1]["data"]["changes"]
    assert changes == {
        "owner_id": {"before": anna.id, "after": ben.id},
        "phone": {"before": "+49 30 901820", "after": None},
        "expected_close_on": {"before": None, "after": "2031-05-02"},
        "custom_fields": {"budget": {"before": None, "after": 5}, "since": {"before": None, "after": "2031-05-01"}},
    }
    lead = api(ben).get(f"/leads/{lead.id}").json
    assert {name: lead[name] for name in changes if name != "custom_fields"} == {
        name: change["after"] for name, change in changes.items() if name != "custom_fields"
    }
    assert lead["custom_fields"] == {key: change["after"] for key, change in changes["custom_fields"].items()}
    assert set(told(receiver)[-1]["data"]["lead"]) <= set(lead)


def test_an_event_that_is_told_twice_is_sent_once(hook, receiver, make, run_jobs, events):
    make.lead()
    deliver_all()
    for event in events("lead_created"):
        messages.queue(event)
    run_jobs()
    assert len(receiver.got) == 1


def test_only_what_was_asked_for_and_nothing_from_before(receiver, mona, make, run_jobs):
    make.lead("Before")
    endpoints.add_endpoint("Chat", receiver.url, ["lead.updated"], actor=mona.actor)
    lead = make.lead("After")
    update_lead(lead.id, {"city": "Kiel"}, actor=SYSTEM)
    deliver_all()
    run_jobs()
    assert [(message["type"], message["data"]["lead"]["title"]) for message in told(receiver)] == [("lead.updated", "After")]


def test_an_endpoint_acts_as_its_owner(hook, receiver, mona, make, run_jobs):
    make.lead("One")
    deliver_all()
    User.update(role="member").where(User.id == mona.id).execute()
    make.lead("Two")
    deliver_all()
    run_jobs()
    assert receiver.got == []
    assert one("select is_on, stopped_why from p_webhooks_endpoint")[1] == "owner"
    with pytest.raises(Refused, match="may not export"):
        endpoints.switch(hook[0], True, actor=SYSTEM)


def test_a_lead_that_the_owner_does_not_see_any_more_is_not_sent(hook, receiver, make, run_jobs, monkeypatch):
    lead = make.lead("Secret deal")
    deliver_all()
    monkeypatch.setattr(endpoints, "visible_record", lambda kind, record_id, actor: None if record_id == lead.id else {})
    run_jobs()
    assert (receiver.got, [row[0] for row in state()]) == ([], ["cancelled"])


def test_a_failure_is_tried_again_after_a_pause_with_the_same_message(hook, receiver, make, run_jobs, ada, html):
    receiver.status, receiver.answer = 500, b"<b>down</b>\x00"
    make.lead()
    deliver_all()
    run_jobs()
    run_jobs()
    assert (state(), len(receiver.got)) == ([("waiting", 1)], 1)
    wait = one("select next_at from p_webhooks_delivery")[0] - now_ms()
    assert 3000 < wait <= 5000
    receiver.status = 204
    due_again()
    sending.send_due()
    assert (state(), one("select failing_since from p_webhooks_endpoint")) == ([("done", 2)], (None,))
    first, second = receiver.got
    assert (first[1], first[0]["webhook-id"]) == (second[1], second[0]["webhook-id"])
    page = html(ada.get(f"/p/webhooks/{hook[0]}/messages/{one('select id from p_webhooks_delivery')[0]}"))
    assert "<b>down</b>" in page.one("#tries pre").text


def test_after_ten_tries_it_has_failed_and_can_be_sent_again(hook, receiver, make, run_jobs, mona):
    receiver.status = 302
    make.lead()
    deliver_all()
    for _ in sending.PAUSES_S:
        due_again()
        sending.send_due()
    assert state() == [("failed", 10)]
    receiver.status = 200
    delivery = one("select id from p_webhooks_delivery")[0]
    assert mona.post(f"/p/webhooks/{hook[0]}/messages/{delivery}/replay").status_code == 303
    run_jobs()
    assert (state(), len(receiver.got), len({headers["webhook-id"] for headers, _ in receiver.got})) == ([("done", 1)], 11, 1)


def test_a_receiver_that_asks_for_a_pause_gets_it(hook, receiver, make, run_jobs):
    receiver.status, receiver.headers_out = 429, {"Retry-After": "3600"}
    make.leads(3)
    deliver_all()
    run_jobs()
    assert len(receiver.got) == 1
    assert one("select not_before from p_webhooks_endpoint")[0] > now_ms() + 3_500_000


def test_one_that_answers_nobody_costs_one_try_at_a_time(receiver, mona, make, run_jobs):
    endpoints.add_endpoint("Gone", "https://nobody.invalid/", ALL, actor=mona.actor)
    endpoints.add_endpoint("Good", receiver.url, ALL, actor=mona.actor)
    make.leads(3)
    deliver_all()
    run_jobs()
    assert len(receiver.got) == 3
    assert rows("select problem from p_webhooks_try where status is null") == [("unreachable",)]


def test_gone_turns_it_off_at_once_and_five_days_of_failure_do(hook, receiver, make, run_jobs, mona, vera, html):
    receiver.status = 410
    make.lead()
    deliver_all()
    run_jobs()
    assert one("select stopped_why from p_webhooks_endpoint") == ("gone",)
    assert "“Accounting” was turned off" in html(mona.get("/")).one(".banner.bad").text
    assert "Accounting" not in vera.get("/").text
    mona.post(f"/p/webhooks/{hook[0]}/switch", {"on": "1"})
    assert "turned off by itself" not in mona.get("/").text
    receiver.status = 500
    make.lead()
    deliver_all()
    execute("update p_webhooks_endpoint set failing_since = ?", (now_ms() - 5 * DAY_MS - 1,))
    run_jobs()
    assert one("select stopped_why from p_webhooks_endpoint") == ("failing",)
    assert {row[0] for row in state()} == {"failed"}
    assert "nothing arrived for five days" in mona.get(f"/p/webhooks/{hook[0]}").text


def test_the_secret_is_shown_once_kept_sealed_and_changed_with_an_overlap(receiver, mona, html, make, run_jobs):
    answer = mona.post("/p/webhooks/new", {"name": "Chat", "url": receiver.url, "kinds": ["lead.created"]})
    url = answer.headers["Location"]
    first = html(mona.get(url)).one("#secret-text").attrs["value"]
    assert (first.startswith("whsec_"), first in mona.get(url).text) == (True, False)
    assert first not in str(rows("select * from p_webhooks_endpoint"))
    mona.post(f"{url}/secret")
    second = html(mona.get(url)).one("#secret-text").attrs["value"]
    make.lead()
    deliver_all()
    run_jobs()
    headers, body = receiver.got[0]
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (first, second):
        assert is_signed([secret], headers, body, now_s=now_ms() / 1000)
    execute("update p_webhooks_endpoint set old_secret_until = 1")
    make.lead()
    deliver_all()
    run_jobs()
    assert not is_signed([first], *receiver.got[1], now_s=now_ms() / 1000)


def test_a_test_says_nothing_and_is_limited(hook, receiver, mona, run_jobs, html):
    answer = mona.post(f"/p/webhooks/{hook[0]}/test")
    run_jobs()
    assert told(receiver)[0]["data"] == {"webhook": "Accounting"}
    page = html(mona.get(answer.headers["Location"]))
    assert ("thanks" in page.one("#tries").text, "200" in page.one("#tries").text) == (True, True)
    for _ in range(4):
        mona.post(f"/p/webhooks/{hook[0]}/test")
    assert mona.post(f"/p/webhooks/{hook[0]}/test").status_code == 422
    endpoints.switch(hook[0], False, actor=mona.actor)
    with pytest.raises(Conflict):
        log.send_test(hook[0], actor=mona.actor)


@pytest.mark.parametrize(
    "name, url, kinds, field",
    [
        ("", "https://a.example", ALL, "name"),
        ("x" * 121, "https://a.example", ALL, "name"),
        ("Chat", "", ALL, "url"),
        ("Chat", "http://127.1/", ALL, "url"),
        ("Chat", "http://169.254.169.254/latest", ALL, "url"),
        ("Chat", "https://a.example", [], "kinds"),
        ("Chat", "https://a.example", ["lead.exploded"], "kinds"),
    ],
)
def test_bad_input_is_refused_beside_its_field_and_what_was_typed_stays(mona, html, name, url, kinds, field):
    answer = mona.post("/p/webhooks/new", {"name": name, "url": url, "kinds": kinds})
    page = html(answer)
    assert answer.status_code == 422
    assert page.one(f"#{field}-error")
    assert page.one("#url").attrs.get("value", "") == url
    assert rows("select * from p_webhooks_endpoint") == []


def test_a_name_holds_nothing_that_a_database_refuses(mona):
    endpoint_id, _ = endpoints.add_endpoint(" Our\0 \ud800chat ", "https://chat.example/", ALL, actor=mona.actor)
    assert endpoints.endpoint(endpoint_id, mona.actor).name == "Our \ufffdchat"


def test_who_may(hook, receiver, mona, ada, anna, vera, carla, person, html):
    other = person("Otto Other", "manager")
    url = f"/p/webhooks/{hook[0]}"
    assert [who.get(url).status_code for who in (mona, ada, other, anna, vera, carla)] == [200, 200, 404, 403, 403, 303]
    assert [who.post(f"{url}/test").status_code for who in (other, anna, vera, carla)] == [404, 403, 403, 303]
    assert [who.post(f"{url}/delete").status_code for who in (other, anna, vera, carla)] == [404, 403, 403, 303]
    assert "Accounting" not in other.get("/p/webhooks/").text
    with pytest.raises(NotAllowed):
        endpoints.add_endpoint("x", receiver.url, ALL, actor=anna.actor)
    with pytest.raises(NotFound):
        log.replay(hook[0], 1, actor=other.actor)
    assert ada.post(f"{url}/delete").status_code == 303
    assert rows("select * from p_webhooks_endpoint") == []


def test_changes_are_saved_and_lists_take_a_fixed_number_of_statements(
    hook, receiver, mona, make, run_jobs, queries, html, monkeypatch
):
    url = f"/p/webhooks/{hook[0]}"
    assert mona.post(url, {"name": "Ledger", "url": receiver.url, "kinds": ["lead.created"]}).status_code == 303
    assert endpoints.endpoint(hook[0], mona.actor).kinds == ("lead.created",)
    assert mona.post(url, {"name": "", "url": receiver.url, "kinds": ALL}).status_code == 422
    make.lead()
    deliver_all()
    run_jobs()
    with queries(at_most=99) as few:
        mona.get(url), mona.get("/p/webhooks/")
    monkeypatch.setattr(log, "PAGE", 2)
    make.leads(4)
    deliver_all()
    run_jobs()
    endpoints.add_endpoint("Two", receiver.url, ALL, actor=mona.actor)
    with queries(at_most=len(few.texts)):
        page = html(mona.get(url))
        mona.get("/p/webhooks/")
    seen = page.texts("tbody td a")
    while older := [link for link in page.all("a.btn-line") if "before=" in link.attrs["href"]]:
        page = html(mona.get(older[0].attrs["href"]))
        seen += page.texts("tbody td a")
    assert len(seen) == 5


def test_messages_go_with_their_lead_and_after_thirty_days(hook, receiver, make, run_jobs):
    lead, _ = make.lead(), make.lead()
    deliver_all()
    run_jobs()
    execute("delete from lead where id = ?", (lead.id,))
    assert len(state()) == 1
    execute("update p_webhooks_delivery set created_at = 1")
    assert (sending.sweep(), state()) == (1, [])


def test_a_message_that_is_too_long_names_what_changed_without_the_values(hook, receiver, make, run_jobs, monkeypatch):
    make.field("Budget", "number", key="budget")
    lead = make.lead()
    deliver_all()
    update_lead(lead.id, {"city": "Bonn", "fields.budget": 4}, actor=SYSTEM)
    monkeypatch.setattr(messages, "BEST_BYTES", 100)
    deliver_all()
    run_jobs()
    data = told(receiver)[-1]["data"]
    assert (data["cut"], data["changes"]) == (True, {"city": None, "custom_fields": {"budget": None}})


def test_members_see_own_leads_only_and_have_no_webhooks(anna, make, html):
    change_settings(member_visibility="own", actor=SYSTEM)
    assert "/p/webhooks/" not in anna.get("/").text
