"""Searching in the browser: the panel below the box, the page of results, actions, and what was looked at lately."""

import pytest

from leadboard.domain.activities import log_call
from leadboard.domain.leads import delete_leads
from leadboard.domain.notes import add_note
from leadboard.domain.parties import create_party
from leadboard.domain.tasks import add_task
from leadboard.permissions import SYSTEM
from leadboard.queries.record_filter import MAX_TEXT

NAMES = {
    "Łukasz Żółć": ("lukasz", "zol", "żółć"),
    "Þórður Guðmundsson": ("thordur", "mundss"),
    "Γιώργος Παπαδόπουλος": ("γιωργος", "δόπουλος"),
    "محمد علی کریمی": ("كريمي", "علي"),
    "محمود العلي": ("العلی",),
    "王小芳": ("小芳", "王"),
}


def panel(person, text, **values):
    return person.htmx("/search", {"q": text, **values}, method="GET")


def shown(html, answer):
    """{group: [(what stands there, what of it is marked)]} of the panel."""
    return {
        group.one(".seek-h").text: [
            (option.one(".seek-n").text, [mark.text for mark in option.all("mark")]) for option in group.all("[role=option]")
        ]
        for group in html(answer).all("[role=group]")
    }


@pytest.fixture
def world(make, anna, ben):
    """Three people's things: Anna sees her own only, and what is nobody's."""
    make.set_up(member_visibility="own")
    make.pipeline("Sales")
    mine = make.lead("Acme Foods", owner=anna.user, organisation_name="Baltic", phone="+48 22 555 01 20", email="a@acme.example")
    theirs = make.lead("Acme secret", owner=ben.user)
    for lead in (mine, theirs):
        add_note(lead.id, body=f"They of {lead.title} asked for a **discount**", actor=SYSTEM)
        add_task(lead.id, title=f"Discount for {lead.title}", actor=SYSTEM)
        log_call(lead.id, direction="incoming", outcome="reached", body=f"discounts of {lead.title}", actor=SYSTEM)
    create_party("contact", {"name": "Acme person", "owner": ben.id}, actor=SYSTEM)
    create_party("organisation", {"name": "Acme", "owner": anna.id, "website": "acme.example"}, actor=SYSTEM)
    return mine


def test_the_panel_groups_what_was_found_and_marks_it(html, world, anna):
    assert shown(html, panel(anna, "acme")) == {
        "Leads": [("Acme Foods", ["Acme", "acme"]), ("All leads with “acme”", [])],
        "Organisations": [("Acme", ["Acme", "acme"]), ("All organisations with “acme”", [])],
        "Notes and calls": [
            ("discounts of Acme Foods", ["Acme"]), ("They of Acme Foods asked for a discount", ["Acme"]), ("All notes with “acme”", []),
        ],
        "Next steps": [("Discount for Acme Foods", ["Acme"]), ("All next steps with “acme”", [])],
    }  # fmt: skip
    page = html(panel(anna, "22 555 01"))
    assert [option.attrs["href"] for option in page.all("[role=option]")] == [f"/leads/{world.id}", "/leads?q=22+555+01"]
    assert page.one(".seek-d").text == "Baltica@acme.example+48 22 555 01 20"
    assert [mark.text for mark in page.all("mark")] == ["22 555 01"]


def test_nobody_is_shown_what_they_may_not_see(html, world, anna, ben, mona, vera):
    def leads(person):
        return [name for name, _ in shown(html, panel(person, "acme"))["Leads"][:-1]]

    assert (leads(anna), leads(ben), leads(mona)) == (["Acme Foods"], ["Acme secret"], ["Acme secret", "Acme Foods"])
    for text in ("acme", "discount", "secret"):
        for url in (f"/search?q={text}", f"/search?q={text}&type=note", f"/search?q={text}&type=lead"):
            assert "secret of" not in anna.get(url).text and "Acme secret" not in anna.get(url).text


def test_names_of_every_script_are_found_and_marked(html, make, anna):
    for name, texts in NAMES.items():
        make.lead(name)
        for text in texts:
            found = shown(html, panel(anna, text))["Leads"]
            assert found[0][0] == name and found[0][1], (name, text)


def test_actions_are_offered_and_found_by_their_words(html, world, anna, vera, ada):
    assert [name for name, _ in shown(html, panel(anna, ""))["Actions"]] == [
        "New lead", "New contact", "New organisation", "Go to the board “Sales”",
    ]  # fmt: skip
    assert shown(html, panel(anna, "new lea"))["Actions"] == [("New lead", ["New", "lea"])]
    assert shown(html, panel(anna, "create lead"))["Actions"] == [("New lead", ["lead"])]
    assert shown(html, panel(anna, "board sal"))["Actions"] == [("Go to the board “Sales”", ["board", "Sal"])]
    assert [name for name, _ in shown(html, panel(ada, "import"))["Actions"]] == ["Import"]
    assert "Settings: People" in [name for name, _ in shown(html, panel(ada, "settings peo"))["Actions"]]
    for text in ("import", "settings", "new", ""):
        assert not {"Import", "Settings", "New lead"} & {name for name, _ in shown(html, panel(vera, text)).get("Actions", [])}


