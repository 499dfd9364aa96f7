"""Lists in groups: each group with its number, and a link to just its records."""

import pytest

from leadboard.db import rows
from leadboard.domain.custom_fields import archive_field
from leadboard.domain.pipelines import archive_pipeline
from leadboard.domain.views import save_view
from leadboard.models import Stage
from leadboard.permissions import SYSTEM
from leadboard.queries import record_list
from leadboard.web import list_groups


def strip(html, answer):
    """[(group, number, sum, address)] of a page."""
    found = []
    for item in html(answer).all(".grp-i"):
        number, worth = item.all("b"), item.all("small")
        found.append((
            item.one(".cut").text, number[0].text if number else "", worth[0].text if worth else "", item.attrs.get("href", ""),
        ))  # fmt: skip
    return found


def names(html, answer):
    return sorted(node.text.strip() for node in html(answer).all("td.who a"))


def follow(person, html, found, place="leads"):
    """Every group leads to as many records as it says, and together they are all of them."""
    every = []
    for label, number, _, url in found:
        rows_of = names(html, person.get(url))
        assert (label, str(len(rows_of))) == (label, number)
        every += rows_of
    return sorted(every)


@pytest.fixture
def some(make, anna, ben):
    make.field("Tier", "choice", key="tier", options={"choices": ["Gold", "Silver", "Tin"]})
    make.field("Signed", "yes_no", key="signed")
    fair = make.source("Fair")
    make.pipeline()
    make.lead("A", owner=anna, value_amount=100_00, value_currency="EUR", interest="hot", **{"fields.tier": "gold"})
    make.lead("B", owner=anna, value_amount=50_00, value_currency="USD", source=fair.id, **{"fields.tier": "tin"})
    make.lead("C", owner=ben, value_amount=200_00, value_currency="EUR", **{"fields.tier": "gold", "fields.signed": True})
    make.lead("D", stage="Won", qualification="mql", **{"fields.signed": False})


LEADS = [
    ("stage", [("New", "3"), ("Won", "1")]),
    ("state", [("On the board", "3"), ("Won", "1")]),
    ("owner", [("Anna Kowalska", "2"), ("Ben Carter", "1"), ("Nobody", "1")]),
    ("source", [("Fair", "1"), ("None", "3")]),
    ("next", [("No next step", "4")]),
    ("interest", [("Hot", "1"), ("None", "3")]),
    ("qualification", [("MQL", "1"), ("None", "3")]),
    ("lost_reason", [("None", "4")]),
    ("fields.tier", [("Gold", "2"), ("Tin", "1"), ("None", "1")]),
    ("fields.signed", [("Yes", "1"), ("No", "1"), ("None", "2")]),
]


@pytest.mark.parametrize("key, wanted", LEADS, ids=[key for key, _ in LEADS])
def test_leads_are_grouped_and_each_group_leads_to_its_own(key, wanted, some, anna, html):
    found = strip(html, anna.get(f"/leads?group={key}"))
    assert [one[:2] for one in found] == wanted
    assert follow(anna, html, found) == ["A", "B", "C", "D"]


def test_sums_never_add_currencies(some, anna, html):
    found = strip(html, anna.get("/leads?group=owner&sort=title"))
    assert [worth for _, _, worth, _ in found] == ["100 € + 50 US$", "200 €", ""]
    assert all("sort=title" in url and "group" not in url for *_, url in found)


def test_stages_of_several_pipelines_say_which(some, make, anna, html):
    make.pipeline("Renewals")
    found = strip(html, anna.get("/leads?group=stage"))
    assert [one[0] for one in found] == ["Pipeline 1: New", "Pipeline 1: Won"]
    assert [one[0] for one in strip(html, anna.get("/leads?group=pipeline"))] == ["Pipeline 1"]


def test_the_filter_stays_and_what_was_typed_too(some, anna, html):
    found = strip(html, anna.get("/leads?owner=me&query=value>60&group=source"))
    assert [one[:2] for one in found] == [("None", "1")]
    assert follow(anna, html, found) == ["A"]
    # What the list is filtered by is the one group there is.
    found = strip(html, anna.get("/leads?owner=me&group=owner"))
    assert [one[:2] for one in found] == [("Anna Kowalska", "2")]
    assert follow(anna, html, found) == ["A", "B"]
    found = strip(html, anna.get("/leads?q=nothing+like+it&group=owner"))
    assert found == []


def test_people_and_firms_have_groups(make, anna, html):
    firm = make.organisation("Acme", industry="Food", country="PL", owner=anna)
    make.organisation("Zebra", industry="food")
    make.organisation("Other")
    make.contact("Zoë", organisation=firm.id)
    make.contact("Ute", country="DE")
    for url, wanted, every in (
        ("/organisations?group=industry", [("Food", "1"), ("food", "1"), ("None", "1")], ["Acme", "Other", "Zebra"]),
        ("/organisations?group=country", [("Poland", "1"), ("None", "2")], ["Acme", "Other", "Zebra"]),
        ("/organisations?group=owner", [("Anna Kowalska", "1"), ("Nobody", "2")], ["Acme", "Other", "Zebra"]),
        ("/contacts?group=country", [("Germany", "1"), ("None", "1")], ["Ute", "Zoë"]),
        ("/contacts?group=next", [("No next step", "2")], ["Ute", "Zoë"]),
    ):
        found = strip(html, anna.get(url))
        assert [one[:2] for one in found] == wanted, url
        assert follow(anna, html, found) == every


