"""What the timelines of contacts, organisations and their leads say."""

import json

import pytest

from leadboard.domain.activities import log_call
from leadboard.domain.conversion import Side, convert_lead
from leadboard.domain.leads import update_lead
from leadboard.domain.linking import refuse_link
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note, pin_note
from leadboard.domain.parties import assign_parties, delete_parties, restore_parties, update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import add_employment, end_employment, link_lead, set_primary_contact
from leadboard.domain.tasks import add_task, complete_task
from leadboard.domain.undo import undo_change
from leadboard.events import change
from leadboard.models import Contact, Organisation
from leadboard.permissions import SYSTEM
from leadboard.queries.hosts import HostKey
from leadboard.queries.timeline import Entry
from leadboard.queries.timeline_events import SHOWN
from leadboard.web.timeline_words import verb_of

WHO = "Anna Kowalska"


def test_a_contact_tells_what_was_done_with_it(anna, mona, firm, person_at, make, lines):
    make.field("Shoe size", "number", record_type="contact")
    acme, other = firm("Acme"), firm("Other")
    kim = person_at(acme)
    update_party("contact", kim, {"organisation": other, "job_title": "CTO", "fields.shoe_size": 42}, actor=anna.actor)
    assign_parties("contact", [kim], owner_id=mona.id, actor=anna.actor)
    set_points([Point("phone", "+49 30 1", "desk"), Point("email", "kim@home.example")], contact_id=kim, actor=mona.actor)
    set_points([Point("email", "kim@home.example", "private")], contact_id=kim, actor=mona.actor)
    add_employment(kim, acme, job_title="Advisor", actor=mona.actor)
    end_employment(kim, acme, actor=mona.actor)
    delete_parties("contact", [kim], actor=mona.actor)
    restore_parties("contact", [kim], actor=mona.actor)

    assert lines(anna, f"/contacts/{kim}") == [
        "Mona Haddad took this contact out of the bin",
        "Mona Haddad moved this contact to the bin",
        "Mona Haddad took this contact from Acme",
        "Mona Haddad put this contact at Acme · Advisor",
        "Mona Haddad changed | Phone +49 30 1 (desk) –empty | E-mail kim@home.example kim@home.example (private)",
        "Mona Haddad changed | Phone –empty +49 30 1 (desk) | E-mail –empty kim@home.example",
        f"{WHO} changed | Organisation Acme Other | Job title –empty CTO | Shoe size –empty 42 | Owner {WHO} Mona Haddad",
        f"{WHO} created this contact",
    ]
    assert f"{WHO} put here" not in str(lines(anna, f"/organisations/{acme}?entries=own"))
    assert lines(anna, f"/organisations/{acme}?entries=own") == [
        "Mona Haddad took from here Kim Lee",
        "Mona Haddad put here Kim Lee · Advisor",
        f"{WHO} created this organisation",
    ]


def test_an_organisation_tells_its_parent_and_its_first_contact(anna, firm, person_at, lines):
    acme, top = firm("Acme"), firm("Top")
    kim = person_at(acme)
    update_party("organisation", acme, {"parent": top, "employees": 1200, "country": "DE"}, actor=anna.actor)
    set_primary_contact(acme, kim, actor=anna.actor)

    assert lines(anna, f"/organisations/{acme}?entries=own") == [
        f"{WHO} changed First contact –empty Kim Lee",
        f"{WHO} changed | Employees –empty 1.200 | Part of –empty Top | Country –empty Germany",
        f"{WHO} created this organisation",
    ]


def test_links_and_conversions_are_told_on_every_side(anna, firm, make, lines):
    lead = make.lead("Kitchen", owner=anna.user, person_name="Kim Lee", organisation_name="Acme", actor=anna.actor)
    done = convert_lead(lead.id, organisation=Side(is_new=True), contact=Side(is_new=True), actor=anna.actor)
    link_lead(lead.id, contact_id=None, actor=anna.actor)

    assert lines(anna, f"/leads/{lead.id}") == [
        f"{WHO} changed Contact Kim Lee –empty",
        f"{WHO} converted this lead",
        f"{WHO} changed | Organisation –empty Acme | Contact –empty Kim Lee",
        f"{WHO} created this lead",
    ]
    assert lines(anna, f"/contacts/{done.contact_id}") == [
        f"{WHO} took away the link to the lead Kitchen",
        f"{WHO} converted the lead Kitchen",
        f"{WHO} linked the lead Kitchen",
        f"{WHO} created this contact",
    ]
    assert lines(anna, f"/organisations/{done.organisation_id}?entries=own") == [
        f"{WHO} converted the lead Kitchen",
        f"{WHO} linked the lead Kitchen",
        f"{WHO} created this organisation",
    ]
    undo_change(done.change_set_id, actor=anna.actor)
    assert f"{WHO} took back the conversion of this lead" in lines(anna, f"/leads/{lead.id}")


