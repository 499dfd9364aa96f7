"""Contacts and organisations in the bin: restored, merged, purged with everything that was typed."""

import pytest

from leadboard.db import execute, now_ms, one, rows
from leadboard.domain.activities import log_call
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note
from leadboard.domain.parties import delete_parties
from leadboard.domain.points import Point, set_points
from leadboard.domain.purge import DAY_MS, purge_bin
from leadboard.domain.relations import add_employment, link_lead, set_primary_contact
from leadboard.domain.tasks import add_task
from leadboard.domain.undo import undo_change
from leadboard.models import Contact, Event, EventValue, Lead, Organisation
from leadboard.permissions import SYSTEM

KINDS = ("contact", "organisation")
PURGED = (
    "contact",
    "contact_text",
    "organisation",
    "organisation_text",
    "note",
    "task",
    "activity",
    "contact_point",
    "employment",
)


def counts():
    return {table: rows(f"select count(*) from {table}")[0][0] for table in PURGED}


def make_old(table):
    execute(f"update {table} set deleted_at = ? where deleted_at is not null", (now_ms() - 31 * DAY_MS,))


@pytest.mark.parametrize("kind", KINDS)
def test_the_bin_shows_each_type_and_restores(kind, mona, make, html):
    ids = [getattr(make, kind)(name).id for name in ("One", "Two", "Three")]
    delete_parties(kind, ids, actor=mona.actor)

    page = html(mona.get("/bin"))
    assert page.one(".empty h2").text == "The bin is empty"
    assert [tab.attrs["href"] for tab in page.all(".tabs a")] == ["/bin", f"/bin?type={kind}"]
    page = html(mona.get(f"/bin?type={kind}"))
    assert sorted(page.texts("td.who b")) == ["One", "Three", "Two"]
    assert "Mona Haddad" in page.text

    mona.post("/bin/restore", {"type": kind, "id": ids[:1], "only": ids[1]})
    assert sorted(html(mona.get(f"/bin?type={kind}")).texts("td.who b")) == ["One", "Three"]
    answer = mona.post("/bin/restore", {"type": kind, "id": [ids[0], ids[2]]})
    assert answer.headers["Location"] == f"/bin?type={kind}"
    page = html(mona.get(f"/bin?type={kind}"))
    assert page.one("#toasts .toast-i span").text == f"2 {kind}s restored"
    assert page.all("td.who") == []


def test_a_bin_of_leads_only_has_no_tabs(mona, html):
    assert html(mona.get("/bin")).all(".tabs") == []


