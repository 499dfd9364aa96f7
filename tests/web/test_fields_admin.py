"""Custom fields in Settings: every path of an admin as plain posts; htmx only improves."""

import json

import pytest

from leadboard.db import one
from leadboard.domain import field_rewrites
from leadboard.domain.custom_fields import add_field, archive_field
from leadboard.permissions import SYSTEM
from leadboard.queries.custom_fields import custom_fields, field_types

TIERS = {"choices": [{"key": "gold", "label": "Gold", "tone": "amber"}, {"key": "tin", "label": "Tin", "tone": "grey"}]}


def field(key, record_type="lead"):
    return custom_fields(None, record_type).by_key[key]


def form_of(html, answer, selector="#field-form"):
    """What a browser would send of a form."""
    found = {}
    form = html(answer).one(selector)
    for control in (node for node in form.walk() if node.tag in {"input", "select", "textarea"}):
        name, kind = control.attrs.get("name"), control.attrs.get("type")
        if not name or (kind in {"checkbox", "radio"} and control.attrs.get("checked") is None):
            continue
        if control.tag == "select":
            options = control.all("option")
            chosen = [one for one in options if one.attrs.get("selected") is not None] or options[:1]
            value = chosen[0].attrs.get("value") if chosen else ""
        else:
            value = control.attrs.get("value") or (
                "on" if kind == "checkbox" else control.text if control.tag == "textarea" else ""
            )
        found.setdefault(name, []).append(value or "")
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def test_nobody_but_admins_shapes_fields(anna, mona, ada):
    for path in ("/admin/fields", "/admin/fields/new", "/admin/fields/new?type=text"):
        assert anna.get(path).status_code == 403
        assert mona.get(path).status_code == 403
        assert ada.get(path).status_code == 200


@pytest.mark.parametrize("record_type", ["lead", "contact", "organisation"])
def test_the_empty_page_says_what_to_do_and_every_type_is_offered(ada, html, record_type):
    page = ada.get(f"/admin/fields?of={record_type}")
    assert "No custom fields yet" in page.text
    assert len(html(page).all(".tabs a")) == 3
    offered = html(ada.get(f"/admin/fields/new?of={record_type}"))
    assert len(offered.all(".type-card")) == len(field_types())
    assert all(text for text in offered.texts(".type-card p")), "every type is explained"
    assert len(offered.all(".type-sample")) == len(field_types())


@pytest.mark.parametrize(
    "key",
    [
        "text",
        "long_text",
        "number",
        "money",
        "day",
        "moment",
        "yes_no",
        "email",
        "phone",
        "link",
        "user",
        "lead",
        "contact",
        "organisation",
    ],
)
def test_a_field_of_every_type_is_made(ada, html, key):
    address = f"/admin/fields/new?of=contact&type={key}"
    data = {**form_of(html, ada.get(address)), "label": f"My {key}", "help": "Ask them", "is_required": "y", "in_list": "y"}
    answer = ada.post(address, data=data)
    assert (answer.status_code, answer.location) == (303, "/admin/fields?of=contact")
    made = field(f"my_{key}", "contact").definition
    assert (made.type, made.help, made.is_required, made.is_unique, made.in_list) == (key, "Ask them", True, False, True)
    assert f"My {key}" in ada.get(answer.location).text
    assert ada.get(f"/admin/fields/{made.id}").status_code == 200


def test_choices_with_colours_options_and_a_default(ada, html):
    address = "/admin/fields/new?type=choice"
    form = form_of(html, ada.get(address))
    data = {
        **form,
        "label": "Tier",
        "choice-key": ["", "", ""],
        "choice-label": ["Gold", "", "Tin"],
        "choice-tone": ["amber", "grey", "pink"],
    }
    more = html(ada.post(address, data={**data, "arrange": "more"}))
    assert len(more.all(".choice-i")) == 6
    down = ada.post(address, data={**data, "arrange": "down:0"})
    assert [one.attrs.get("value") or "" for one in html(down).all("[name='choice-label']")] == ["", "Gold", "Tin"]
    assert [one.attrs.get("value") for one in html(down).all("[name=default] option")] == ["", "gold", "tin"]
    assert ada.post(address, data={**data, "default": "tin"}).status_code == 303
    made = field("tier").definition
    assert made.options == {
        "choices": [{"key": "gold", "label": "Gold", "tone": "amber"}, {"key": "tin", "label": "Tin", "tone": "pink"}]
    }
    assert made.default == "tin"

    number = "/admin/fields/new?type=number"
    data = {**form_of(html, ada.get(number)), "label": "Area", "option-decimals": "2", "default": "80,5"}
    ada.post(number, data=data)
    assert (field("area").definition.options, field("area").definition.default) == ({"decimals": 2}, 80.5)
    money = "/admin/fields/new?type=money"
    ada.post(money, data={**form_of(html, ada.get(money)), "label": "Budget", "option-currency": "pln", "default": "12k"})
    assert (field("budget").definition.options, field("budget").definition.default) == ({"currency": "PLN"}, 1_200_000)