def test_many_addresses_are_told_in_short(anna, person_at, html):
    kim = person_at()
    points = [Point("email", f"kim{number}@home.example") for number in range(40)]
    set_points(points, contact_id=kim, actor=anna.actor)
    set_points(points[::-1], contact_id=kim, actor=anna.actor)

    entries = html(anna.get(f"/contacts/{kim}")).all("#timeline .tl-i")

    assert "put addresses and numbers in another order" in entries[0].text
    assert "and 30 more" in entries[1].text
    assert len(entries[1].all(".tl-c li")) == 10


@pytest.mark.parametrize("verb, words", [("import.run", "imported this"), ("sample.add", "made this")])
def test_where_a_record_came_from(verb, words, anna, firm, person_at, lines):
    with change(SYSTEM, verb):
        acme = firm("Acme", actor=SYSTEM)
        kim = person_at(acme, actor=SYSTEM)

    assert words + " contact" in lines(anna, f"/contacts/{kim}")[0]
    assert words + " organisation" in lines(anna, f"/organisations/{acme}?entries=own")[0]


# ---------------------------------------------------------------------------------------------- merged and split


def test_a_kept_record_tells_what_was_merged_into_it_in_order_until_they_are_split(anna, firm, lines):
    first, second, third = firm("First"), firm("Second"), firm("Third")
    for number, host in enumerate((first, second, third, first)):
        add_note(body=f"note {number}", organisation_id=host, actor=anna.actor)
    inner = merge_records("organisation", second, third, values={}, actor=anna.actor)
    outer = merge_records("organisation", first, second, values={}, actor=anna.actor)
    add_note(body="later", organisation_id=first, actor=anna.actor)
    url = f"/organisations/{first}?entries=own"

    assert lines(anna, url) == [
        f"{WHO} wrote a note | later",
        f"{WHO} merged another organisation into this one: Second",
        f"{WHO} merged another organisation into this one: Third · Second",
        f"{WHO} wrote a note | note 3",
        f"{WHO} wrote a note · Third | note 2",
        f"{WHO} wrote a note · Second | note 1",
        f"{WHO} wrote a note | note 0",
        f"{WHO} created this organisation · Third",
        f"{WHO} created this organisation · Second",
        f"{WHO} created this organisation",
    ]
    # Everything counts every record once, too.
    assert lines(anna, f"/organisations/{first}") == lines(anna, url)

    undo_change(outer.change_set_id, actor=anna.actor)
    assert lines(anna, url) == [
        f"{WHO} split off again what was merged in: Second",
        f"{WHO} wrote a note | later",
        f"{WHO} merged another organisation into this one: Second",
        f"{WHO} wrote a note | note 3",
        f"{WHO} wrote a note | note 0",
        f"{WHO} created this organisation",
    ]
    undo_change(inner.change_set_id, actor=anna.actor)
    assert lines(anna, f"/organisations/{third}?entries=own") == [
        f"{WHO} took this organisation out of the bin",
        f"{WHO} merged this organisation into another one",
        f"{WHO} wrote a note | note 2",
        f"{WHO} created this organisation",
    ]


