"""Every built-in type on every page: forms, the lead page, undo, conflicts, the list, filters, the board."""

import pytest

from leadboard.domain.custom_fields import archive_field, change_field
from leadboard.domain.leads import create_lead, update_lead
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, Refused
from leadboard.models import Lead
from leadboard.permissions import SYSTEM
from tests.fields.conftest import VALUES


def stored(lead):
    return Lead.get_by_id(lead.id).fields


def texts(html, answer, selector):
    return [one.text.strip() for one in html(answer).all(selector)]


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_is_typed_shown_changed_and_taken_back(kind, field, make, anna, vera, carla, html):
    field(kind)
    lead = make.lead("Acme", owner=anna.user)
    typed, value, shown, _ = VALUES[kind]
    name = f"fields.{kind}"
    url = f"/leads/{lead.id}/fields/{name}"
    version = Lead.get_by_id(lead.id).version

    assert vera.post(url, data={name: typed, "version": version}).status_code == 403
    assert carla.post(url, data={name: typed, "version": version}).status_code == 303
    assert "fields" not in stored(lead) and stored(lead) == {}
    form = anna.htmx(url, method="GET")
    assert form.status_code == 200 and f'name="was-{name}"' in form.text

    answer = anna.htmx(url, {name: typed, f"was-{name}": "", "version": version}, method="POST")

    assert answer.status_code == 200, answer.text
    assert stored(lead) == {kind: value}
    page = html(vera.get(f"/leads/{lead.id}"))
    assert " ".join(shown.split()) in " ".join(page.one(f"#f-fields-{kind} dd").text.split()) or kind == "choices"
    assert "changed" in page.one("#timeline").text

    done = update_lead(lead.id, {name: None}, actor=anna.actor)
    assert stored(lead) == {}
    undo_change(done.change_set_id, actor=anna.actor)
    assert stored(lead) == {kind: value}


def test_a_whole_form_keeps_what_was_not_touched(every_field, make, anna):
    lead = make.lead("Acme", owner=anna.user)
    update_lead(lead.id, {f"fields.{kind}": value for kind, (_, value, _, _) in VALUES.items()}, actor=SYSTEM)
    before = stored(lead)
    page = anna.get(f"/leads/{lead.id}/edit")
    assert page.status_code == 200
    sent = {"version": Lead.get_by_id(lead.id).version, "title": "Acme 2", "was-title": "Acme"}

    assert anna.post(f"/leads/{lead.id}/edit", data=sent).status_code == 303

    assert stored(lead) == before
    assert Lead.get_by_id(lead.id).title == "Acme 2"


def test_what_cannot_be_read_stays_in_its_field(field, make, anna, html):
    field("number")
    lead = make.lead("Acme", owner=anna.user)
    answer = anna.htmx(f"/leads/{lead.id}/fields/fields.number", {"fields.number": "lots", "version": 1}, method="POST")
    assert answer.status_code == 422
    assert "“lots” is not a number" in html(answer).one("#e-fields-number-error").text
    assert stored(lead) == {}


def test_two_people_change_one_field(field, make, anna, ben):
    field("text")
    lead = make.lead("Acme")
    version = Lead.get_by_id(lead.id).version
    update_lead(lead.id, {"fields.text": "hers"}, actor=anna.actor, version=version)
    update_lead(lead.id, {"city": "Gdynia"}, actor=ben.actor, version=version)
    with pytest.raises(Conflict) as conflict:
        update_lead(lead.id, {"fields.text": "his"}, actor=ben.actor, version=version)
    assert [(one.field, one.yours, one.theirs, one.by) for one in conflict.value.details] == [
        ("fields.text", "his", "hers", anna.user.name)
    ]
    answer = ben.htmx(
        f"/leads/{lead.id}/fields/fields.text", {"fields.text": "his", "was-fields.text": "", "version": version}, method="POST"
    )
    assert answer.status_code == 409
    assert "hers" in answer.text and "his" in answer.text


def test_a_new_lead_has_defaults_and_what_is_required(field, make, anna, html):
    make.pipeline()
    field("number", default=5, options={})
    field("text", is_required=True)
    page = html(anna.get("/leads/new"))
    assert page.one('input[name="fields.number"]').attrs["value"] == "5"
    answer = anna.post("/leads/new", data={"title": "Acme", "fields.number": "7", "fields.text": ""})
    assert answer.status_code == 422
    assert "My text must not be empty." in html(answer).one("#fields-text-error").text
    assert anna.post("/leads/new", data={"title": "Acme", "fields.number": "7", "fields.text": "x"}).status_code == 303
    lead = Lead.get()
    assert lead.fields == {"number": 7, "text": "x"}
    with pytest.raises(Refused):
        update_lead(lead.id, {"fields.text": ""}, actor=SYSTEM)
    assert Lead.get_by_id(create_lead({"title": "Quick"}, actor=SYSTEM).lead_id).fields == {"number": 5}


