"""The lists of contacts and organisations: rows, filters, orders, pages, and what is done with several."""

import pytest

from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.parties import delete_parties, update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import add_employment, link_lead
from leadboard.models import Contact, Organisation
from leadboard.permissions import SYSTEM
from leadboard.queries import record_list

KINDS = ("contacts", "organisations")


def names(html, answer):
    return html(answer).texts("td.who a")


def cells(page):
    return [" ".join(text.split()) for text in page.texts("tbody td")]


@pytest.fixture
def baltic(make, anna):
    return make.organisation(
        "Baltic Foods", website="https://www.baltic.example", industry="Food", city="Gdańsk", country="PL", owner=anna.user
    )


def test_a_contact_is_shown_with_its_firm(anna, make, html, baltic):
    make.contact(
        "Ewa Nowak",
        job_title="Buyer",
        organisation=baltic.id,
        email="ewa@baltic.example",
        phone="+48 22 555 01 20",
        owner=anna.user,
    )

    page = html(anna.get("/contacts"))

    assert cells(page)[1:8] == [
        "Ewa Nowak", "Buyer", "Baltic Foods", "ewa@baltic.example", "+48 22 555 01 20", "No next step", "AKAnna Kowalska",
    ]  # fmt: skip
    assert [link.attrs["href"] for link in page.all("tbody a")] == [
        f"/contacts/{Contact.get().id}", f"/organisations/{baltic.id}", "mailto:ewa@baltic.example", "tel:+48225550120",
    ]  # fmt: skip
    assert page.one(".pager").text == "1–1 of 1"