def test_leads_and_contacts_tell_what_was_merged_into_them(anna, make, person_at, lines):
    keep, other = (make.lead(name, owner=anna.user, actor=anna.actor, value_amount=100).id for name in ("Keep", "Other"))
    update_lead(other, {"value_amount": 200, "value_currency": "PLN"}, actor=anna.actor)
    add_note(other, body="of the other", actor=anna.actor)
    merge_records("lead", keep, other, values={}, actor=anna.actor)
    found = lines(anna, f"/leads/{keep}")
    assert found[0] == f"{WHO} merged another lead into this one: Other"
    assert found[1] == f"{WHO} wrote a note · Other | of the other"
    assert "changed Value" in found[2] and "€" in found[2] and "PLN" in found[2]

    kim, kai = person_at(name="Kim"), person_at(name="Kai")
    call = log_call(direction="incoming", outcome="reached", body="hi", contact_id=kai, actor=anna.actor)
    merge_records("contact", kim, kai, values={}, actor=anna.actor)
    assert lines(anna, f"/contacts/{kim}")[1] == f"{WHO} logged a call · They called · Reached · Kai | hi"
    assert anna.post(f"/activities/{call.id}/delete").headers["Location"] == f"/contacts/{kim}"


@pytest.mark.parametrize("record_type", ["lead", "contact", "organisation"])
def test_a_merge_is_split_from_the_timeline_as_long_as_it_stands(record_type, anna, vera, make, firm, person_at, html):
    made = {"lead": lambda: make.lead("L", owner=anna.user).id, "contact": person_at, "organisation": firm}[record_type]
    keep, other, third = made(), made(), made()
    inner = merge_records(record_type, other, third, values={}, actor=anna.actor)
    done = merge_records(record_type, keep, other, values={}, actor=anna.actor)
    url = f"/{record_type}s/{keep}"

    def ways(person):
        return [link.attrs["href"] for link in html(person.get(url)).all("#timeline a[data-dialog]")]

    assert ways(anna) == [f"/merges/{done.change_set_id}/split"]
    assert ways(vera) == []
    assert anna.get(ways(anna)[0]).status_code == 200
    anna.post(ways(anna)[0])
    assert ways(anna) == []
    url = f"/{record_type}s/{other}"
    assert ways(anna) == [f"/merges/{inner.change_set_id}/split"]


def test_what_a_lead_is_not_about_is_told_until_it_is_taken_back(anna, make, firm, person_at, lines):
    lead, acme, kim = make.lead("Kitchen", owner=anna.user, actor=anna.actor), firm("Acme"), person_at()
    done = refuse_link(lead.id, "organisation", acme, actor=anna.actor)
    refuse_link(lead.id, "contact", kim, actor=anna.actor)
    undo_change(done, actor=anna.actor)

    assert lines(anna, f"/leads/{lead.id}") == [
        f"{WHO} took back that this lead is not about Acme",
        f"{WHO} said that this lead is not about Kim Lee",
        f"{WHO} said that this lead is not about Acme",
        f"{WHO} created this lead",
    ]


@pytest.mark.parametrize("kind", SHOWN)
def test_every_kind_of_event_that_is_shown_has_words(kind):
    record_type = kind.partition("_")[0] if kind.partition("_")[0] in {"contact", "organisation"} else "lead"
    assert verb_of(Entry(1, 1, 0, kind, "user", 1, record_type, 1, "", HostKey(record_type, 1)))


# ---------------------------------------------------------------------------------------------- what belongs to it


def test_an_organisation_tells_of_its_people_and_leads_and_whose_it_is(anna, firm, person_at, lead_of, html, lines):
    acme, other = firm("Acme"), firm("Other")
    kim, guest = person_at(acme), person_at(other, "Guest")
    add_employment(guest, acme, actor=anna.actor)
    lead = lead_of("Kitchen", organisation_id=acme)
    lead_of("Elsewhere", organisation_id=other)
    add_note(body="own", organisation_id=acme, actor=anna.actor)
    add_note(body="of Kim", contact_id=kim, actor=anna.actor)
    add_note(body="of the guest", contact_id=guest, actor=anna.actor)
    note = add_note(lead.id, body="of the lead", actor=anna.actor)

    everything = lines(anna, f"/organisations/{acme}")
    assert everything == [
        f"{WHO} wrote a note · Kitchen | of the lead",
        f"{WHO} wrote a note · Guest | of the guest",
        f"{WHO} wrote a note · Kim Lee | of Kim",
        f"{WHO} wrote a note | own",
        f"{WHO} changed Organisation –empty Acme · Kitchen",
        f"{WHO} created this lead · Kitchen",
        f"{WHO} put this contact at Acme · Guest",
        f"{WHO} created this contact · Guest",
        f"{WHO} created this contact · Kim Lee",
        f"{WHO} created this organisation",
    ]
    page = html(anna.get(f"/organisations/{acme}"))
    assert page.one(f"#n{note.id} .whose a").attrs["href"] == f"/leads/{lead.id}"
    assert page.all(f"#n{note.id} .acts") == []
    assert [(link.text, link.attrs.get("aria-current")) for link in page.all(".tl-f a")] == [
        ("Everything", "true"),
        ("Only this organisation", None),
    ]
    assert [text for text in everything if "Kitchen" not in text and "Guest" not in text and "Kim" not in text] == [
        f"{WHO} wrote a note | own",
        f"{WHO} created this organisation",
    ]
    assert lines(anna, f"/organisations/{acme}?entries=own")[0] == f"{WHO} wrote a note | own"
    assert lines(anna, f"/contacts/{kim}")[0] == f"{WHO} wrote a note | of Kim"


