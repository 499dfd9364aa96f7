"""The line over lists, boards and exports that shows the whole filter and takes any."""

import pytest

from leadboard.domain.custom_fields import archive_field
from leadboard.permissions import SYSTEM

RECORD_PATHS = {"lead": "/leads", "contact": "/contacts", "organisation": "/organisations"}


@pytest.fixture
def board(make):
    return f"/board/{make.pipeline().id}"


def chips(html, answer):
    return [one.all("span")[0].text for one in html(answer).all(".chip.on")]


TYPED = "value>=5000 city:berlin,rome (owner:me or owner:none) -stage:Offer created:-7d stage:new"


@pytest.mark.parametrize("where", ["leads", "board", "export"])
def test_every_page_shows_the_filter_as_text_and_its_parts_as_chips(where, board, mona, make, html):
    make.lead("Acme", city="Berlin", value_amount=500_000)
    make.lead("Baltic", city="Berlin", value_amount=499_999)
    path = {"leads": "/leads", "board": board, "export": "/leads/export"}[where]

    answer = mona.get(path, query_string={"query": TYPED})

    assert answer.status_code == 200
    line = html(answer).one("#filter-text").attrs["value"]
    assert line == "stage:New value>=5000 city:berlin,rome (owner:me or owner:none) -stage:Offer created:-7d"
    if where != "export":
        assert [text for text in chips(html, answer) if text != "Stage: New"] == [
            "Value: at least 5.000 €", "City: contains berlin or rome", "Any of: Owner: me · Owner: empty", "Stage: not Offer",
            "Created: in the last 7 days",
        ]  # fmt: skip
        text = answer.get_data(as_text=True)
        assert ">Acme<" in text and ">Baltic<" not in text


@pytest.mark.parametrize("where", ["leads", "board"])
def test_a_chip_of_a_part_is_taken_off_alone(where, board, anna, make, html):
    make.lead("Acme", city="Paris")
    path = {"leads": "/leads", "board": board}[where]
    answer = anna.get(path, query_string={"query": "city:berlin created:-7d", "owner": "none"})
    chip = next(one for one in html(answer).all(".chip.on") if "berlin" in one.text)

    without = anna.get(chip.one("a").attrs["href"])

    assert [text.lower() for text in chips(html, without)] == ["owner: nobody", "created: in the last 7 days"]
    assert ">Acme<" in without.get_data(as_text=True)


@pytest.mark.parametrize("where", ["leads", "board", "export", "contacts", "organisations"])
@pytest.mark.parametrize(
    "text, marked, message",
    [
        ("owner:me vlaue:5", "vlaue:5", "There is no field vlaue. Known:"),
        ("owner:me (touched:-3d", "(touched:-3d", "does not end"),
        ("owner:nobody-of-us", "owner:nobody-of-us", "Known: me,"),
        ("a" * 10_000, "a" * 60, "at most 2000 characters"),
        ("id>=1;drop", "id>=1;drop", "is no whole number"),
    ],
)
def test_a_mistake_is_marked_and_nothing_else_is_lost(where, text, marked, message, board, mona, make, html):
    make.lead("Acme")
    make.contact("Ann")
    make.organisation("Firm")
    path = {"board": board, "export": "/leads/export"}.get(where, f"/{where}")

    answer = mona.get(path, query_string={"query": text, "owner": "none"})

    assert answer.status_code == 400
    page = html(answer)
    assert page.one("#filter-text").attrs["value"] == text
    assert page.one("#filter-error mark").text.strip() == marked
    assert message in page.one("#filter-error").text
    assert [one.attrs["value"] for one in page.one(".fline").all("input") if one.attrs.get("name") == "owner"] == ["none"]
    assert ">Acme<" not in answer.get_data(as_text=True)
    if where != "export":
        assert "Nothing is filtered" in page.texts(".empty h2")


@pytest.mark.parametrize(
    "text", ['".*+?[a-z]"', "'; drop table lead; --", '"%_\\\\"', "\"<script>alert('x')</script>\"", "$(id)"]
)
def test_what_looks_like_a_program_is_text(text, anna, board, make):
    make.lead("Acme")
    for path in ("/leads", board, "/contacts", "/organisations"):
        answer = anna.get(path, query_string={"query": text})
        assert answer.status_code in {200, 400}
        assert "<script>alert" not in answer.get_data(as_text=True)
    assert anna.get("/leads").status_code == 200


@pytest.mark.parametrize(
    "query", ["sort=salary", "f.nothing=1", "f.old=1", "owner=999", "next=soon", "after=rubbish", "q=" + "x" * 300]
)
def test_addresses_that_ask_for_the_unknown_are_refused_with_400(query, anna, board, make):
    make.lead("Acme")
    make.field("Old")
    archive_field("old", is_archived=True, actor=SYSTEM)

    answer = anna.get(f"/leads?{query}")

    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "Known:" in text or "is archived" in text or "at most" in text or "Start again" in text


@pytest.mark.parametrize("record_type", RECORD_PATHS)
def test_every_field_has_a_form_and_an_example_that_works(record_type, anna, board, make, html):
    for kind in ("text", "number", "day", "choice"):
        make.field(
            f"My {kind}", kind, record_type=record_type, **({"options": {"choices": ["a", "b"]}} if kind == "choice" else {})
        )
    make.lead("Acme")
    make.contact("Ann")
    make.organisation("Firm")
    cells = html(anna.get(f"/filter/{record_type}/help")).texts("td code")
    assert len(cells) > 30
    for key, example in zip(cells[::2], cells[1::2], strict=True):
        form = html(anna.get(f"/filter/{record_type}/condition", query_string={"key": key, "text": "id>=1", "back": "/leads"}))
        assert form.one("#condition-sign").all("option"), key
        answer = anna.get(RECORD_PATHS[record_type], query_string={"query": example})
        assert answer.status_code == 200, (example, html(answer).texts("#filter-error"))


