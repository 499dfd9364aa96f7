"""The pages of Settings."""

import pytest

from leadboard.domain.pipelines import update_stage
from leadboard.models import Event, Lead, Pipeline, Source, Stage
from leadboard.queries.pipelines import pipeline
from leadboard.queries.settings import instance

GENERAL = {
    "name": "Baltic Sails", "language": "en", "country": "PL", "filled_for": "PL", "currency": "PLN", "time_zone": "Europe/Warsaw",
    "phone_region": "PL", "week_start": "0",
}  # fmt: skip


def names(pipeline_id=1):
    return [stage.name for stage in pipeline(pipeline_id).stages]


def stage_id(name):
    return Stage.get(Stage.name == name).id


def form_of(html, answer):
    """Every field of the page's form, as a browser would send it back."""
    page = html(answer)
    out = {}
    for field in page.all("main form input"):
        kind = field.attrs.get("type", "text")
        if kind not in {"radio", "checkbox"} or "checked" in field.attrs:
            out[field.attrs.get("name", "")] = field.attrs.get("value", "")
    return out


def test_general_shows_and_changes_the_instance(ada, html):
    page = html(ada.get("/admin"))
    assert page.one("input[name=name]").attrs["value"] == "Acme Sales"
    assert page.one("select[name=country] option[selected]").attrs["value"] == "DE"

    assert ada.post("/admin", GENERAL).status_code == 303

    found = instance()
    assert (found.name, found.country, found.currency, found.time_zone) == ("Baltic Sails", "PL", "PLN", "Europe/Warsaw")
    assert [event.kind for event in Event.select()] == ["setting_changed"]


def test_a_new_country_without_scripts_brings_what_follows_from_it(ada):
    ada.post("/admin", {**GENERAL, "country": "JP", "time_zone": "Europe/Paris"})

    found = instance()
    assert (found.currency, found.time_zone, found.phone_region, found.week_start) == ("JPY", "Europe/Paris", "JP", 6)


def test_the_same_settings_again_change_nothing(ada):
    ada.post("/admin", GENERAL)
    revision = instance().revision

    ada.post("/admin", GENERAL)

    assert instance().revision == revision


@pytest.mark.parametrize(
    "field, value",
    [
        ("name", " "),
        ("country", "XX"),
        ("currency", "XXX1"),
        ("time_zone", "Mars/Olympus"),
        ("week_start", "9"),
        ("language", "tlh"),
    ],
)
def test_what_is_wrong_is_named(field, value, ada, html):
    answer = ada.post("/admin", {**GENERAL, field: value})

    assert answer.status_code == 422
    assert html(answer).all(f"#{field}-error")
    assert instance().name == "Acme Sales"


def test_the_language_for_looking_is_labelled_as_such(ada, html):
    assert html(ada.get("/admin")).texts("select[name=language] option") == ["English", "Pseudo (right to left), for testing"]


def test_visibility_counts_from_the_next_click_on(ada, anna, ben, make):
    make.lead(owner=ben.user)
    ada.post("/admin/visibility", {"member_visibility": "own"})

    assert (instance().member_visibility, anna.actor.sees_all) == ("own", False)
    assert ada.post("/admin/visibility", {"member_visibility": "nobody"}).status_code == 422
    assert instance().member_visibility == "own"


def test_the_navigation_marks_where_one_is(ada, html, make):
    make.pipeline()
    for path, label in (("/admin", "General"), ("/admin/people/new", "People"), ("/admin/pipelines/1", "Pipelines and stages")):
        page = html(ada.get(path))
        assert page.texts(".subnav [aria-current=page]") == [label]
        assert page.texts(".side [aria-current=page]") == ["Settings"]


@pytest.mark.parametrize("role, status", [("admin", 200), ("manager", 403), ("member", 403), ("viewer", 403)])
def test_settings_are_for_admins(role, status, person, make):
    make.pipeline()
    somebody = person("Dora", role)
    paths = [
        "/admin", "/admin/visibility", "/admin/country?country=PL", "/admin/people", "/admin/sources", "/admin/lost-reasons",
        "/admin/pipelines", "/admin/pipelines/new", "/admin/pipelines/1", "/admin/pipelines/1/stages/new",
        "/admin/pipelines/stages/1", "/admin/pipelines/stages/1/delete",
    ]  # fmt: skip

    assert [somebody.get(path).status_code for path in paths] == [status] * len(paths)


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_only_admins_write_settings(role, person, make):
    make.pipeline()
    source = make.source("Fair").id
    somebody = person("Dora", role)
    posts = [
        "/admin", "/admin/visibility", "/admin/sources", f"/admin/sources/{source}", f"/admin/sources/{source}/order",
        f"/admin/sources/{source}/archive", "/admin/pipelines/new", "/admin/pipelines/1", "/admin/pipelines/1/archive",
        "/admin/pipelines/1/order", "/admin/pipelines/1/stages/new", "/admin/pipelines/stages/1", "/admin/pipelines/stages/1/order",
        "/admin/pipelines/stages/1/delete",
    ]  # fmt: skip
    data = {
        **GENERAL,
        "kind": "open",
        "probability": "1",
        "tone": "blue",
        "member_visibility": "own",
        "archived": "1",
        "open_stages": "A",
    }

    assert [somebody.post(path, data).status_code for path in posts] == [403] * len(posts)
    assert (instance().name, Source.get().name, names()[0], Pipeline.select().count()) == ("Acme Sales", "Fair", "New", 1)