def test_a_contact_tells_of_its_leads(anna, person_at, lead_of, lines):
    kim = person_at()
    lead = lead_of("Kitchen", contact_id=kim)
    add_note(lead.id, body="of the lead", actor=anna.actor)

    assert lines(anna, f"/contacts/{kim}")[0] == f"{WHO} wrote a note · Kitchen | of the lead"
    assert lines(anna, f"/contacts/{kim}?entries=own")[0] == f"{WHO} linked the lead Kitchen"


def test_what_was_merged_into_a_lead_of_the_firm_is_told_there_too(anna, firm, lead_of, lines):
    acme = firm("Acme")
    keep, other = lead_of("Keep", organisation_id=acme), lead_of("Other")
    add_note(other.id, body="of the other", actor=anna.actor)
    merge_records("lead", keep.id, other.id, values={}, actor=anna.actor)

    assert lines(anna, f"/organisations/{acme}")[:2] == [
        f"{WHO} merged another lead into this one: Other · Keep",
        f"{WHO} wrote a note · Keep | of the other",
    ]


@pytest.mark.parametrize("who", ["anna", "ben", "mona"])
def test_nobody_reads_of_what_they_do_not_see(who, request, make, anna, ben, firm, person_at, lead_of, lines):
    """A firm of nobody's, with a lead and a person of Anna's: Ben sees the firm only."""
    acme = firm("Acme", actor=SYSTEM, owner=None)
    hidden = firm("Hidden firm")
    kim = person_at(acme, "Secret Kim")
    lead = lead_of("Secret lead", organisation_id=acme, contact_id=kim)
    add_note(lead.id, body="Secret note", actor=anna.actor)
    add_employment(kim, hidden, actor=anna.actor)
    set_primary_contact(acme, kim, actor=anna.actor)
    update_party("organisation", acme, {"parent": hidden}, actor=anna.actor)
    make.set_up(member_visibility="own")
    reader = request.getfixturevalue(who)

    for query in ("", "?entries=own"):
        text = str(lines(reader, f"/organisations/{acme}{query}"))
        assert ("Secret" in text, "Hidden firm" in text) == (who != "ben", who != "ben")
        if who == "ben":
            assert "linked the lead one that you do not see" in text
            assert "First contact –empty one that you do not see" in text
            assert "Part of –empty one that you do not see" in text
    for url in (
        f"/contacts/{kim}",
        f"/organisations/{hidden}",
        f"/contacts/{kim}/timeline",
        f"/organisations/{hidden}/next-step",
    ):
        assert reader.htmx(url, method="GET").status_code == (404 if who == "ben" else 200)


def test_pins_notes_and_steps_answer_with_the_list_that_is_shown(anna, firm, lead_of, html):
    acme = firm("Acme")
    lead = lead_of("Kitchen", organisation_id=acme)
    add_note(lead.id, body="of the lead", actor=anna.actor)

    def texts(entries):
        here = {"HX-Current-URL": f"http://localhost/organisations/{acme}{entries}"}
        answer = anna.htmx(f"/organisations/{acme}/notes", {"body": "own"}, headers=here)
        return html(answer).texts("#timeline .note")

    assert texts("") == ["own", "of the lead"]
    assert texts("?entries=own") == ["own", "own"]
    note = add_note(body="pinned", organisation_id=acme, actor=anna.actor)
    pin_note(note.id, pinned=True, actor=anna.actor)
    assert html(anna.get(f"/organisations/{acme}")).texts("#timeline .note.pinned") == ["pinned"]