def test_a_condition_is_put_together_without_a_script(anna, board, make, html):
    make.lead("Acme", city="Berlin", owner=anna.user)
    start = html(anna.get("/leads?query=owner:me&sort=-value")).all(".fline a")[0].attrs["href"]
    page = html(anna.get(start))
    assert "City" in page.one("#condition-key").texts("option")
    hidden = {one.attrs["name"]: one.attrs["value"] for one in page.all(".dlg-b input")}
    second = html(anna.get("/filter/lead/condition", query_string={**hidden, "key": "city"}))
    assert second.texts("#condition-sign option")[:3] == ["contains", "is exactly", "does not contain"]
    assert second.texts("#condition-beside option") == ["This must be true as well", "Either this, or Owner: me"]

    both = anna.get("/filter/lead/add", query_string={**hidden, "key": "city", "sign": "=", "value": "Berlin"})
    either = anna.get("/filter/lead/add", query_string={**hidden, "key": "city", "sign": "!=", "value": "Berlin", "beside": "0"})

    assert (both.status_code, either.status_code) == (303, 303)
    assert html(anna.get(both.headers["Location"])).one("#filter-text").attrs["value"] == 'owner:me city="Berlin"'
    assert html(anna.get(either.headers["Location"])).one("#filter-text").attrs["value"] == '(owner:me or city!="Berlin")'
    assert "sort=-value" in both.headers["Location"]


@pytest.mark.parametrize(
    "sent, status, expected",
    [
        ({"key": "value", "sign": "..", "value": "1k", "last": "5k"}, 303, "value%3A1k..5k"),
        ({"key": "owner", "sign": ":", "value": ["me", "none"]}, 303, "owner%3Ame%2Cnone"),
        ({"key": "city", "sign": "none", "value": ""}, 303, "city%3Anone"),
        ({"key": "city", "sign": ":", "value": ""}, 422, "Type or choose a value."),
        ({"key": "city", "sign": ">", "value": "a"}, 422, "Choose how to compare."),
        ({"key": "value", "sign": ">=", "value": "lots"}, 422, "is no amount"),
        ({"key": "moon", "sign": ":", "value": "a"}, 404, "no such field"),
    ],
)
def test_a_condition_that_cannot_be_says_why(sent, status, expected, anna, board):
    answer = anna.get("/filter/lead/add", query_string={**sent, "text": "", "back": "https://elsewhere.example/"})
    assert answer.status_code == status
    assert expected in (answer.headers["Location"] if status == 303 else answer.get_data(as_text=True))
    if status == 303:
        assert answer.headers["Location"].startswith("/leads?")


@pytest.mark.parametrize(
    "text, shown",
    [
        ("sta", ["stage:", "state:"]), ("stage:", ["New", "Contacted"]), ("owner:me stage:New,o", ["Offer"]), ("stage:New", []),
        ("value>=5 ow", ["owner:"]), ("-inter", ["interest:"]), ("owner:m", ["me"]), ("", []), ("stage:new ", []), ("created:this-m", ["this-month"]),
        ("ti", ["title:", "tier:"]), ("tier:g", ["gold"]), ("(", []), ('"', []), ("a" * 3000, []),
    ],
)  # fmt: skip
def test_suggestions_are_whole_texts(text, shown, anna, board, make, html):
    make.field("Tier", "choice", options={"choices": ["gold", "silver"]})
    found = html(anna.get("/filter/lead/suggest", query_string={"query": text}))
    assert found.texts("li code")[: len(shown) or None] == shown
    for option in found.all("li"):
        assert option.attrs["data-text"].startswith(text[: text.rfind(" ") + 1])


@pytest.mark.parametrize("where", ["leads", "board"])
def test_many_custom_fields_are_behind_one_menu_which_asks_for_a_condition(where, board, anna, make, html):
    for number in range(8):
        make.field(f"Field {number}", "number", key=f"n{number}")
    lead = make.lead("Acme", **{"fields.n6": 7})
    make.lead("Baltic")
    path = {"leads": "/leads", "board": board}[where]

    page = html(anna.get(path, query_string={"query": "title:acme"}))
    assert [one.text.strip() for one in page.all("#field-chips summary")] == [
        *(f"Field {number}" for number in range(5)),
        "More fields",
    ]
    further = {one.text: one.attrs["href"] for one in page.all("#field-chips a[data-dialog]")}
    assert list(further) == ["Field 5", "Field 6", "Field 7"]

    [form] = [one for one in html(anna.get(further["Field 6"])).all("form") if one.attrs.get("action", "").endswith("/add")]
    sent = {one.attrs["name"]: one.attrs.get("value", "") for one in form.all("input[type=hidden]")}
    answer = anna.get(form.attrs["action"], query_string={**sent, "sign": ">=", "value": "5"})
    found = html(anna.get(answer.headers["Location"]))
    assert (lead.title in found.text, "Baltic" in found.text) == (True, False)
    # One that is asked for makes room.
    assert len(found.all("#field-chips details")) == 6
