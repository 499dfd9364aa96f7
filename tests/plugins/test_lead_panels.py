"""The panels of the lead page: ours and those of plugins come through one hook, in one order."""

import pytest

from leadboard import hookspecs
from leadboard.defaults import lead_panels
from leadboard.domain.plugin_rules import lead_ref
from leadboard.domain.plugins import enable
from leadboard.permissions import SYSTEM
from leadboard.pluginhost.calling import collect
from leadboard.queries.lead_page import one_lead
from leadboard.queries.plugins import failure_rows
from tests.plugins.conftest import source

BODY = """
def load(lead, actor):
    return {"title": lead.title}

@hookimpl
def lead_panels(lead):
    return [
        Panel(key=f"one.{order}", title=f"At {order}", template="plugins/one/part.html", load=load, order=order, is_lazy=False)
        for order in (5, 15, 100)
    ] + [
        Panel(key="one.wide", title="Wide", template="plugins/one/part.html", load=load, is_lazy=False, area=PanelArea.MAIN),
        Panel(key="one.bare", title="Bare", template="plugins/one/bare.html", load=load, order=25, is_lazy=False, is_framed=False),
    ]
"""
OURS = ["Next steps", "Person and organisation", "Details", "history"]
FILES = {"templates/part.html": "of {{ title }}", "templates/bare.html": '<section class="panel" id="bare">{{ title }}</section>'}


def places(page):
    """The panels of the page from its beginning to its end, by their headings or ids."""
    return [panel.one("h2").text if panel.all("h2") else panel.attrs["id"] for panel in page.all(".lead-p .panel")]


def test_ours_come_through_the_hook(anna, make, html):
    lead = make.lead("Hof Lüders")
    found = collect(hookspecs.lead_panels, lead=lead_ref(one_lead(lead.id, anna.actor)), actor=anna.actor)
    assert {plugin: [panel.key for panel in panels] for plugin, panels in found} == {
        "lead_panels": ["steps", "reached", "linked", "details", "other", "firm", "history"], "merging": ["merged"],
    }  # fmt: skip
    assert places(html(anna.get(f"/leads/{lead.id}"))) == OURS


def test_plugins_stand_between_ours_by_their_order(started, html):
    ada = started({"one": BODY}, files=FILES)
    page = html(ada.get(f"/leads/{ada.lead.id}"))
    assert places(page) == [
        "At 5",
        "Next steps",
        "Person and organisation",
        "At 15",
        "Details",
        "bare",
        "At 100",
        "history",
        "Wide",
    ]
    assert page.one("#panel-one-5 .panel-b").text == "of Ferienhof Lüders"
    assert page.one("#bare").text == "Ferienhof Lüders"


@pytest.mark.parametrize("key, shows", [("steps", "Next steps"), ("details", "Person"), ("history", "Log a call")])
def test_each_has_an_address_of_its_own(key, shows, anna, make, html):
    lead = make.lead("Hof Lüders")
    page = html(anna.get(f"/leads/{lead.id}/panels/{key}"))
    assert (len(page.all("main .panel")), shows in page.one("main .panel").text) == (1, True)
    part = anna.htmx(f"/leads/{lead.id}/panels/{key}", method="get")
    assert ("<html" in part.text, shows in part.text) == (False, True)


def test_one_without_content_is_left_out(anna, make, html):
    lead = make.lead("Hof Lüders")
    assert html(anna.get(f"/leads/{lead.id}/panels/other")).all("main dl") == []


@pytest.mark.plugin_errors("record")
@pytest.mark.parametrize("broken", ["load", "template"])
def test_a_broken_one_leaves_ours_alone(broken, started, html, failures):
    """Also one that draws its own frame: what failed is told where it would be."""
    body = BODY.replace('{"title": lead.title}', "1 / 0" if broken == "load" else '{"title": lead.title}')
    files = FILES if broken == "load" else dict.fromkeys(FILES, "{{ nothing.at.all }}")
    ada = started({"one": body}, files=files)
    answer = ada.get(f"/leads/{ada.lead.id}")
    assert answer.status_code == 200
    assert [name for name in places(html(answer)) if name in OURS] == OURS
    assert answer.text.count("This part is not available") == 5
    assert "panel one.bare" + (" template" if broken == "template" else "") in failures()


@pytest.mark.plugin_errors("record")
def test_an_area_that_is_not_there_is_told(started, failures):
    ada = started({"one": BODY.replace("PanelArea.MAIN", "'attic'")}, files=FILES)
    assert ada.get(f"/leads/{ada.lead.id}").status_code == 200
    assert failures() == {"lead_panels": "Problem: the area 'attic' of the panel one.wide must be one of side, main"}


@pytest.mark.plugin_errors("record")
def test_what_fails_in_ours_is_the_pages_own_failure(anna, make, monkeypatch):
    """A database that is gone must not look like a lead without next steps."""

    def fail(lead_id):
        raise RuntimeError("gone")

    lead = make.lead()
    monkeypatch.setattr(lead_panels, "page_of", fail)
    assert anna.get(f"/leads/{lead.id}").status_code == 500
    assert failure_rows() == []


def test_panels_without_reads_add_no_statement(drop_in, request, queries):
    drop_in("one", source("one", BODY), files=FILES)
    anna, make = request.getfixturevalue("anna"), request.getfixturevalue("make")
    lead = make.lead()
    anna.get(f"/leads/{lead.id}")
    with queries(at_most=99) as before:
        anna.get(f"/leads/{lead.id}")
    enable("one", actor=SYSTEM)
    anna.get(f"/leads/{lead.id}")
    with queries(at_most=len(before.texts)):
        anna.get(f"/leads/{lead.id}")
