"""The one search: what is found, in which order, and by whom."""

import pytest

from leadboard.db import execute, rows
from leadboard.domain.activities import log_call
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.notes import add_note, delete_note, edit_note
from leadboard.domain.parties import create_party
from leadboard.domain.record_rows import reindex
from leadboard.domain.tasks import add_task, change_task
from leadboard.domain.undo import undo_change
from leadboard.permissions import SYSTEM
from leadboard.queries import search as searching
from leadboard.queries.search import search


def titles(text, actor=SYSTEM, **options):
    """{kind: what is found}; of notes and steps their texts."""
    found = search(text, actor, **options)
    return {kind: [hit.title or hit.body for hit in hits] for kind, hits in found.hits.items() if hits}


NAMES = ("Łukasz Żółć", "Þórður Guðmundsson", "Γιώργος Παπαδόπουλος", "محمد علی کریمی", "王小芳", "Björk Ævar", "می‌خواهم")


@pytest.mark.parametrize(
    "name, texts",
    [
        ("Łukasz Żółć", ("lukasz zolc", "ŁUKASZ", "kasz", "zol")),
        ("Þórður Guðmundsson", ("thordur", "gudmund", "ÞÓRÐ")),
        ("Γιώργος Παπαδόπουλος", ("γιωργος", "ΠΑΠΑΔΟΠΟΥΛΟΣ", "δοπουλοσ")),
        ("محمد علی کریمی", ("كريمي", "علي", "محم")),
        ("王小芳", ("王小芳", "小芳", "芳", "王")),
        ("می‌خواهم", ("میخواهم", "می‌خواهم")),
        ("محمود العلي", ("العلی", "محمود")),
    ],
)
def test_a_name_is_found_by_itself_folded_and_by_a_fragment(make, name, texts):
    make.lead("Somebody else 李明")
    make.lead("Lead", person_name=name)
    create_party("contact", {"name": name}, actor=SYSTEM)
    create_party("organisation", {"name": f"{name} Ltd"}, actor=SYSTEM)

    for text in (name, *texts):
        assert titles(text) == {"lead": ["Lead"], "contact": [name], "organisation": [f"{name} Ltd"]}, text


@pytest.mark.parametrize("text", ["+48 22 555 01 20", "22 555 01", "5550120", "(22) 5550", "۲۲۵۵۵"])
def test_any_part_of_a_number_finds_whom_it_belongs_to(make, text):
    make.lead("Anna", phone="+48 22 555 01 20")
    create_party("contact", {"name": "Ben", "phone": "0048 22/5550120"}, actor=SYSTEM)

    assert titles(text) == {"lead": ["Anna"], "contact": ["Ben"]}


def test_what_equals_the_text_comes_first_then_what_begins_with_it_then_the_newest(make):
    for title in ("Acme", "Acme Foods", "New Acme", "Old superacme", "Acme Steel"):
        make.lead(title)
    make.leads(3, title="Later superacme")

    assert titles("acme", most=5)["lead"] == ["Acme", "Acme Steel", "Acme Foods", "New Acme", "Later superacme"]
    assert search("acme", SYSTEM).more == {"lead"}


def test_an_old_record_that_is_called_so_is_not_lost_among_the_new(make, monkeypatch):
    monkeypatch.setattr(searching, "MOST_RANKED", 3)
    make.lead("Acme")
    make.leads(6, title="The acme of things")

    assert titles("acme", most=2)["lead"][0] == "Acme"


def test_notes_steps_calls_and_long_fields_are_found_by_words_and_their_beginnings(make):
    make.field("Story", "long_text")
    lead = make.lead("Acme", **{"fields.story": "Visited the Łódź plant"})
    add_note(lead.id, body="They asked for a **discount** of 5 %.\n\nCall 王小芳 back", actor=SYSTEM)
    add_task(lead.id, title="Send the discounted offer", actor=SYSTEM)
    log_call(lead.id, direction="incoming", outcome="reached", body="About discounts again", actor=SYSTEM)

    assert titles("discoun") == {
        "note": ["About discounts again", "They asked for a **discount** of 5 %.\n\nCall 王小芳 back"], "task": ["Send the discounted offer"],
    }  # fmt: skip
    assert titles("小芳")["note"] == ["They asked for a **discount** of 5 %.\n\nCall 王小芳 back"]
    assert titles("lodz pla") == {"lead": ["Acme"]}
    assert titles("芳小") == {}


