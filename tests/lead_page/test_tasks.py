"""Next steps and calls over HTTP."""

import json
from datetime import date, timedelta

import pytest

from leadboard.domain.tasks import change_task
from leadboard.lib.dates import today_in
from leadboard.models import Activity, Task

TODAY = today_in("Europe/Berlin")


@pytest.fixture
def lead(make, anna):
    return make.lead(owner=anna.user)


def steps():
    return [(task.title, task.due_on, task.done_at is not None) for task in Task.select().order_by(Task.id)]


@pytest.mark.parametrize(
    "typed, day",
    [
        ([], None),
        ([""], None),
        (["", "tomorrow"], TODAY + timedelta(1)),
        ([TODAY.isoformat(), ""], TODAY),
        ([TODAY.isoformat(), "+3"], TODAY + timedelta(3)),
        (["", "2026-12-24"], TODAY.replace(2026, 12, 24)),
        (["", "24.12.2026"], TODAY.replace(2026, 12, 24)),
        (["", "3/4/2027"], TODAY.replace(2027, 4, 3)),
    ],
)
def test_a_day_is_picked_or_typed(typed, day, lead, anna):
    answer = anna.post(f"/leads/{lead.id}/tasks", {"title": "Call", "due_on": typed})

    assert (answer.status_code, steps()) == (303, [("Call", day, False)])


def test_in_the_united_states_the_month_comes_first(lead, make, anna):
    make.set_up(country="US")

    anna.post(f"/leads/{lead.id}/tasks", {"title": "Call", "due_on": "3/4/2027"})

    assert steps() == [("Call", TODAY.replace(2027, 3, 4), False)]


@pytest.mark.parametrize("part, form", [("panel", "#panel-form"), ("composer", "#step-form"), ("card", ".dlg-b form")])
def test_a_refused_step_keeps_what_was_typed(part, form, lead, anna, html):
    typed = {"part": part, "title": "Call", "due_on": ["", "someday <b>"], "assignee": ""}

    answer = anna.htmx(f"/leads/{lead.id}/tasks", typed)

    (found,) = html(answer).all(form)
    assert (answer.status_code, steps()) == (422, [])
    assert "“someday <b>” is not a day" in found.one(".error").text
    assert (found.one("input[name=title]").attrs["value"], found.one(".days .form-control").attrs["value"]) == (
        "Call",
        "someday <b>",
    )
    assert "selected" in found.one("select option[value='']").attrs
    assert "is not a day" in anna.post(f"/leads/{lead.id}/tasks", typed).get_data(as_text=True)


def test_a_step_for_somebody_who_cannot_do_it_is_refused(lead, anna, vera, html):
    answer = anna.htmx(f"/leads/{lead.id}/tasks", {"title": "Call", "assignee": str(vera.id), "part": "panel"})

    assert (answer.status_code, steps()) == (422, [])
    assert "cannot work on this" in html(answer).one("#panel-form .error").text
    for nonsense in ("x", "²", "9" * 40):
        assert anna.htmx(f"/leads/{lead.id}/tasks", {"title": "Call", "assignee": nonsense}).status_code == 422


def test_only_those_who_can_do_it_are_offered(lead, make, anna, ben, mona, vera, html):
    def offered():
        return html(anna.get(f"/leads/{lead.id}")).texts("#panel-assignee option")

    assert offered() == ["Nobody yet", "Anna Kowalska", "Ben Carter", "Mona Haddad"]
    make.set_up(member_visibility="own")
    assert offered() == ["Nobody yet", "Anna Kowalska", "Mona Haddad"]


def test_the_panel_shows_what_is_open_and_what_was_done_lately(lead, make, anna, html):
    for title, days in (("late", -2), ("yesterday", -1), ("now", 0), ("soon", 1), ("some time", None)):
        make.task(lead, title, due_on=TODAY + timedelta(days) if days is not None else None, actor=anna.actor)
    for number in range(7):
        task_id = make.task(lead, f"done {number}")
        anna.htmx(f"/tasks/{task_id}/done", {"part": "panel"})

    panel = html(anna.get(f"/leads/{lead.id}")).one("#tasks-panel")

    assert panel.texts(".step-i .what") == [
        "late",
        "yesterday",
        "now",
        "soon",
        "some time",
        *(f"done {n}" for n in (6, 5, 4, 3, 2)),
    ]
    assert [(due.attrs["class"], due.text) for due in panel.all(".due")] == [
        ("due over", "2 days late"), ("due over", "Yesterday"), ("due today", "Today"), ("due plan", "Tomorrow"), ("due plan", "Some time"),
    ]  # fmt: skip


