"""The pages for authors of plugins: recipes that load, events and fixtures that are there, links that lead somewhere."""

import re
from pathlib import Path

import pytest

from leadboard import api, testing
from leadboard.cli.plugin_check import check_apart
from leadboard.domain.activities import delete_activity
from leadboard.domain.leads import delete_leads, restore_leads, update_lead
from leadboard.domain.moves import snooze_lead, wake_due_leads
from leadboard.domain.notes import delete_note, edit_note, pin_note
from leadboard.domain.settings import change_settings
from leadboard.domain.tasks import complete_task, delete_task, reopen_task
from leadboard.events import EventKind
from leadboard.permissions import SYSTEM
from tests.plugins.conftest import source
from tests.support.recipes import PAGES, plugins_of, write


def recipes():
    return {name: files for page in ("recipes.md", "endpoints.md") for name, files in plugins_of(page).items()}


@pytest.mark.parametrize("name", sorted(recipes()))
def test_a_recipe_is_a_plugin_without_a_problem(name, tmp_path):
    assert check_apart(write(tmp_path, recipes()[name], name)).problems == []


def test_every_kind_of_event_is_told():
    assert list(documented()) == [kind.value for kind in EventKind]


def documented():
    """{kind: (records, data)} of the table in events.md."""
    text = (PAGES / "events.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \| ([\w, ]*)\|$", text, re.MULTILINE)
    return {
        kind: (set(re.split(r", ?", records)), set(filter(None, re.split(r", ?", data.strip())))) for kind, records, data in found
    }


def test_events_carry_what_the_page_says(events, make, anna):
    make.pipeline()
    make.source()
    for live in (lead_life, entries, settings):
        live(make, anna.actor)
    told = documented()
    seen = events()
    wrong = {
        (event.kind, event.record_type, *sorted(event.data))
        for event in seen
        if event.record_type not in told[event.kind][0] or not set(event.data) <= told[event.kind][1]
    }
    assert wrong == set()
    missing = {event.kind: told[event.kind][1] - set(event.data) for event in seen if event.lead_id is not None}
    assert {kind: names for kind, names in missing.items() if names} == {}
    assert len({event.kind for event in seen}) >= 18


def lead_life(make, actor):
    lead = make.lead()
    update_lead(lead.id, {"city": "Kiel"}, actor=actor)
    api.move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=actor)
    today = api.today()
    snooze_lead(lead.id, until=today.replace(year=today.year + 1), today=today, actor=actor)
    wake_due_leads(today.replace(year=today.year + 2))
    delete_leads([lead.id], actor=SYSTEM)
    restore_leads([lead.id], actor=SYSTEM)


def entries(make, actor):
    lead = make.lead()
    note = make.note(lead, actor=actor)
    edit_note(note, body="Another", actor=actor)
    pin_note(note, pinned=True, actor=actor)
    delete_note(note, actor=actor)
    task = make.task(lead, actor=actor)
    complete_task(task, actor=actor)
    reopen_task(task, actor=actor)
    delete_task(task, actor=actor)
    call = api.log_call(lead.id, direction="incoming", outcome="reached", actor=actor).id
    delete_activity(call, actor=actor)


def settings(make, actor):
    change_settings(name="Another", actor=SYSTEM)
    make.user()


@pytest.mark.parametrize("page", sorted(path.relative_to(PAGES).as_posix() for path in PAGES.rglob("*.md")))
def test_links_lead_somewhere(page):
    text = (PAGES / page).read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", text):
        path = ((PAGES / page).parent / target).resolve() if target else PAGES / page
        assert path.is_file(), f"{page} → {target}"
        headings = [
            re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
            for line in path.read_text("utf-8").splitlines()
            if line.startswith("#")
        ]
        assert not anchor or anchor in headings, f"{page} → {target}#{anchor}"


def test_the_fixtures_that_are_told_are_there():
    text = (PAGES / "testing.md").read_text(encoding="utf-8")
    named = {name for cell in re.findall(r"^\| (`[^|]*`) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}
    kit = [path.read_text(encoding="utf-8") for path in Path(testing.__file__).parent.glob("*.py")]
    known = {name for text in kit for name in re.findall(r"@pytest\.fixture.*\ndef (\w+)", text)}
    assert len(named) > 12
    assert named - known == set()


@pytest.mark.sqlite_only
def test_the_list_is_grouped_by_what_plugins_are_for(drop_in, request, html):
    drop_in("rare", source("rare", more='category="ours"'))
    drop_in("files", source("files", more='category="data"'))
    drop_in("broken", "import no_such_module")
    page = html(request.getfixturevalue("ada").get("/admin/plugins"))
    assert page.texts("h3.set-h") == ["Pipelines and the board", "Types of fields", "Files and data", "Other systems", "More"]
    groups = [sorted(group.texts("li .name")) for group in page.all("ul.set")[:5]]
    assert groups[2:] == [
        ["Duplicates", "Spreadsheets", "files", "vCard"],
        ["Mail drop", "Telephony", "Webhooks"],
        ["broken", "rare"],
    ]
