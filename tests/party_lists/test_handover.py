"""A colleague leaves: everything they own and have to do goes to somebody else."""

import pytest

from leadboard.domain.parties import delete_parties
from leadboard.domain.tasks import add_task, complete_task
from leadboard.models import Contact, Event, Lead, Organisation, Task
from leadboard.permissions import SYSTEM


@pytest.fixture
def work(make, anna, ben):
    """What Anna leaves behind: one of each, one contact in the bin, four next steps of which one is done; and Ben's own."""
    lead, firm = make.lead(owner=anna.user), make.organisation("Firm", owner=anna.user)
    person, gone, other = (
        make.contact("Ewa", owner=anna.user),
        make.contact("Gone", owner=anna.user),
        make.contact("Ben's", owner=ben.user),
    )
    delete_parties("contact", [gone.id], actor=SYSTEM)
    tasks = [
        add_task(title="Call", assignee_id=anna.id, actor=SYSTEM, **host).id
        for host in (
            {"lead_id": lead.id},
            {"contact_id": person.id},
            {"organisation_id": firm.id},
            {"contact_id": other.id},
            {"contact_id": other.id},
        )
    ]
    complete_task(tasks[-1], actor=SYSTEM)
    return {"lead": lead.id, "firm": firm.id, "people": [person.id, gone.id], "tasks": tasks}


def test_the_page_counts_what_there_is(ada, anna, work):
    assert (
        "They have: 1 lead, 2 contacts, 1 organisation, 4 open next steps." in ada.get(f"/admin/people/{anna.id}/deactivate").text
    )


def test_all_of_it_goes_to_the_chosen_person(ada, anna, mona, work, html):
    ada.post(f"/admin/people/{anna.id}/deactivate", {"give_leads_to": str(mona.id)})

    assert Lead.get_by_id(work["lead"]).owner_id == mona.id
    assert [Contact.get_by_id(record_id).owner_id for record_id in work["people"]] == [mona.id, mona.id]
    assert (Organisation.get_by_id(work["firm"]).owner_id, Organisation.get_by_id(work["firm"]).version) == (mona.id, 2)
    assert [Task.get_by_id(task_id).assignee_id for task_id in work["tasks"]] == [mona.id] * 4 + [anna.id]
    kinds = [event.kind for event in Event.select().where(Event.contact_id == work["people"][0]).order_by(Event.id)]
    assert kinds == ["contact_created", "task_added", "contact_updated", "task_changed"]
    text = html(ada.get("/admin/people")).one("#toasts .toast-i span").text
    assert text.endswith("Given away: 1 lead, 2 contacts, 1 organisation, 4 open next steps.")


def test_no_step_goes_to_who_may_not_see_its_record(ada, anna, mona, person, make, work):
    make.set_up(member_visibility="own")
    dora = person("Dora Neri")

    ada.post(f"/admin/people/{anna.id}/deactivate", {"give_leads_to": str(dora.id)})

    assert [Task.get_by_id(task_id).assignee_id for task_id in work["tasks"]] == [dora.id] * 3 + [anna.id] * 2


def test_nothing_goes_when_nobody_is_chosen(ada, anna, work):
    ada.post(f"/admin/people/{anna.id}/deactivate", {"give_leads_to": "0"})

    assert Contact.get_by_id(work["people"][0]).owner_id == anna.id
    assert Task.get_by_id(work["tasks"][0]).assignee_id == anna.id