@pytest.mark.parametrize("kind", KINDS)
def test_three_people_and_the_bin(kind, anna, ben, mona, make, html):
    make.set_up(member_visibility="own")
    mine, theirs = getattr(make, kind)("Anna's", owner=anna.user), getattr(make, kind)("Ben's", owner=ben.user)
    delete_parties(kind, [mine.id, theirs.id], actor=SYSTEM)

    def shown(person):
        return sorted(html(person.get(f"/bin?type={kind}")).texts("td.who b"))

    assert (shown(anna), shown(ben), shown(mona)) == (["Anna's"], ["Ben's"], ["Anna's", "Ben's"])
    anna.post("/bin/restore", {"type": kind, "id": [theirs.id]})
    assert shown(mona) == ["Anna's", "Ben's"]
    anna.post("/bin/restore", {"type": kind, "id": [mine.id]})
    assert shown(mona) == ["Ben's"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_merged_says_into_what_and_is_not_restored_by_itself(kind, mona, make, html):
    kept, other = getattr(make, kind)("Kept"), getattr(make, kind)("Other")
    merged = merge_records(kind, kept.id, other.id, actor=SYSTEM, values={})

    page = html(mona.get(f"/bin?type={kind}"))

    assert "Merged into Kept" in " ".join(page.one("td.who").text.split())
    assert page.one("td.who a").attrs["href"] == f"/{kind}s/{kept.id}"
    assert page.all("tbody input, tbody button") == []
    assert mona.post("/bin/restore", {"type": kind, "id": [other.id]}).status_code == 422
    undo_change(merged.change_set_id, actor=SYSTEM)
    assert html(mona.get(f"/bin?type={kind}")).all("td.who") == []


def test_a_merged_lead_says_so_too(mona, make, html):
    kept, other = make.lead("Kept"), make.lead("Other")
    merge_records("lead", kept.id, other.id, actor=SYSTEM, values={})

    page = html(mona.get("/bin"))

    assert page.one("td.who a").attrs["href"] == f"/leads/{kept.id}"
    assert page.all("tbody button") == []


def test_an_unknown_type_is_refused(mona):
    assert mona.get("/bin?type=firm").status_code == 400


# ---------------------------------------------------------------------------------------------- for good


@pytest.mark.parametrize("kind", KINDS)
def test_after_thirty_days_it_goes_with_all_that_was_typed(kind, make):
    person, firm, lead = (
        make.contact("Ewa Secret", email="ewa@secret.example"),
        make.organisation("Secret Ltd"),
        make.lead("Stays"),
    )
    record = person if kind == "contact" else firm
    add_employment(person.id, make.organisation("Other").id, actor=SYSTEM)
    add_employment(person.id, firm.id, actor=SYSTEM)
    set_primary_contact(firm.id, person.id, actor=SYSTEM)
    link_lead(lead.id, contact_id=person.id, organisation_id=firm.id, actor=SYSTEM)
    host = {f"{kind}_id": record.id}
    add_note(body="secret", actor=SYSTEM, **host)
    add_task(title="Secret call", actor=SYSTEM, **host)
    log_call(direction="outgoing", outcome="reached", body="secret", actor=SYSTEM, **host)
    set_points([Point("email", "second@secret.example")], actor=SYSTEM, **host)
    add_note(lead.id, body="stays", actor=SYSTEM)
    delete_parties(kind, [record.id], actor=SYSTEM)
    purge_bin()
    assert counts()[kind] == (1 if kind == "contact" else 2)
    make_old(kind)

    purge_bin()

    left = counts()
    assert (left[kind], left[f"{kind}_text"]) == ((0, 0) if kind == "contact" else (1, 1))
    assert (left["note"], left["task"], left["activity"], left["contact_point"]) == (1, 0, 0, 0)
    assert left["employment"] == (0 if kind == "contact" else 1)
    found = Lead.get_by_id(lead.id)
    assert (found.title, getattr(found, f"{kind}_id")) == ("Stays", None)
    own = Event.select(Event.id).where(
        (getattr(Event, f"{kind}_id") == record.id) & (Event.record_type.in_([kind, "note", "task", "activity"]))
    )
    assert own.count() > 4
    assert EventValue.select().where(EventValue.event.in_(own)).count() == 0
    assert one(
        "select count(*) from event_value where after like '%ecret%' and event_id in (select id from event where record_type = ?)",
        (kind,),
    ) == (0,)
    if kind == "contact":
        assert Organisation.get_by_id(firm.id).primary_contact_id is None
    else:
        assert Contact.get_by_id(person.id).name == "Ewa Secret"


@pytest.mark.parametrize("kind", ["lead", *KINDS])
def test_what_was_merged_stays_as_long_as_the_other_and_goes_with_it(kind, make):
    kept, other = getattr(make, kind)("Kept"), getattr(make, kind)("Other")
    merged = merge_records(kind, kept.id, other.id, actor=SYSTEM, values={})
    make_old(kind)

    purge_bin()
    assert one(f"select count(*) from {kind}") == (2,)
    undo_change(merged.change_set_id, actor=SYSTEM)
    assert one(f"select count(*) from {kind} where deleted_at is null") == (2,)

    merge_records(kind, kept.id, other.id, actor=SYSTEM)
    execute(f"update {kind} set deleted_at = ?", (now_ms() - 31 * DAY_MS,))
    purge_bin()
    assert one(f"select count(*) from {kind}") == (0,)