def test_a_unique_value_is_taken_once(field, make):
    field("text", is_unique=True)
    first, second = make.lead("First"), make.lead("Second")
    update_lead(first.id, {"fields.text": "A 12"}, actor=SYSTEM)
    with pytest.raises(Refused, match=f"#{first.id} First has this value"):
        update_lead(second.id, {"fields.text": "a 12"}, actor=SYSTEM)
    update_lead(first.id, {"fields.text": "A 12", "city": "x"}, actor=SYSTEM)
    update_lead(second.id, {"fields.text": "A 13"}, actor=SYSTEM)


# ---------------------------------------------------------------------------------------------- list and board

ORDER = {
    "text": ["Ábel", "acme", "Łódź", "Zebra"], "number": [-5, 2, 10.25, 1000], "money": [0, 1, 20, 300], "mail": ["a@x.example", "B@x.example"],
    "day": ["2020-01-02", "2026-01-01", "2031-05-05"], "moment": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z", "2031-01-01T00:00:00Z"],
    "yes_no": [False, True], "choice": ["silver", "gold"], "link": ["acme.example", "https://www.beta.example"],
}  # fmt: skip


@pytest.mark.parametrize("kind", ORDER)
def test_the_list_is_sorted_by_a_field_both_ways_and_the_empty_come_last(kind, field, make, anna, html, monkeypatch):
    monkeypatch.setattr("leadboard.queries.record_list.PAGE", 2)
    field(kind, in_list=True)
    values = ORDER[kind]
    for number in (1, 0, *range(2, len(values))):
        make.lead(f"L{number}", **{f"fields.{kind}": values[number]})
    make.lead("None")
    expected = [f"L{number}" for number in range(len(values))]

    def walk(sort):
        found, url = [], f"/leads?sort={sort}"
        while url:
            page = html(anna.get(url))
            found += [one.text for one in page.all("td.who a")]
            more = page.all('a[rel="next"]')
            url = more[0].attrs["href"] if more else ""
        return found

    assert walk(f"f.{kind}") == [*expected, "None"]
    assert walk(f"-f.{kind}") == [*expected[::-1], "None"]


@pytest.mark.parametrize(
    "kind, arg, finds",
    [
        ("text", "f.text=lodz", True), ("text", "f.text=lod", False), ("text", "f.text.contains=od", True), ("text", "f.text.contains=x", False),
        ("text", "f.text.empty=0", True), ("text", "f.text.empty=1", False), ("long_text", "f.long_text.contains=TWO", True),
        ("number", "f.number=1234.5", True), ("number", "f.number.from=1234.6", False), ("number", "f.number.to=1234.5", True),
        ("money", "f.money=12k", True), ("money", "f.money.from=12000.01", False), ("money", "f.money.to=12001", True),
        ("day", "f.day=2031-11-20", True), ("day", "f.day.from=2031-11-21", False), ("day", "f.day.to=2031-11-20", True),
        ("moment", "f.moment=2031-11-20", True), ("moment", "f.moment.to=2031-11-19", False), ("moment", "f.moment.from=2031-11-20", True),
        ("yes_no", "f.yes_no=yes", True), ("yes_no", "f.yes_no=no", False), ("choice", "f.choice=gold", True), ("choice", "f.choice=silver", False),
        ("choice", "f.choice=silver,gold", True), ("choices", "f.choices=white", True), ("choices", "f.choices=rose", False),
        ("choices", "f.choices.empty=0", True), ("mail", "f.mail=OLA@acme.example", True), ("mail", "f.mail.contains=acme", True),
        ("mail", "f.mail=x@acme.example", False), ("tel", "f.tel=%2B49 30 901820", True), ("tel", "f.tel.contains=9018", True),
        ("tel", "f.tel.contains=777", False), ("link", "f.link=acme.example/x", True), ("link", "f.link.contains=example", True),
    ],
)  # fmt: skip
def test_filters(kind, arg, finds, field, make, anna, html):
    field(kind)
    make.lead("Acme", **{f"fields.{kind}": VALUES[kind][1]})
    make.lead("Other")
    answer = anna.get(f"/leads?{arg}")
    assert answer.status_code == 200, answer.text
    assert ("Acme" in texts(html, answer, "td.who a")) is finds
    board = anna.get(f"/?{arg}")
    assert ("Acme" in texts(html, board, ".lc-n")) is finds