@pytest.mark.parametrize(
    "type_key, typed, said",
    [
        ("text", {"label": " "}, "Type a name."),
        ("text", {"label": "x" * 81}, "too long"),
        ("text", {"label": "E-mail"}, "already"),
        ("text", {"label": "Tier", "key": "email"}, "email_2 is free"),
        ("text", {"label": "Tier", "key": "id"}, "id_2 is free"),
        ("text", {"label": "Tier", "key": "Grüße"}, "a letter first"),
        ("text", {"label": "Tier", "key": "there"}, "there_2 is free"),
        ("text", {"label": "There"}, "already"),
        ("text", {"label": "Tier", "is_unique": "y", "default": "x"}, "no default"),
        ("number", {"label": "Tier", "option-decimals": "7"}, "0 to 6"),
        ("number", {"label": "Tier", "option-decimals": "many"}, "whole number"),
        ("number", {"label": "Tier", "default": "many"}, "not a number"),
        ("money", {"label": "Tier", "option-currency": "euros"}, "three letters"),
        ("choice", {"label": "Tier"}, "needs 1 to"),
        (
            "choice",
            {"label": "Tier", "choice-key": ["", ""], "choice-label": ["A", "a"], "choice-tone": ["grey", "grey"]},
            "two choices",
        ),
    ],
)
def test_what_is_refused_names_the_input_and_the_way_out(ada, html, type_key, typed, said):
    add_field("There", "text", key="there", actor=SYSTEM)
    address = f"/admin/fields/new?type={type_key}"
    answer = ada.post(address, data={**form_of(html, ada.get(address)), **typed})
    assert answer.status_code == 422
    assert said in html(answer).one("#field-form").text
    assert typed["label"].strip()[:80] in answer.text, "what was typed stays"
    assert list(custom_fields().by_key) == ["there"]


def test_an_unknown_type_and_a_field_that_is_gone(ada):
    assert ada.get("/admin/fields/new?type=nothing").status_code == 200, "the types there are"
    assert ada.post("/admin/fields/new?type=nothing", data={"label": "x"}).status_code == 422
    for path in ("/admin/fields/77", "/admin/fields/77/type", "/admin/fields/77/delete"):
        assert ada.get(path).status_code == 404


def test_fields_are_edited_ordered_archived_and_brought_back(ada, html):
    made = [add_field(name, "text", actor=SYSTEM) for name in ("One", "Two", "Three")]
    address = f"/admin/fields/{made[0].id}"
    assert ada.post(address, data={**form_of(html, ada.get(address)), "label": "First <b>", "on_card": "y"}).status_code == 303
    assert (field("one").label, field("one").definition.on_card) == ("First <b>", True)
    assert "First &lt;b&gt;" in ada.get("/admin/fields").text
    ada.post(f"/admin/fields/{made[2].id}/place", data={"by": "-1"})
    assert list(custom_fields().by_key) == ["one", "three", "two"]
    listed = ada.htmx("/admin/fields/order", {"order": f"{made[1].id},999,{made[0].id}"})
    assert html(listed).texts("#fields .name") == ["Two", "First <b>", "Three"]
    ada.post(f"{address}/archive", data={"archived": "1"})
    assert field("one").definition.is_archived
    page = ada.get("/admin/fields")
    assert html(page).texts("#fields .name") == ["Two", "Three"]
    assert html(page).texts("details .name") == ["First <b>"]
    ada.post(f"{address}/archive")
    assert not field("one").definition.is_archived