def test_what_changes_is_found_as_it_is_now(make):
    make.field("Remark")
    lead = make.lead("Acme", **{"fields.remark": "violet"})
    note, task = add_note(lead.id, body="first wording", actor=SYSTEM), add_task(lead.id, title="first step", actor=SYSTEM)

    edit_note(note.id, body="second wording", actor=SYSTEM)
    change_task(task.id, title="second step", actor=SYSTEM)
    changed = update_lead(lead.id, {"fields.remark": "orange", "person_name": "王"}, actor=SYSTEM)
    assert (titles("first"), titles("violet")) == ({}, {})
    assert (titles("second"), titles("orange"), titles("王")) == (
        {"note": ["second wording"], "task": ["second step"]}, {"lead": ["Acme"]}, {"lead": ["Acme"]},
    )  # fmt: skip

    undo_change(changed.change_set_id, actor=SYSTEM)
    gone = delete_note(note.id, actor=SYSTEM)
    assert (titles("violet"), titles("王"), titles("wording")) == ({"lead": ["Acme"]}, {}, {})
    undo_change(gone, actor=SYSTEM)
    assert titles("wording") == {"note": ["second wording"]}
    delete_leads([lead.id], actor=SYSTEM)
    assert titles("second") == titles("acme") == {}


def test_nobody_finds_what_they_may_not_see(make, anna, ben):
    make.set_up(member_visibility="own")
    mine, theirs = make.lead("Acme mine", owner=anna.user), make.lead("Acme theirs", owner=ben.user)
    for lead in (mine, theirs):
        add_note(lead.id, body=f"secret of {lead.title}", actor=SYSTEM)
        add_task(lead.id, title=f"secret step of {lead.title}", actor=SYSTEM)
    create_party("contact", {"name": "Acme person", "owner": ben.id}, actor=SYSTEM)

    for few in (0, 8_000):
        searching.FEW_OF_ONES_OWN, searching.COMMON = few, 1
        assert titles("acme", anna.actor) == {
            "lead": ["Acme mine"], "note": ["secret of Acme mine"], "task": ["secret step of Acme mine"],
        }  # fmt: skip
        assert titles("secret", anna.actor) == {"note": ["secret of Acme mine"], "task": ["secret step of Acme mine"]}
    searching.FEW_OF_ONES_OWN, searching.COMMON = 8_000, 5_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        '"',
        "%%%",
        "___",
        "a AND b",
        "NEAR(x y)",
        "'; drop table lead",
        "x" * 10_000,
        "(((((",
        "\\",
        "*",
        "🙂",
        "a:b",
        "-acme",
        "^acme$",
        ".*",
    ],
)
def test_signs_are_looked_for_not_obeyed(make, text):
    lead = make.lead("Other")
    add_note(lead.id, body="words", actor=SYSTEM)

    assert titles(text) == {}


def test_every_word_is_indexed_again(make):
    make.field("Remark")
    lead = make.lead("王小芳", **{"fields.remark": "violet"})
    add_note(lead.id, body="a note", actor=SYSTEM)
    add_note(lead.id, body="🙂", actor=SYSTEM)
    log_call(lead.id, direction="incoming", outcome="reached", actor=SYSTEM)
    before = [rows(f"select rowid, words from {table}_words order by rowid") for table in ("lead", "note", "activity")]
    for table in ("lead", "note"):
        execute(f"delete from {table}_words")
    assert titles("violet") == {}

    assert (reindex(), reindex(), reindex(afresh=True)) == (3, 0, 3)
    assert [rows(f"select rowid, words from {table}_words order by rowid") for table in ("lead", "note", "activity")] == before


