"""What the admin's pages of pipelines and stages say, and how they name their parts."""

from leadboard.domain.custom_fields import add_field
from leadboard.permissions import SYSTEM


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