def test_the_filter_works_as_a_part_and_keeps_its_pages(anna, firm, html):
    acme = firm("Acme")
    for number in range(40):
        add_note(body=f"note {number}", organisation_id=acme, actor=anna.actor)
    for query, part in (("?entries=own", "&entries=own"), ("", "&entries=all")):
        page = html(anna.get(f"/organisations/{acme}{query}"))
        shown = html(anna.htmx(f"/organisations/{acme}/timeline?list=1{part}", method="GET"))
        assert page.texts("#timeline .note") == shown.texts("#timeline .note") == [f"note {n}" for n in range(39, 9, -1)]
        more = page.one(".tl-more")
        assert ("entries=own" in more.attrs["hx-get"], "entries=own" in more.one("a").attrs["href"]) == (bool(query), bool(query))
        assert html(anna.get(more.one("a").attrs["href"])).texts("#timeline .note") == [f"note {n}" for n in range(9, -1, -1)]
        assert anna.get(more.attrs["hx-get"]).headers["Location"] == more.one("a").attrs["href"]


# ---------------------------------------------------------------------------------------------- steps


@pytest.mark.parametrize("record_type", ["contact", "organisation"])
def test_steps_are_planned_done_and_edited(record_type, anna, firm, person_at, html):
    record_id, model = (person_at(), Contact) if record_type == "contact" else (firm(), Organisation)
    url = f"/{record_type}s/{record_id}"
    answer = anna.htmx(f"{url}/tasks", {"title": "Call", "due_on": "2026-12-01", "part": "panel"})
    assert html(answer).texts("#tasks-panel .step-i .what") == ["Call"]
    assert str(model.get_by_id(record_id).next_task_on) == "2026-12-01"
    task_id = model.get_by_id(record_id).next_task_id
    form = html(anna.htmx(f"/tasks/{task_id}/edit?part=panel", method="GET"))
    assert form.one("a.btn").attrs["hx-get"] == f"{url}/next-step?part=panel"
    assert anna.post(f"/tasks/{task_id}/edit", {"title": "Mail"}).headers["Location"] == url
    answer = anna.htmx(f"/tasks/{task_id}/done", {"part": "panel"})
    assert "did" in html(answer).one("#timeline").text
    assert model.get_by_id(record_id).next_task_id is None
    anna.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo"])
    assert model.get_by_id(record_id).next_task_id == task_id
    # Nothing is asked for: only an open lead wants a next step.
    assert "open" not in html(anna.get(url)).one(".step-add").attrs


def test_statements_are_the_same_however_many_entries(anna, firm, person_at, lead_of, queries, make):
    counts = {}
    for number in (1, 3):
        acme = firm(f"Acme {number}")
        for _ in range(number):
            kim = person_at(acme)
            lead = lead_of("Kitchen", organisation_id=acme, contact_id=kim)
            for host in ({"organisation_id": acme}, {"contact_id": kim}, {"lead_id": lead.id}):
                add_note(body="x", actor=anna.actor, **host)
                complete_task(add_task(title="x", actor=anna.actor, **host).id, actor=anna.actor)
                log_call(direction="incoming", outcome="reached", actor=anna.actor, **host)
            update_lead(lead.id, {"value_amount": number, "source": make.source().id}, actor=anna.actor)
            update_party("contact", kim, {"city": "Kiel"}, actor=anna.actor)
            set_primary_contact(acme, kim, actor=anna.actor)
        for url in (
            f"/organisations/{acme}",
            f"/organisations/{acme}?entries=own",
            f"/contacts/{kim}",
            f"/contacts/{kim}?entries=own",
        ):
            anna.get(url)
            with queries(at_most=26) as seen:
                assert anna.get(url).status_code == 200
            counts.setdefault(url.replace(str(acme), "").replace(str(kim), ""), []).append(len(seen.texts))
    assert all(len(set(found)) == 1 for found in counts.values()), counts