def test_a_colleague_is_a_value(field, make, anna, ben, html):
    field("user", in_list=True, on_card=True)
    make.lead("Acme", **{"fields.user": anna.user.id})
    for arg in ("f.user=me", f"f.user={anna.user.id}", f"f.user={anna.user.email}"):
        assert texts(html, anna.get(f"/leads?{arg}"), "td.who a") == ["Acme"], arg
    assert "Acme" not in texts(html, ben.get("/leads?f.user=me"), "td.who a")
    assert "Anna Kowalska" in anna.get("/leads").text
    assert "My user: Anna Kowalska" in anna.get("/").text


@pytest.mark.parametrize(
    "arg",
    [
        "f.nothing=1",
        "f.number=lots",
        "f.number.contains=1",
        "f.number.empty=yes",
        "f.choice=platinum",
        "f.choice=,",
        "f.choices=;,",
    ],
)
def test_a_filter_that_is_not_known_says_what_is(arg, field, make, anna):
    for kind in ("number", "choice", "choices"):
        field(kind)
    make.lead()
    answer = anna.get(f"/leads?{arg}")
    assert answer.status_code == 400
    assert "known" in answer.text.lower() or "not a" in answer.text or "not one of" in answer.text or "empty" in answer.text


def test_columns_and_cards_show_values(field, make, anna, html):
    field("choice", in_list=True, on_card=True)
    field("number", in_list=True, on_card=True)
    make.lead("Acme", **{"fields.choice": "gold", "fields.number": 12.5})
    make.lead("Other")
    page = html(anna.get("/leads"))
    assert "My choice" in [one.text.strip() for one in page.all("th")]
    assert page.one("td .tag.tone-amber").text == "Gold"
    assert "12,50" in page.one("tbody").text
    card = html(anna.get("/")).all(".lc .tag")
    assert [one.text for one in card] == ["Gold", "My number: 12,50"]


def test_statements_do_not_grow_with_fields_or_leads(field, make, anna, queries):
    make.lead("One")
    anna.get("/leads")
    anna.get("/")

    def count(url):
        anna.get(url)
        with queries(at_most=60) as seen:
            assert anna.get(url).status_code == 200
        return len(seen.texts)

    urls = ["/leads", "/", "/leads/1", "/leads/1/edit", "/leads/new"]
    before = [count(url) for url in urls]
    field("number", in_list=True, on_card=True)
    field("choice", in_list=True, on_card=True)
    for number in range(3):
        make.lead(**{"fields.number": number})
    assert [count(url) for url in urls] == before


def test_archived_fields_are_offered_nowhere_and_keep_their_values(field, make, anna, ada):
    field("text", in_list=True, on_card=True)
    lead = make.lead("Acme", **{"fields.text": "kept"})
    with pytest.raises(NotAllowed):
        archive_field("text", is_archived=True, actor=anna.actor)
    archive_field("text", is_archived=True, actor=ada.actor)
    for url in ("/leads", "/", f"/leads/{lead.id}", f"/leads/{lead.id}/edit"):
        assert "kept" not in anna.get(url).text.split('id="timeline"')[0], url
    with pytest.raises(Refused):
        update_lead(lead.id, {"fields.text": "new"}, actor=anna.actor)
    update_lead(lead.id, {"city": "Sopot"}, actor=anna.actor)
    assert stored(lead) == {"text": "kept"}
    archive_field("text", is_archived=False, actor=ada.actor)
    assert "kept" in anna.get(f"/leads/{lead.id}").text


def test_choices_change_their_order_but_not_away_from_under_a_lead(field, make, ada, html):
    field("choice")
    make.lead("Gold one", **{"fields.choice": "gold"})
    make.lead("Silver one", **{"fields.choice": "silver"})
    change_field("choice", actor=ada.actor, options={"choices": ["Gold", "Bronze", "Silver"]})
    assert texts(html, ada.get("/leads?sort=f.choice"), "td.who a") == ["Gold one", "Silver one"]
    with pytest.raises(Refused, match="There are values “Silver”"):
        change_field("choice", actor=ada.actor, options={"choices": ["Gold", "Bronze"]})