def test_the_last_step_done_asks_for_the_next(lead, make, anna, html):
    first, last = make.task(lead, "first"), make.task(lead, "last")

    panel = html(anna.htmx(f"/tasks/{first}/done", {"part": "panel"})).one("#tasks-panel")
    assert "open" not in panel.one(".step-add").attrs
    answer = anna.htmx(f"/tasks/{last}/done", {"part": "panel"})
    panel = html(answer).one("#tasks-panel")

    assert "What comes next?" in panel.one(".steps-ask").text
    assert ("open" in panel.one(".step-add").attrs, "autofocus" in panel.one("#panel-title").attrs) == (True, True)
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Done: last"
    assert "did last" in html(answer).one("hx-partial[hx-target='#timeline']").text


def test_a_won_lead_is_not_asked_for_more(make, anna, html):
    lead = make.lead(stage=None)
    lead = make.lead(stage="Won", owner=anna.user)

    assert html(anna.get(f"/leads/{lead.id}")).all(".steps-ask") == []


@pytest.mark.parametrize(
    "due, sent, day",
    [
        (-4, {"days": "1"}, 1),
        (-4, {"days": "7"}, 7),
        (0, {"days": "1"}, 1),
        (5, {"days": "7"}, 12),
        (None, {"days": "1"}, 1),
        (5, {"on": "tomorrow"}, 1),
    ],
)
def test_postponing_counts_from_today_or_the_day_planned(due, sent, day, lead, make, anna):
    task_id = make.task(lead, due_on=TODAY + timedelta(due) if due is not None else None)

    answer = anna.post(f"/tasks/{task_id}/postpone", sent)

    assert (answer.status_code, steps()) == (303, [("Call", TODAY + timedelta(day), False)])


@pytest.mark.parametrize("sent", [{}, {"days": "0"}, {"days": "99999999999"}, {"on": "never"}])
def test_postponing_to_no_day_is_refused(sent, lead, make, anna):
    task_id = make.task(lead, due_on=TODAY)

    assert anna.htmx(f"/tasks/{task_id}/postpone", sent).status_code == 422
    assert steps() == [("Call", TODAY, False)]


def test_the_last_day_there_is_cannot_be_postponed(lead, make, anna):
    """Such a day comes by a day to come back on, or by the shell."""
    task_id = make.task(lead, due_on=date.max)

    assert anna.htmx(f"/tasks/{task_id}/postpone", {"days": "1"}).status_code == 422
    assert steps() == [("Call", date.max, False)]


def test_an_edit_that_meets_another_one_shows_both(lead, make, anna, ben, html):
    task_id = make.task(lead, "Call", due_on=TODAY, actor=anna.actor)
    change_task(task_id, title="Call the CFO", actor=ben.actor)
    typed = {"title": "Mail", "due_on": "tomorrow", "assignee": str(anna.id), "version": "1"}

    for answer, status in ((anna.htmx(f"/tasks/{task_id}/edit", typed), 422), (anna.post(f"/tasks/{task_id}/edit", typed), 409)):
        page = html(answer)
        assert answer.status_code == status
        assert "Call the CFO · Today · Anna Kowalska" in page.one(".banner.warn").text
        assert (page.one("input[name=title]").attrs["value"], page.one("input[name=version]").attrs["value"]) == ("Mail", "2")

    assert anna.post(f"/tasks/{task_id}/edit", {**typed, "version": "2"}).status_code == 303
    assert steps() == [("Mail", TODAY + timedelta(1), False)]


def test_an_edit_form_shows_what_is_stored(lead, make, anna, ben, html):
    task_id = make.task(lead, "Call", due_on=TODAY, assignee_id=ben.id)

    for answer in (anna.htmx(f"/tasks/{task_id}/edit", method="GET"), anna.get(f"/tasks/{task_id}/edit")):
        form = html(answer).one(f"form[action='/tasks/{task_id}/edit']")
        assert form.one("input[name=title]").attrs["value"] == "Call"
        assert form.one(".days .form-control").attrs["value"] == TODAY.isoformat()
        assert [option.text for option in form.all("option") if "selected" in option.attrs] == ["Ben Carter"]