def test_what_was_looked_at_lately_is_shown_by_its_name_of_today(html, make, world, anna, ben):
    gone, theirs, mine = make.lead("Gone"), make.lead("Theirs", owner=ben.user), make.lead("Mine", owner=anna.user)
    firm = create_party("organisation", {"name": "Firm"}, actor=SYSTEM)
    delete_leads([gone.id], actor=SYSTEM)
    recent = f"lead-{mine.id},organisation-{firm.id},lead-{gone.id},lead-{theirs.id},user-1,lead-x,lead--1,lead-{10**30},<b>"

    assert shown(html, panel(anna, "", recent=recent))["Viewed lately"] == [("Mine", []), ("Firm", [])]
    assert "Viewed lately" not in shown(html, panel(anna, "acme", recent=recent))


def test_the_page_shows_twenty_of_each_and_says_when_there_is_more(html, make, anna):
    make.leads(23, title="Acme")
    make.lead("Acme Ltd")
    page = html(anna.get("/search?q=acme"))

    assert (page.texts("h2"), page.texts(".panel .count"), len(page.all(".seek-l li"))) == (["Leads"], ["20+"], 20)
    assert page.one("#seek-q").attrs["value"] == "acme"
    assert page.one(".panel-f a").attrs["href"] == "/search?q=acme&type=lead"
    assert page.one(".panel-h a").attrs["href"] == "/leads?q=acme"
    assert html(anna.get("/search?q=acme+ltd")).texts(".panel .count") == ["1"]


def test_one_type_goes_on_page_by_page(html, make, anna):
    ids = [lead.id for lead in make.leads(60, title="Acme")]
    first = html(anna.get("/search?q=acme&type=lead"))
    second = html(anna.get(first.one("a[rel=next]").attrs["href"]))

    seen = [[option.attrs["href"] for option in page.all(".seek-l a")] for page in (first, second)]
    assert seen[0] + seen[1] == [f"/leads/{number}" for number in sorted(ids, reverse=True)]
    assert (len(seen[0]), second.all("a[rel=next]")) == (50, [])
    assert html(anna.get(f"/search?q=acme&type=lead&before={min(ids)}")).texts("main h2") == ["Nothing older"]


@pytest.mark.parametrize("query", ["type=person", "type=lead&before=x", "type=lead&before=-1", f"type=lead&before={'9' * 40}"])
def test_what_cannot_be_read_is_refused_with_what_can(anna, query):
    answer = anna.get(f"/search?q=acme&{query}")

    assert answer.status_code == 400
    assert "person" not in query or "lead, contact, organisation, note, task" in answer.text


def test_the_page_tells_what_to_do_when_empty_when_nothing_fits_and_when_the_text_is_long(html, make, anna, vera):
    assert html(anna.get("/search")).texts(".empty h2") == ["Find anything"]
    nothing = html(anna.get("/search?q=<b>zzz</b>"))
    assert nothing.texts(".empty h2") == ["Nothing found"]
    assert "Nothing that you may see has “<b>zzz</b>” in it." in nothing.texts(".empty p")
    assert html(vera.get("/search?q=zzz")).all('.empty a[href="/bin"]') == []
    make.lead("Acme")
    long = html(anna.get("/search?q=" + "acme+" * 2000))
    assert f"Only the first {MAX_TEXT} characters were looked for." in long.texts("p.small")
    assert html(panel(anna, "zzz")).texts(".seek-none") != []


def test_every_page_has_the_box_once(html, make, anna):
    make.pipeline("Sales")
    for url in ("/", "/leads", "/search", "/search?q=x", "/account"):
        page = html(anna.get(url))
        assert len(page.all("#seek-q")) == 1
        assert page.one("form.seek-f").attrs["action"] == "/search"


def test_the_number_of_statements_stays(make, anna, queries):
    def fill():
        lead = make.lead("Acme")
        add_note(lead.id, body="acme", actor=SYSTEM)
        add_task(lead.id, title="acme", actor=SYSTEM)
        for kind in ("contact", "organisation"):
            create_party(kind, {"name": "Acme"}, actor=SYSTEM)

    make.pipeline("Sales")
    counts = []
    fill()
    for url in ("/search?q=acme", "/search?q=acme&type=note"):
        for again in range(2):
            with queries(at_most=32) as seen:
                anna.get(url)
            counts.append(len(seen.texts))
            if not again:
                fill()
                fill()
    assert counts[0] == counts[1] and counts[2] == counts[3]