def test_an_organisation_is_shown_with_what_it_adds_up(anna, make, html, baltic):
    works, also = make.contact("Ewa", organisation=baltic.id), make.contact("Jan")
    add_employment(also.id, baltic.id, actor=SYSTEM)
    add_employment(works.id, make.organisation("Other").id, actor=SYSTEM)
    for value, stage in ((980000, "Won"), (20000, "Won"), (500, "New"), (700, None), (100, "Lost")):
        lead = make.lead(value_amount=value, value_currency="EUR", stage=None if stage == "Lost" else stage)
        if stage == "Lost":
            move_lead(lead.id, to_stage_id=make.stage("Lost").id, loss=Loss(make.lost_reason().id), actor=SYSTEM)
        link_lead(lead.id, organisation_id=baltic.id, actor=SYSTEM)
    dollars = make.lead(value_amount=300000, value_currency="USD", stage="Won")
    link_lead(dollars.id, organisation_id=baltic.id, actor=SYSTEM)

    page = html(anna.get("/organisations?q=baltic"))

    assert cells(page)[1:8] == [
        "Baltic Foods", "www.baltic.example".removeprefix("www."), "Food", "Gdańsk, Poland", "2", "2", "10k € · 3k US$",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_without_any_the_list_says_what_they_are(kind, anna, mona, vera, html):
    page = html(mona.get(f"/{kind}"))

    assert page.one(".empty h2").text == f"No {kind} yet"
    assert [link.attrs["href"] for link in page.all(".empty a")] == [f"/{kind}/new", "/imports"]
    assert [link.attrs["href"] for link in html(anna.get(f"/{kind}")).all(".empty a")] == [f"/{kind}/new"]
    assert html(vera.get(f"/{kind}")).all(".empty a") == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_filter_that_matches_nothing_says_so_and_leads_back(kind, anna, make, html):
    make.contact("Ewa")
    make.organisation("Baltic")

    page = html(anna.get(f"/{kind}?q=nobody"))

    assert page.one(".empty h2").text == f"No {kind[:-1]} matches"
    assert page.one(".empty a").attrs["href"] == f"/{kind}"


@pytest.mark.parametrize(
    "text", ["ewa", "NOWAK", "ewa@baltic", "0048 22 5550120", "555-0120", "22 555", "baltic fo", "gdansk", "second@home", "ew"]
)
def test_a_contact_is_found_by_whatever_is_known(text, anna, make, html, baltic):
    found = make.contact("Ewa Nowak", organisation=baltic.id, email="ewa@baltic.example", phone="+48 22 555 01 20", city="Gdańsk")
    set_points([Point("email", "second@home.example")], contact_id=found.id, actor=SYSTEM)
    make.contact("Other", email="other@acme.example", phone="+49 30 901820")
    wanted = "second@home.example" if text == "second@home" else text

    assert names(html, anna.get("/contacts", query_string={"q": wanted})) == ["Ewa Nowak"]


@pytest.mark.parametrize("text", ["baltic", "BALTIC FOODS", "baltic.example", "gdansk", "ba"])
def test_an_organisation_is_found_by_whatever_is_known(text, anna, make, html, baltic):
    make.organisation("Acme", website="acme.example")

    assert names(html, anna.get("/organisations", query_string={"q": text})) == ["Baltic Foods"]


def test_a_changed_name_is_found_and_the_old_one_is_not(anna, make, html):
    found = make.contact("Ewa Nowak")
    update_party("contact", found.id, {"name": "Ewa Wiśniewska"}, actor=SYSTEM)

    assert names(html, anna.get("/contacts?q=wisniew")) == ["Ewa Wiśniewska"]
    assert names(html, anna.get("/contacts?q=nowak")) == []


def test_filters_narrow_the_list(anna, ben, make, html, baltic):
    make.contact("Main", organisation=baltic.id, owner=anna.user, country="PL")
    further = make.contact("Further", owner=ben.user, country="DE")
    add_employment(further.id, baltic.id, actor=SYSTEM)
    make.contact("Elsewhere")
    make.organisation("Acme", industry="Energy", country="DE", owner=ben.user)

    def shown(url):
        return sorted(names(html, anna.get(url)))

    assert shown(f"/contacts?organisation={baltic.id}") == ["Further", "Main"]
    assert shown("/contacts?owner=me") == ["Main"]
    assert shown("/contacts?owner=none") == ["Elsewhere"]
    assert shown(f"/contacts?owner={ben.id}") == ["Further"]
    assert shown("/contacts?country=DE") == ["Further"]
    assert shown("/contacts?next=none&owner=me") == ["Main"]
    assert shown("/contacts?next=overdue") == []
    assert shown("/organisations?industry=Food") == ["Baltic Foods"]
    assert shown("/organisations?country=DE") == ["Acme"]


@pytest.mark.parametrize(
    "url, known",
    [
        ("/contacts?owner=999", "me, none"), ("/contacts?country=XX", "PL"), ("/contacts?next=soon", "overdue, today, planned, none"),
        ("/contacts?sort=salary", "name, next, touch, created"), ("/organisations?industry=Nothing", "Food"), ("/contacts?f.nothing=1", "-"),
        ("/contacts?organisation=999", "-"), ("/contacts?organisation=x", "-"), ("/contacts?after=nonsense", ""), ("/contacts?next=a%00b", "overdue"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_and_what_is_known_named(url, known, anna, make, baltic):
    make.contact("Ewa", country="PL")

    answer = anna.get(url)

    assert answer.status_code == 400
    assert known in answer.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "sort", ["name", "-name", "next", "-next", "touch", "-touch", "created", "-created", "f.size", "-f.size"]
)
def test_pages_hold_everything_once_in_order(kind, sort, anna, make, html, monkeypatch):
    monkeypatch.setattr(record_list, "PAGE", 3)
    record_type = kind[:-1]
    make.field("Size", "number", in_list=True, record_type=record_type)
    made = [getattr(make, record_type)(f"N{number}", **{"fields.size": number % 4 or None}).id for number in range(8)]
    key = {"name": "name_key", "next": "next_task_on", "touch": "last_touch_at", "created": "created_at"}.get(
        sort.removeprefix("-")
    )

    seen, url = [], f"/{kind}?sort={sort}"
    while url:
        page = html(anna.get(url))
        seen += [int(box.attrs["value"]) for box in page.all("tbody input[name=id]")]
        following = page.all("a[rel=next]")
        url = following[0].attrs["href"] if following else ""

    assert sorted(seen) == sorted(made)
    if key == "name_key":
        assert seen == sorted(made, reverse=sort.startswith("-"))
    if sort == "f.size":
        assert [(made.index(number) % 4) or 9 for number in seen] == sorted((made.index(number) % 4) or 9 for number in seen)


@pytest.mark.parametrize("kind", KINDS)
def test_a_custom_field_has_a_column_a_chip_and_a_filter(kind, anna, make, html):
    record_type = kind[:-1]
    make.field(
        "Tier",
        "choice",
        options={"choices": [{"value": "gold", "label": "Gold"}, {"value": "tin", "label": "Tin"}]},
        in_list=True,
        record_type=record_type,
    )
    build = getattr(make, record_type)
    build("One", **{"fields.tier": "gold"})
    build("Two", **{"fields.tier": "tin"})

    page = html(anna.get(f"/{kind}?f.tier=gold"))

    assert page.texts("td.who a") == ["One"]
    assert page.one("#field-chips .chip.on").text.strip() == "Tier: Gold"
    assert page.texts("th")[-1] == "Tier"
    assert page.texts("tbody .tag") == ["Gold"]


def test_the_search_answers_htmx_with_the_list_and_the_chips(anna, make, html):
    make.contact("Ewa")
    make.contact("Jan")

    answer = anna.htmx("/contacts", {"q": "ewa", "owner": "none"}, method="GET")

    page = html(answer)
    assert names(html, answer) == ["Ewa"]
    assert page.all("html") == []
    assert page.one("hx-partial[hx-target=#chips] .chip.on").text == "Owner: Nobody"


@pytest.mark.parametrize("kind", KINDS)
def test_three_people_see_what_is_theirs(kind, anna, ben, mona, make, html):
    make.set_up(member_visibility="own")
    build = getattr(make, kind[:-1])
    build("Anna's", owner=anna.user)
    build("Ben's", owner=ben.user)
    build("Nobody's")

    assert sorted(names(html, anna.get(f"/{kind}"))) == ["Anna's", "Nobody's"]
    assert sorted(names(html, ben.get(f"/{kind}"))) == ["Ben's", "Nobody's"]
    assert sorted(names(html, mona.get(f"/{kind}"))) == ["Anna's", "Ben's", "Nobody's"]


def test_numbers_and_firms_of_others_stay_hidden(anna, ben, make, html):
    make.set_up(member_visibility="own")
    hidden, open_one = make.organisation("Hidden", owner=ben.user), make.organisation("Open")
    make.contact("Mine", owner=anna.user, organisation=hidden.id)
    make.contact("Theirs", owner=ben.user, organisation=open_one.id)
    lead = make.lead(owner=ben.user)
    link_lead(lead.id, organisation_id=open_one.id, actor=SYSTEM)

    assert "Hidden" not in anna.get("/contacts").text
    assert anna.get(f"/contacts?organisation={hidden.id}").status_code == 400
    assert cells(html(anna.get("/organisations")))[5:7] == ["", ""]
    assert cells(html(ben.get("/organisations?q=open")))[5:7] == ["1", "1"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_takes_as_many_statements_for_three_as_for_one(kind, anna, make, queries):
    build = getattr(make, kind[:-1])
    first = make.organisation("Firm")
    values = {"organisation": first.id} if kind == "contacts" else {}
    build("One", **values)
    anna.get(f"/{kind}")
    with queries(at_most=11) as one:
        anna.get(f"/{kind}?owner=none")
    for name in ("Two", "Three"):
        link_lead(make.lead().id, organisation_id=first.id, actor=SYSTEM)
        build(name, **values)

    with queries(at_most=11) as three:
        anna.get(f"/{kind}?owner=none")

    assert len(three.texts) == len(one.texts)


# ---------------------------------------------------------------------------------------------- several at once


@pytest.mark.parametrize("kind", KINDS)
def test_several_are_deleted_and_undone_as_one(kind, mona, make, html):
    build = getattr(make, kind[:-1])
    ids = [build(f"N{number}").id for number in range(3)]

    answer = mona.post(f"/{kind}/bulk", {"action": "delete", "id": ids[:2]})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/{kind}")
    page = html(mona.get(f"/{kind}"))
    assert page.texts("td.who a") == ["N2"]
    assert page.one("#toasts .toast-i span").text == f"2 {kind} are in the bin"
    mona.post(page.one("#toasts form[data-undo]").attrs["action"])
    assert sorted(names(html, mona.get(f"/{kind}"))) == ["N0", "N1", "N2"]


@pytest.mark.parametrize("kind", KINDS)
def test_several_are_given_to_somebody(kind, mona, ben, make):
    model = Contact if kind == "contacts" else Organisation
    ids = [getattr(make, kind[:-1])().id for _ in range(2)]

    mona.post(f"/{kind}/bulk", {"action": "assign", "owner": ben.id, "id": ids})

    assert [row.owner_id for row in model.select()] == [ben.id, ben.id]


@pytest.mark.parametrize("kind", KINDS)
def test_a_member_deletes_only_what_is_their_own_and_a_viewer_nothing(kind, anna, ben, vera, make):
    model = Contact if kind == "contacts" else Organisation
    theirs = getattr(make, kind[:-1])("Ben's", owner=ben.user)

    assert anna.post(f"/{kind}/bulk", {"action": "delete", "id": [theirs.id]}).status_code == 403
    assert vera.post(f"/{kind}/bulk", {"action": "delete", "id": [theirs.id]}).status_code == 403
    assert model.get().deleted_at is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_without_sense_says_so(kind, mona, make):
    found = getattr(make, kind[:-1])()

    assert mona.post(f"/{kind}/bulk", {"action": "delete"}).status_code == 303
    assert f"Tick the {kind} first." in mona.get(f"/{kind}").text
    assert mona.post(f"/{kind}/bulk", {"action": "burn", "id": [found.id]}).status_code == 422
    assert mona.post(f"/{kind}/bulk", {"action": "assign", "owner": "9" * 30, "id": [found.id]}).status_code == 422
    assert mona.post(f"/{kind}/bulk", {"action": "delete", "id": ["x"]}).status_code == 422
    delete_parties(kind[:-1], [found.id], actor=SYSTEM)
    mona.post(f"/{kind}/bulk", {"action": "delete", "id": [found.id]})
    assert "Nothing changed" in mona.get(f"/{kind}").text