def walked(kind, text, actor=SYSTEM, most=2):
    """Every page of one kind, newest first: the names."""
    found, before = [], ()
    while True:
        page = searching.search_page(kind, text, actor, most=most, before=before)
        found.append([hit.title or hit.body for hit in page.hits])
        before = page.before
        if not before:
            return found


def test_all_of_one_kind_come_page_by_page_the_newest_first(make, monkeypatch):
    for number in range(5):
        make.lead(f"Acme {number}")
        make.lead(f"Other {number}")
    lead = make.lead("Host")
    for number in range(3):
        add_note(lead.id, body=f"acme note {number}", actor=SYSTEM)
        log_call(lead.id, direction="incoming", outcome="reached", body=f"acme call {number}", actor=SYSTEM)
        add_task(lead.id, title=f"acme step {number}", actor=SYSTEM)

    for common in (5_000, 1):
        monkeypatch.setattr(searching, "COMMON", common)
        assert walked("lead", "acme") == [["Acme 4", "Acme 3"], ["Acme 2", "Acme 1"], ["Acme 0"]]
        assert walked("lead", "ac") == walked("lead", "acme")
    assert walked("task", "acme") == [["acme step 2", "acme step 1"], ["acme step 0"]]
    assert sorted(name for page in walked("note", "acme") for name in page) == [
        *(f"acme call {n}" for n in range(3)),
        *(f"acme note {n}" for n in range(3)),
    ]
    assert walked("lead", "") == walked("lead", "zzz") == [[]]


def test_beside_a_name_stands_its_organisation_and_what_the_text_was_found_in(make, anna, ben):
    make.set_up(member_visibility="own")
    make.lead(
        "Website",
        organisation_name="Acme",
        person_name="Łukasz Żółć",
        email="l@zolc.example",
        phone="+48 22 555 01 20",
        owner=anna.user,
    )
    firm = create_party("organisation", {"name": "Secret firm", "owner": ben.id}, actor=SYSTEM)
    create_party("contact", {"name": "Websterowa", "organisation": firm.id, "owner": anna.id}, actor=SYSTEM)

    def beside(text, actor=anna.actor):
        return [(hit.title, hit.details, hit.phone) for kind in ("lead", "contact") for hit in search(text, actor).hits[kind]]

    assert beside("webs") == [("Website", ("Acme", "l@zolc.example"), ""), ("Websterowa", (), "")]
    assert beside("lukasz") == [("Website", ("Acme", "Łukasz Żółć"), "")]
    assert beside("555 01") == [("Website", ("Acme", "l@zolc.example"), "+48 22 555 01 20")]
    assert beside("websterowa", SYSTEM) == [("Websterowa", ("Secret firm",), "")]


def test_notes_and_steps_are_those_of_the_records_asked_for(make):
    lead, person = make.lead("Lead"), create_party("contact", {"name": "Person"}, actor=SYSTEM)
    add_note(lead.id, body="violet", actor=SYSTEM)
    add_note(body="violet too", actor=SYSTEM, contact_id=person.id)

    assert titles("violet", hosts=("lead",)) == {"note": ["violet"]}
    assert titles("violet", hosts=()) == {}


def test_the_number_of_statements_does_not_grow_with_what_is_found(make, queries):
    def fill():
        lead = make.lead("Acme one")
        add_note(lead.id, body="acme", actor=SYSTEM)
        add_task(lead.id, title="acme", actor=SYSTEM)
        for kind in ("contact", "organisation"):
            create_party(kind, {"name": "Acme one"}, actor=SYSTEM)

    fill()
    with queries(at_most=24) as first:
        search("acme one", SYSTEM)
    fill()
    fill()
    with queries(at_most=24) as second:
        search("acme one", SYSTEM)
    assert len(first.texts) == len(second.texts)
