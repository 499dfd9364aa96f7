"""What the admin's pages of pipelines and stages say, and how they name their parts."""

import pytest

from leadboard.domain.custom_fields import add_field
from leadboard.domain.pipelines import update_stage
from leadboard.permissions import SYSTEM
from leadboard.queries.pipelines import stage as read_stage


def groups(page):
    """{the name of a group of boxes: their labels}."""
    return {
        group.one("legend").text.strip(): [label.text for label in group.all("label")]
        for group in page.all("fieldset.ticks")
    }  # fmt: skip


def test_boxes_are_in_groups_with_names(make, ada, html):
    make.pipeline("Sales")
    make.field("Budget", "number")
    found = groups(html(ada.get(f"/admin/pipelines/stages/{make.stage('Meeting').id}")))
    assert found["Leads go on to"] == ["New", "Contacted", "Offer", "Won", "Lost"]
    assert found["Fields that a lead needs to come in"][-1] == "Budget"

    cards = groups(html(ada.get(f"/admin/pipelines/{make.stage('Meeting').pipeline_id}/cards")))
    assert cards["Shown on cards"][0] == "Organisation"


def test_large_numbers_of_values_are_written_like_others(make, ada, html):
    field = add_field("Berth", "text", actor=SYSTEM)
    make.leads(1001, **{"fields.berth": "7"})
    page = html(ada.get(f"/admin/fields/{field.id}/type?type=number"))
    assert "1.001 values convert." in page.one("#preview").text


# ---------------------------------------------------------------------------------------------- what is refused, and the way out


@pytest.fixture
def sales(make):
    """A pipeline, by the address of the form of its stage New, and what that form sends."""
    make.pipeline("Sales")
    make.field("Budget", "number")
    make.stages = {name: make.stage(name) for name in ("New", "Meeting", "Offer", "Won")}
    make.url = f"/admin/pipelines/stages/{make.stages['New'].id}"
    make.typed = {"name": "New", "kind": "open", "probability": "20", "tone": "blue"}
    return make


@pytest.mark.parametrize(
    "name, theirs, typed, told",
    [
        ("needs", ["fields.budget", "email"], "phone", "“E-mail, Budget”"),
        ("leads_to", "Offer", "Meeting", "“Offer”"),
        ("tone", "red", "pink", "“Red”"),
        ("touch_days", 7, "3", "“7”"),
    ],
)
def test_what_somebody_else_wrote_is_told_in_words(sales, ada, html, name, theirs, typed, told):
    seen = html(ada.get(sales.url)).one("input[name=seen]").attrs["value"]
    if name == "leads_to":
        theirs, typed = [sales.stages[theirs].id], str(sales.stages[typed].id)
    update_stage(sales.stages["New"].id, actor=ada.actor, **{name: theirs})
    page = html(ada.post(sales.url, {**sales.typed, name: typed, "seen": seen}))
    assert [text for text in page.texts(".error") if told in text]


def test_a_value_that_somebody_else_emptied_is_told_as_such(sales, ada, html):
    update_stage(sales.stages["New"].id, actor=ada.actor, stay_days=9)
    seen = html(ada.get(sales.url)).one("input[name=seen]").attrs["value"]
    update_stage(sales.stages["New"].id, actor=ada.actor, stay_days=None)
    page = html(ada.post(sales.url, {**sales.typed, "stay_days": "5", "seen": seen}))
    assert page.texts(".error") == [
        "Somebody else emptied this while you were typing. Save again to write your own."
    ]  # fmt: skip
    assert page.one("input[name=stay_days]").attrs["value"] == "5"


@pytest.mark.parametrize("name", ["probability", "touch_days"])
def test_what_is_no_number_is_told_once_and_kept(sales, ada, html, name):
    page = html(ada.post(sales.url, {**sales.typed, name: "many"}))
    assert len(page.texts(".error")) == 1
    assert page.texts(".error")[0].startswith("Type a whole number")
    assert page.one(f"input[name={name}]").attrs["value"] == "many"


def test_limits_left_empty_are_none(sales, ada):
    update_stage(sales.stages["New"].id, actor=ada.actor, touch_days=7)
    assert ada.post(sales.url, {**sales.typed, "touch_days": " ", "stay_days": "", "most_leads": "4"}).status_code == 303
    found = read_stage(sales.stages["New"].id)
    assert (found.touch_days, found.stay_days, found.most_leads) == (None, None, 4)


def test_the_last_stage_of_a_kind_is_not_offered_for_deletion(sales, ada, html):
    page = html(ada.get(f"/admin/pipelines/stages/{sales.stages['Won'].id}/delete"))
    assert "Won is the only won stage of this pipeline. Add another won one first." in page.one(".banner").text
    assert page.all("#main form") == []
    assert f"/admin/pipelines/{sales.stages['Won'].pipeline_id}/stages/new" in [a.attrs["href"] for a in page.all("#main a")]


def test_archiving_the_only_pipeline_is_refused_on_its_page(sales, ada, html):
    answer = ada.post(f"/admin/pipelines/{sales.stages['New'].pipeline_id}/archive", {"archived": "1"})
    assert answer.status_code == 422
    assert "Add another one first." in html(answer).one(".banner").text
    assert html(answer).texts("#stages .name")[0] == "New"


def test_stages_are_not_optional_for_a_new_pipeline(ada, make, html):
    page = html(ada.get("/admin/pipelines/new"))
    assert page.one("label[for=open_stages]").text == "Open stages, one on each line"


# ---------------------------------------------------------------------------------------------- what the lists tell


def test_the_list_of_stages_tells_their_rules_and_limits(sales, ada, html):
    update_stage(
        sales.stages["New"].id, actor=ada.actor, needs=["email", "phone"], leads_to=[sales.stages["Meeting"].id], touch_days=7,
        stay_days=30, most_leads=50,
    )  # fmt: skip
    page = html(ada.get(f"/admin/pipelines/{sales.stages['New'].pipeline_id}"))
    told = page.one(f"#stage-{sales.stages['New'].id}").text
    for text in (
        "needs 2 fields",
        "goes on to 1 stage",
        "marked after 7 days without contact",
        "after 30 days here",
        "up to 50 at once",
    ):
        assert text in told
    assert "needs" not in page.one(f"#stage-{sales.stages['Meeting'].id}").text


def test_the_list_of_pipelines_tells_their_stages(sales, ada, html):
    assert html(ada.get("/admin/pipelines")).texts(".pipe-s .stage-l") == ["New", "Contacted", "Meeting", "Offer", "Won", "Lost"]