def test_two_admins_at_one_field(ada, html):
    made = add_field("Tier", "choice", options=TIERS, actor=SYSTEM)
    address = f"/admin/fields/{made.id}"
    mine, theirs = form_of(html, ada.get(address)), form_of(html, ada.get(address))
    ada.post(address, data={**theirs, "label": "Level", "help": "Theirs"})
    answer = ada.post(address, data={**mine, "label": "Rank", "in_list": "y"})
    assert answer.status_code == 409
    assert "Somebody else changed this to “Level”" in answer.text
    assert field("tier").label == "Level"
    again = {**form_of(html, answer), "label": "Rank", "in_list": "y"}
    assert ada.post(address, data=again).status_code == 303
    assert (field("tier").label, field("tier").definition.help) == ("Rank", "Theirs"), "what only one changed is kept"

    mine = form_of(html, ada.get(address))
    ada.post(address, data={**mine, "choice-label": ["Gold", "Zinc"]})
    clash = ada.post(address, data={**mine, "choice-label": ["Silver", "Tin"]})
    assert clash.status_code == 409
    assert "Gold, Zinc" in clash.text


def test_choices_in_use_ask_what_their_values_become(ada, make, html):
    made = add_field("Tier", "choice", options=TIERS, actor=SYSTEM)
    lead = make.lead("Acme", **{"fields.tier": "tin"})
    address = f"/admin/fields/{made.id}"
    form = {
        **form_of(html, ada.get(address)),
        "choice-key": "gold",
        "choice-label": "Gold",
        "choice-tone": "amber",
        "label": "Level",
    }
    asked = ada.post(address, data=form)
    assert asked.status_code == 422
    assert "1 record" in html(asked).one(".becomes").text
    assert field("tier").label == "Tier"
    assert [one.attrs.get("value") for one in html(asked).all("#becomes-tin option")] == ["", "gold", "-"]
    done = ada.post(address, data={**form_of(html, asked), "becomes-tin": "gold"})
    assert done.status_code == 303
    assert (field("tier").label, len(field("tier").definition.options["choices"])) == ("Level", 1)
    assert "Gold" in ada.get(f"/leads/{lead.id}").text
    assert "changed the choices in use" in ada.get(address).text
    [undo] = html(ada.get(address)).all("#field-state form")
    ada.post(undo.attrs.get("action"))
    assert (field("tier").label, len(field("tier").definition.options["choices"])) == ("Tier", 2)
    assert custom_values(lead) == {"tier": "tin"}


def custom_values(lead):
    [kept] = one("select fields from lead where id = ?", (lead.id,))
    return json.loads(kept) if isinstance(kept, str) else kept


def test_unique_is_refused_with_the_first_doubles(ada, make, html):
    made = add_field("Number", "text", key="number", actor=SYSTEM)
    one, two = make.lead("Acme", **{"fields.number": "A7"}), make.lead("Bravo", **{"fields.number": "a7"})
    make.lead("Other", **{"fields.number": "b"})
    address = f"/admin/fields/{made.id}"
    answer = ada.post(address, data={**form_of(html, ada.get(address)), "is_unique": "y"})
    assert answer.status_code == 422
    assert [link.attrs.get("href") for link in html(answer).all(".same a")] == [f"/leads/{one.id}", f"/leads/{two.id}"]


def test_a_type_is_changed_after_a_look_at_what_converts(ada, make, html):
    made = add_field("Area", "text", key="area", actor=SYSTEM)
    good, bad = make.lead("Acme", **{"fields.area": "12"}), make.lead("Bravo", **{"fields.area": "<i>many</i>"})
    offered = ada.get(f"/admin/fields/{made.id}/type")
    assert "Number" in html(offered).texts(".type-card .name")
    address = f"/admin/fields/{made.id}/type?type=number"
    look = ada.get(address)
    assert "1 value converts" in look.text
    assert "1 does not" in look.text
    assert html(look).one("#preview td a").attrs.get("href") == f"/leads/{bad.id}"
    assert "&lt;i&gt;many" in look.text
    refused = ada.post(address, data={"save": "1"})
    assert refused.status_code == 422
    assert "may go" in html(refused).one("#agreed-error").text
    assert ada.post(address, data={"save": "1", "agreed": "1", "option-decimals": "1"}).status_code == 303
    assert (custom_values(good), custom_values(bad)) == ({"area": 12}, {})
    assert field("area").definition.options == {"decimals": 1}
    page = ada.get(f"/admin/fields/{made.id}")
    assert "changed the type" in page.text
    assert "1 became empty" in page.text
    ada.post(html(page).one("#field-state form").attrs.get("action"))
    assert (custom_values(good), custom_values(bad)) == ({"area": "12"}, {"area": "<i>many</i>"})