def test_each_sees_the_numbers_of_what_they_may_see(some, make, anna, ben, person, html):
    """Owner, teammate and stranger, where members see their own and what nobody has."""
    make.set_up(member_visibility="own")
    carl = person("Carl Diaz", "member")
    assert [one[:2] for one in strip(html, anna.get("/leads?group=owner"))] == [("Anna Kowalska", "2"), ("Nobody", "1")]
    assert [one[:2] for one in strip(html, ben.get("/leads?group=owner"))] == [("Ben Carter", "1"), ("Nobody", "1")]
    assert [one[:2] for one in strip(html, carl.get("/leads?group=fields.tier"))] == [("None", "1")]


def test_a_wrong_one_names_those_there_are(make, anna, html):
    make.field("Tier", "choice", key="tier", options={"choices": ["Gold"]})
    make.field("Tiers", "choices", key="tiers", options={"choices": ["Gold"]})
    make.field("Area", "number", key="area")
    make.lead("A")
    answer = anna.get("/leads?group=moon")
    assert answer.status_code == 400
    told = html(answer).text
    assert "stage" in told and "fields.tier" in told and "fields.tiers" not in told and "fields.area" not in told
    assert anna.get("/contacts?group=stage").status_code == 400


def test_a_view_keeps_its_groups_and_leaves_out_what_is_gone(some, anna, html):
    view = save_view("Tiers", "leads", {"group": "fields.tier", "counts": "all"}, actor=anna.actor)
    assert rows("select args from saved_view") in ([('{"group": "fields.tier"}',)], [({"group": "fields.tier"},)])
    found = strip(html, anna.get(f"/leads?view={view}"))
    assert [one[0] for one in found] == ["Gold", "Tin", "None"]
    assert all(f"view={view}" in url for *_, url in found)
    assert follow(anna, html, found) == ["A", "B", "C", "D"]
    archive_field("tier", is_archived=True, actor=SYSTEM)
    page = anna.get(f"/leads?view={view}")
    assert strip(html, page) == [] and "group=fields.tier" in html(page).text


def test_the_menu_is_links_and_marks_what_is_chosen(some, anna, html):
    page = html(anna.get("/leads?owner=me&group=stage"))
    chosen = page.one(".grp-m a[aria-current]")
    assert chosen.text == "Stage"
    links = {node.text.strip(): node.attrs["href"] for node in page.all(".grp-m .menu-b a")}
    assert {"Pipeline", "Tier", "Signed", "No groups"} <= links.keys()
    assert "group" not in links["No groups"] and names(html, anna.get(links["No groups"])) == ["A", "B"]
    # The search that narrows while somebody types keeps the groups.
    assert page.one('.filters input[name="group"]').attrs["value"] == "stage"


@pytest.fixture
def few(monkeypatch):
    """As if two were many."""
    monkeypatch.setattr(record_list, "MOST_COUNTED", 2)
    monkeypatch.setattr("leadboard.queries.groups.MOST_COUNTED", 2)


def fragment(person, url):
    return person.get(url, headers={"HX-Request": "true", "HX-Target": "groups", "HX-Current-URL": "/leads"})


def test_many_are_counted_by_a_request_of_their_own(some, few, anna, html):
    page = html(anna.get("/leads?group=stage&sort=title"))
    url = page.one("#groups").attrs["hx-get"]
    assert page.all(".grp-i") == []
    answer = fragment(anna, url)
    assert [one[:2] for one in strip(html, answer)] == [("New", "3"), ("Won", "1")]
    assert html(answer).all("table") == []
    # Without scripts it is the whole page, counted.
    assert page.one("#groups .grp-w a").attrs["href"] == url
    whole = anna.get(url)
    assert [one[:2] for one in strip(html, whole)] == [("New", "3"), ("Won", "1")]
    assert names(html, whole) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    "key, wanted",
    [
        ("owner", [("Anna Kowalska", "2"), ("Ben Carter", "1"), ("Nobody", "1")]),
        ("stage", [("New", "2+"), ("Won", "1")]),
        ("interest", [("Cold", ""), ("Warm", ""), ("Hot", ""), ("None", "")]),
    ],
)
def test_what_takes_too_long_is_counted_to_a_cap_or_when_asked(key, wanted, some, few, anna, html, monkeypatch):
    limits = []

    def slow(milliseconds, read):
        limits.append(milliseconds)
        return read() if len(limits) > 1 else None

    monkeypatch.setattr(list_groups, "within", slow)
    answer = fragment(anna, f"/leads?group={key}&counts=1")
    assert [one[:2] for one in strip(html, answer)] == wanted
    asked = html(answer).one(".grp-all").attrs["href"]
    limits.append(0)
    done = fragment(anna, asked)
    assert limits[-1] == list_groups.ASKED_LIMIT_MS
    assert html(done).all(".grp-all") == [] and all(one[1] for one in strip(html, done))


def test_groups_are_one_statement_more_however_many(make, anna, queries):
    def count(url):
        anna.get(url)
        with queries(at_most=30) as found:
            anna.get(url)
        return len(found.texts)

    make.lead()
    once, plain = count("/leads?group=owner"), count("/leads")
    assert once == plain + 1
    make.leads(3, owner=anna)
    assert count("/leads?group=owner") == once
    assert count("/leads?group=next") == once


def test_stages_of_an_archived_pipeline_are_one_group_of_others(some, make, anna, ada, html):
    old = make.pipeline("Old")
    for stage in ("New", "Offer"):
        make.lead("X", stage=Stage.get(Stage.pipeline == old, Stage.name == stage), value_amount=10_00, value_currency="EUR")
    archive_pipeline(old.id, is_archived=True, actor=ada.actor)

    found = strip(html, anna.get("/leads?group=stage"))
    assert [one for one in found if one[0] == "Others"] == [("Others", "2", "20 €", "")]
