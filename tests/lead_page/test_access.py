"""Who gets which answer from the routes of notes, calls, next steps and the timeline."""

import pytest

from leadboard.domain.activities import log_call
from leadboard.domain.notes import add_note
from leadboard.domain.parties import create_party
from leadboard.domain.tasks import add_task
from leadboard.models import Activity, Note, Task

READS = ["/{place}/timeline", "/{place}/next-step", "/notes/{note}", "/notes/{note}/history"]
WRITES = {
    "/{place}/notes": {"body": "x"},
    "/{place}/calls": {"direction": "incoming", "outcome": "reached"},
    "/{place}/tasks": {"title": "x"},
    "/notes/{note}/edit": {"body": "x"},
    "/notes/{note}/pin": {},
    "/notes/{note}/unpin": {},
    "/notes/{note}/delete": {},
    "/activities/{call}/delete": {},
    "/tasks/{task}/edit": {"title": "x"},
    "/tasks/{task}/done": {},
    "/tasks/{task}/reopen": {},
    "/tasks/{task}/postpone": {"days": "1"},
    "/tasks/{task}/delete": {},
}
# Of somebody else's, only these are for the author and managers.
OWN = {"/notes/{note}/edit", "/notes/{note}/delete", "/activities/{call}/delete"}


@pytest.fixture(params=["lead", "contact", "organisation"])
def new_ids(request, make, anna):
    """A record of Anna's with one of each, afresh whenever it is called."""

    def build():
        if request.param == "lead":
            record_id = make.lead(owner=anna.user).id
        else:
            record_id = create_party(request.param, {"name": "Acme"}, actor=anna.actor).id
        host = {f"{request.param}_id": record_id}
        return {
            "place": f"{request.param}s/{record_id}",
            "note": add_note(body="a note", actor=anna.actor, **host).id,
            "task": add_task(title="a step", actor=anna.actor, **host).id,
            "call": log_call(direction="incoming", outcome="reached", body="a call", actor=anna.actor, **host).id,
        }

    return build


@pytest.fixture
def ids(new_ids):
    return new_ids()


def everything():
    return (
        [(note.body, note.is_pinned, note.deleted_at) for note in Note.select()],
        [(call.body, call.deleted_at) for call in Activity.select()],
        [(task.title, task.due_on, task.done_at, task.deleted_at) for task in Task.select()],
    )


def test_everybody_who_sees_the_record_reads(ids, anna, ben, mona, vera):
    for url in READS:
        for person in (anna, ben, mona, vera):
            assert person.htmx(url.format(**ids), method="GET").status_code == 200
            assert person.get(url.format(**ids)).status_code in {200, 303}


@pytest.mark.parametrize("who", ["anna", "ben", "mona", "vera"])
def test_who_writes(who, new_ids, request):
    person = request.getfixturevalue(who)
    for url, data in WRITES.items():
        ids = new_ids()
        before = everything()

        answer = person.post(url.format(**ids), data)

        if who == "vera" or (who == "ben" and url in OWN):
            assert (url, answer.status_code) == (url, 403)
            assert everything() == before
        else:
            assert (url, answer.status_code, answer.headers.get("Location")) == (url, 303, f"/{ids['place']}")


def test_a_record_out_of_sight_does_not_exist(new_ids, make, ben, mona):
    make.set_up(member_visibility="own")
    for url in [*READS, *WRITES]:
        ids = new_ids()
        before = everything()

        def send(person, url=url, ids=ids):
            return person.post(url.format(**ids), WRITES[url]) if url in WRITES else person.htmx(url.format(**ids), method="GET")

        assert (url, send(ben).status_code) == (url, 404)
        assert everything() == before
        assert (url, send(mona).status_code in {200, 303}) == (url, True)


def test_a_stranger_signs_in_first(ids, carla):
    before = everything()

    for url in [*READS, *WRITES]:
        for method in ("GET", "POST"):
            answer = carla.client.open(url.format(**ids), method=method, headers={"X-CSRFToken": carla.csrf()})
            assert answer.status_code == 405 or (answer.status_code, answer.headers["Location"][:6]) == (303, "/login"), url
    assert everything() == before


def test_nothing_is_written_without_a_token(ids, anna):
    before = everything()

    assert {anna.client.post(url.format(**ids), data=data).status_code for url, data in WRITES.items()} == {400}
    assert everything() == before


@pytest.mark.parametrize("number", [0, 4711, 10**18, 10**40])
def test_what_is_not_there_is_not_found(number, anna, make):
    make.pipeline()
    for place in ("leads", "contacts", "organisations"):
        gone = {**dict.fromkeys(("note", "task", "call"), number), "place": f"{place}/{number}"}
        for url in READS:
            assert (url, anna.htmx(url.format(**gone), method="GET").status_code) == (url, 404)
        for url, data in WRITES.items():
            assert (url, anna.post(url.format(**gone), data).status_code) == (url, 404)


def test_next_goes_to_our_own_pages_only(ids, anna):
    for target in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        answer = anna.post(f"/{ids['place']}/notes", {"body": "x", "next": target})
        assert answer.headers["Location"] == f"/{ids['place']}"


def test_next_goes_back_to_the_board(ids, anna):
    assert anna.post(f"/tasks/{ids['task']}/done", {"next": "/board/1"}).headers["Location"] == "/board/1"


def test_no_get_writes(ids, anna):
    before = everything()
    for url in WRITES:
        anna.get(url.format(**ids))
    assert everything() == before


def test_a_viewer_is_offered_nothing_to_write(ids, vera, html):
    page = html(vera.get(f"/{ids['place']}"))

    assert page.all("#composer") == []
    assert [form.attrs for form in page.all("#tasks-panel form")] == [form.attrs for form in page.all("#timeline form")] == []
    assert html(vera.htmx(f"/{ids['place']}/next-step", method="GET")).all("form") == []


def test_a_colleague_is_offered_what_he_may_do(ids, ben, html):
    acts = html(ben.get(f"/{ids['place']}")).all("#timeline .acts button")

    assert [button.attrs["aria-label"] for button in acts] == ["Pin"]