def test_a_text_becomes_choices_made_of_what_is_there(ada, make, html):
    made = add_field("Metal", "text", key="metal", actor=SYSTEM)
    for name in ("Tin", "Gold", "Tin"):
        make.lead(name, **{"fields.metal": name})
    address = f"/admin/fields/{made.id}/type?type=choice"
    page = ada.get(address)
    assert [one.attrs.get("value") for one in html(page).all("[name=choice-label]")] == ["Gold", "Tin"]
    assert "3 values convert" in page.text
    fewer = {"choice-key": "", "choice-label": "Gold", "choice-tone": "amber", "look": "1"}
    looked = ada.post(address, data=fewer)
    assert "2 do not" in looked.text
    assert ada.post(address, data={**form_of(html, page), "save": "1"}).status_code == 303
    assert [one["label"] for one in field("metal").definition.options["choices"]] == ["Gold", "Tin"]


def test_progress_is_shown_while_many_values_are_changed(ada, anna, make, html, run_jobs, monkeypatch):
    monkeypatch.setattr(field_rewrites, "AT_ONCE", 0)
    made = add_field("Area", "text", key="area", in_list=True, actor=SYSTEM)
    lead = make.lead("Acme", owner=anna.user, **{"fields.area": "12"})
    ada.post(f"/admin/fields/{made.id}/type?type=number", data={"save": "1"})
    page = ada.get(f"/admin/fields/{made.id}")
    assert html(page).one("#field-state").attrs.get("hx-get") == f"/admin/fields/{made.id}/progress"
    assert "0 of 1" in ada.htmx(f"/admin/fields/{made.id}/progress", method="GET").text
    assert "being changed" in ada.get("/admin/fields").text
    assert "12" in html(anna.get(f"/leads/{lead.id}")).one("#f-fields-area").text
    assert anna.get("/leads").status_code == 200
    refused = anna.post(f"/leads/{lead.id}/fields/fields.area", data={"fields.area": "13", "version": "1"})
    assert refused.status_code in {404, 409, 422}
    run_jobs()
    assert "changed the type" in ada.get(f"/admin/fields/{made.id}").text
    assert custom_values(lead) == {"area": 12}


def test_delete_for_good_counts_asks_and_can_be_taken_back(ada, make, html):
    made = add_field("Tier", "text", key="tier", actor=SYSTEM)
    lead = make.lead("Acme", **{"fields.tier": "Gold"})
    address = f"/admin/fields/{made.id}/delete"
    assert "Archive the field first" in ada.get(address).text
    archive_field("tier", is_archived=True, actor=SYSTEM)
    assert "1 lead has a value" in ada.get(address).text
    refused = ada.post(address, data={"typed": "TIER"})
    assert refused.status_code == 422
    assert "Type tier to confirm" in refused.text
    assert ada.post(address, data={"typed": "tier"}).status_code == 303
    assert custom_values(lead) == {}
    page = ada.get("/admin/fields")
    [undo] = [form for form in html(page).all("details form") if "/undo/" in form.attrs.get("action")]
    ada.post(undo.attrs.get("action"))
    assert field("tier").definition.is_archived
    assert custom_values(lead) == {"tier": "Gold"}


def test_two_hundred_fields_with_long_labels(ada, make, html, queries):
    for number in range(200):
        add_field(f"Поле {number} " + "ж" * 60, "text", key=f"f_{number}", actor=SYSTEM)
    with queries(at_most=12):
        assert len(html(ada.get("/admin/fields")).all("#fields .set-i")) == 200
    answer = ada.post("/admin/fields/new?type=text", data={"label": "One more"})
    assert answer.status_code == 422
    assert "200 fields already" in answer.text