# ---------------------------------------------------------------------------------------------- pipelines and stages


def test_a_pipeline_is_added_with_stages_of_one_s_own(ada, html):
    answer = ada.post("/admin/pipelines/new", {"name": "Deals", "open_stages": "Prospecting\r\nEngaging\r\n"})

    page = html(ada.get(answer.headers["Location"]))
    assert page.texts("#stages .name") == ["Prospecting", "Engaging", "Won", "Lost"]
    assert page.texts("#stages .tag") == ["Won", "Lost"]


def test_what_was_typed_for_a_pipeline_stays(ada, html):
    page = html(ada.post("/admin/pipelines/new", {"name": "", "open_stages": "A\nB"}))

    assert page.texts("#name-error") == ["Type a name."]
    assert page.one("textarea").text == "A B"


def test_a_stage_is_edited(ada, make, html):
    make.pipeline()
    data = form_of(html, ada.get(f"/admin/pipelines/stages/{stage_id('Offer')}"))
    assert (data["name"], data["kind"], data["tone"]) == ("Offer", "open", "blue")

    answer = ada.post(
        f"/admin/pipelines/stages/{stage_id('Offer')}", {**data, "name": "Proposal", "tone": "pink", "probability": "75"}
    )

    assert answer.headers["Location"] == "/admin/pipelines/1"
    found = Stage.get(Stage.name == "Proposal")
    assert (found.tone, found.probability, found.kind) == ("pink", 75, "open")


def test_two_admins_at_one_stage_see_what_the_other_typed(ada, make, html):
    make.pipeline()
    offer = stage_id("Offer")
    data = form_of(html, ada.get(f"/admin/pipelines/stages/{offer}"))
    update_stage(offer, actor=ada.actor, name="Proposal", kind="open", probability=60, tone="blue")

    answer = ada.post(f"/admin/pipelines/stages/{offer}", {**data, "name": "Quote"})

    assert answer.status_code == 409
    assert "Proposal" in html(answer).one("#name-error").text
    again = form_of(html, answer)
    assert again["name"] == "Quote"
    assert ada.post(f"/admin/pipelines/stages/{offer}", again).status_code == 303
    assert names()[3] == "Quote"


def test_a_form_that_lost_what_it_showed_still_saves(ada, make, html):
    make.pipeline()
    data = form_of(html, ada.get(f"/admin/pipelines/stages/{stage_id('Offer')}"))

    ada.post(f"/admin/pipelines/stages/{stage_id('Offer')}", {**data, "seen": "[1", "name": "Quote"})

    assert names()[3] == "Quote"


def test_the_only_won_stage_stays_and_the_page_says_why(ada, make, html):
    make.pipeline()
    won = stage_id("Won")
    data = form_of(html, ada.get(f"/admin/pipelines/stages/{won}"))

    for answer in (
        ada.post(f"/admin/pipelines/stages/{won}", {**data, "kind": "open"}),
        ada.post(f"/admin/pipelines/stages/{won}/delete"),
    ):
        assert answer.status_code == 422
        assert "only won stage" in html(answer).one("[role=alert]").text


def test_a_stage_is_deleted_and_its_leads_go_where_one_says(ada, make, html):
    lead = make.lead(stage="Offer")
    url = f"/admin/pipelines/stages/{stage_id('Offer')}/delete"
    assert "1 lead" in html(ada.get(url)).one("main").text
    refused = ada.post(url, {"move_to": "0"})
    assert (refused.status_code, html(refused).texts("#move_to-error")) == (
        422,
        ["Choose the stage that the leads of Offer go to."],
    )

    assert ada.post(url, {"move_to": str(stage_id("Meeting"))}).status_code == 303

    assert Lead.get_by_id(lead.id).stage.name == "Meeting"
    assert ada.get(url).status_code == 404