def test_a_cards_dialog_does_it_all(lead, make, anna, html):
    task_id = make.task(lead, "Call", due_on=TODAY, actor=anna.actor)
    card = html(anna.htmx(f"/leads/{lead.id}/next-step", method="GET"))
    assert (card.texts(".what"), card.one("#dialog-title").text) == (["Call"], "Next steps: Lead 1")

    assert html(anna.htmx(f"/tasks/{task_id}/postpone", {"days": "1", "part": "card"})).texts(".due") == ["Tomorrow"]
    done = html(anna.htmx(f"/tasks/{task_id}/done", {"part": "card"}))
    assert (done.texts(".what"), "What comes next?" in done.one(".dlg-b").text) == ([], True)
    added = html(anna.htmx(f"/leads/{lead.id}/tasks", {"title": "Mail", "part": "card"}))
    assert (added.texts(".what"), added.all("#tasks-panel")) == (["Mail"], [])

    page = html(anna.get(f"/leads/{lead.id}/next-step")).one("main")
    assert page.texts(".what") == ["Mail"]
    assert (page.all("[hx-post]"), page.all("[hx-get]")) == ([], [])
    assert {field.attrs["value"] for field in page.all("input[name=next]")} == {f"/leads/{lead.id}/next-step"}


# ---------------------------------------------------------------------------------------------- calls


def test_a_call_with_a_step_comes_back_with_both_panels(lead, anna, html):
    answer = anna.htmx(
        f"/leads/{lead.id}/calls",
        {
            "direction": "incoming", "outcome": "left_message", "duration": "۱۲", "body": "Rang **twice**",
            "next_title": "Call back", "next_due_on": ["", "tomorrow"], "next_assignee": str(anna.id),
        },
    )  # fmt: skip

    page = html(answer)
    assert answer.status_code == 200
    assert page.one("hx-partial[hx-target='#tasks-panel'] .step-i .what").text == "Call back"
    entry = page.one("hx-partial[hx-target='#timeline'] #a1")
    assert "They called · Left a message · 12 min" in entry.one(".tl-h").text
    assert (entry.one(".prose strong").text, page.one("#call-form textarea").text) == ("twice", "")


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"duration": "abc"}, "whole number"),
        ({"duration": "99999"}, "24 hours"),
        ({"direction": ""}, "came in or went out"),
        ({"outcome": "bliss"}, "how the call ended"),
        ({"next_title": "Mail", "next_due_on": "xyz"}, "is not a day"),
        ({"next_due_on": "tomorrow"}, "Say what to do"),
        ({"next_title": "Mail", "next_assignee": "4711"}, "cannot work on this"),
        ({"body": "x" * 20_001}, "20000 characters"),
    ],
)
def test_a_refused_call_keeps_what_was_typed(wrong, message, lead, anna, html):
    typed = {"direction": "incoming", "outcome": "reached", "body": "Rang", **wrong}

    for answer in (anna.htmx(f"/leads/{lead.id}/calls", typed), anna.post(f"/leads/{lead.id}/calls", typed)):
        form = html(answer).one("#call-form")
        assert answer.status_code == 422
        assert message in form.one(".error").text
        assert form.one("textarea").text == typed["body"]
        if "next_title" in wrong:
            assert "open" in form.one("details").attrs
    assert (Activity.select().count(), Task.select().count()) == (0, 0)


# ---------------------------------------------------------------------------------------------- the page


def test_the_page_takes_the_same_statements_however_much_there_is(lead, make, anna, queries):
    seen = []
    for _ in range(3):
        make.note(lead, actor=anna.actor)
        make.task(lead, actor=anna.actor)
        anna.post(f"/leads/{lead.id}/calls", {"direction": "incoming", "outcome": "reached"})
        anna.get(f"/leads/{lead.id}")
        with queries(at_most=16) as statements:
            anna.get(f"/leads/{lead.id}")
        seen.append(len(statements.texts))

    assert len(set(seen)) == 1


def test_older_entries_do_not_repeat_the_day(lead, make, anna, html):
    for number in range(35):
        make.note(lead, f"note {number}")
    more = html(anna.get(f"/leads/{lead.id}")).one(".tl-more")

    part = html(anna.htmx(more.attrs["hx-get"], method="GET"))
    whole = html(anna.get(more.one("a").attrs["href"]))

    assert (part.texts(".note")[0], part.texts(".tl-d"), part.all(".tl-more")) == ("note 4", [], [])
    assert (whole.texts("#timeline .note")[0], whole.texts("#timeline .tl-d")) == (
        "note 4",
        ["Back to the newest entries", "Today"],
    )
    for wrong in ("?before=x&day=y", "?before=-1", "?before=99999999999999999999999", ""):
        assert anna.htmx(f"/leads/{lead.id}/timeline{wrong}", method="GET").status_code == 200