def test_stages_are_ordered_by_buttons_with_and_without_htmx(ada, make, html):
    make.pipeline()
    plain = ada.post(f"/admin/pipelines/stages/{stage_id('Contacted')}/order", {"by": "-1"})
    assert (plain.status_code, names()[:2]) == (303, ["Contacted", "New"])

    part = ada.htmx(f"/admin/pipelines/stages/{stage_id('Contacted')}/order", {"by": "1"})
    assert html(part).texts("#stages .name")[:2] == ["New", "Contacted"]


def test_stages_are_ordered_by_dragging(ada, make, html):
    make.pipeline()
    order = [stage.id for stage in pipeline(1).stages]

    part = ada.htmx("/admin/pipelines/1/order", {"order": f"{order[2]},{order[0]},x,{'9' * 30},{order[1]}"})

    assert html(part).texts("#stages .name")[:3] == ["Meeting", "New", "Contacted"]


def test_archived_pipelines_come_back(ada, make, html):
    make.pipeline("Sales")
    make.pipeline("Deals")
    ada.post("/admin/pipelines/1/archive", {"archived": "1"})
    assert html(ada.get("/admin/pipelines")).texts("section .name") == ["Deals"]
    assert html(ada.get("/admin/pipelines")).texts("details .set .name") == ["Sales"]

    ada.post("/admin/pipelines/1/archive", {})

    assert html(ada.get("/admin/pipelines")).texts("section .name") == ["Sales", "Deals"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_stages_page_needs_the_same_statements_for_any_number(count, ada, make, queries):
    make.pipeline()
    for _ in range(count):
        make.lead(stage="Offer")
    ada.get("/admin/pipelines/1")
    with queries(at_most=4):
        assert ada.get("/admin/pipelines/1").status_code == 200


def test_unknown_ones_are_not_found(ada):
    assert {
        ada.get(f"/admin/pipelines{path}").status_code for path in ("/9", "/stages/9", "/stages/9/delete", "/9/stages/new")
    } == {404}
    assert ada.get("/admin/sources/9").status_code == 404


# ---------------------------------------------------------------------------------------------- sources and lost reasons


@pytest.mark.parametrize("path", ["sources", "lost-reasons"])
def test_a_list_is_kept(path, ada, html):
    for name in ("Web", "Fair"):
        assert ada.post(f"/admin/{path}", {"name": name}).status_code == 303
    page = html(ada.get(f"/admin/{path}"))
    assert page.texts("section .set .name") == ["Web", "Fair"]
    links = [link.attrs["href"] for link in page.all(".set-i a")]

    data = form_of(html, ada.get(links[0]))
    ada.post(links[0], {**data, "name": "Website"})
    ada.post(f"{links[1]}/order", {"by": "-1"})
    assert html(ada.get(f"/admin/{path}")).texts("section .set .name") == ["Fair", "Website"]

    ada.post(f"{links[0]}/archive", {"archived": "1"})
    page = html(ada.get(f"/admin/{path}"))
    assert (page.texts("section .set .name"), page.texts("details .name")) == (["Fair"], ["Website"])
    ada.post(f"{links[0]}/archive", {})
    assert html(ada.get(f"/admin/{path}")).texts("section .set .name") == ["Fair", "Website"]


def test_a_name_that_is_taken_is_refused_in_place(ada, make, html):
    make.source("Fair")

    answer = ada.post("/admin/sources", {"name": " fair "})

    assert answer.status_code == 422
    assert "already" in html(answer).one("#name-error").text
    assert html(answer).one("input[name=name]").attrs["value"] == " fair "


def test_not_stated_has_no_buttons(ada, make, html):
    reason = make.lost_reason("Not stated")

    page = html(ada.get("/admin/lost-reasons"))

    assert page.texts(".set-i .tag") == ["Always there"]
    assert page.all(".set-i a") == []
    assert ada.get(f"/admin/lost-reasons/{reason.id}").status_code == 404
    assert ada.post(f"/admin/lost-reasons/{reason.id}/archive", {"archived": "1"}).status_code == 422


def test_choices_are_translated_where_they_are_shown(ada, make, html):
    make.pipeline()
    make.set_up(language="x-rtl")

    shown = html(ada.get("/admin/pipelines/stages/1")).texts(".picks b") + html(ada.get("/account")).texts(".picks b")
    shown += html(ada.get("/admin/people/new")).texts(".picks b") + html(ada.get("/admin/visibility")).texts(".picks b")

    assert [text for text in shown if not text.startswith("⟦")] == []
