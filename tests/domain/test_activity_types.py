"""Kinds of activities come from plugins; the timeline shows each, also of one that is off by now."""

import pytest

from leadboard.domain.activities import change_activity, log_activity
from leadboard.domain.plugins import disable, enable
from leadboard.domain.undo import undo_change
from leadboard.errors import NotAllowed, NotFound, Refused
from leadboard.models import Activity

VISITS = """
from leadboard.api import *
PLUGIN = Plugin(name="visits", title="Visits", version="1.0")
@hookimpl
def register_activity_types():
    return [ActivityType(key="visits.visit", label="Visit", verb="was there", icon="map-pin", tone="teal", is_typed=True)]
"""


def test_a_kind_of_a_plugin_is_logged_shown_and_outlives_it(drop_in, request):
    drop_in("visits", VISITS)
    ada, anna, make, html = (request.getfixturevalue(name) for name in ("ada", "anna", "make", "html"))
    lead = make.lead("Ferienhof Lüders")
    assert "Visit" not in html(anna.get(f"/leads/{lead.id}")).texts("#call-kind option")
    with pytest.raises(Refused, match=r"visits\.visit"):
        log_activity(lead.id, kind="visits.visit", actor=anna.actor)
    enable("visits", actor=ada.actor)
    assert "Visit" in html(anna.get(f"/leads/{lead.id}")).texts("#call-kind option")
    log_activity(lead.id, kind="visits.visit", subject="Barn, roof", body="It **rained**.", actor=anna.actor)
    item = html(anna.get(f"/leads/{lead.id}")).one("#a1")
    assert "Anna Kowalska was there Barn, roof" in " ".join(item.text.split())
    assert "rained" in item.text
    disable("visits", actor=ada.actor)
    assert "logged visits.visit Barn, roof" in " ".join(html(anna.get(f"/leads/{lead.id}")).one("#a1").text.split())


def test_the_composer_logs_a_meeting_without_what_only_calls_have(anna, make, html):
    lead = make.lead("Ferienhof Lüders")
    answer = anna.post(
        f"/leads/{lead.id}/calls",
        {"kind": "meeting", "body": "Walked the barn", "duration": "90", "direction": "outgoing", "outcome": "reached"},
    )
    assert answer.status_code == 303
    found = Activity.get()
    assert (found.kind, found.direction, found.outcome, found.duration_seconds) == ("meeting", "", "", 5400)
    text = " ".join(html(anna.get(f"/leads/{lead.id}")).one("#a1").text.split())
    assert "Anna Kowalska logged a meeting · 90 min" in text
    refused = anna.post(f"/leads/{lead.id}/calls", {"kind": "nonsense", "body": "kept"})
    assert (refused.status_code, "kept" in refused.text) == (422, True)


def test_an_entry_is_completed_later_by_its_author_and_taken_back(anna, ben, carla, make):
    lead = make.lead("Ferienhof Lüders")
    added = log_activity(lead.id, kind="call", subject="Ringing", direction="incoming", actor=anna.actor)
    with pytest.raises(NotAllowed):
        change_activity(added.id, subject="Mine", actor=ben.actor)
    done = change_activity(added.id, subject="Roof", duration_seconds=60, outcome="reached", actor=anna.actor)
    assert change_activity(added.id, subject="Roof", actor=anna.actor) is None
    found = Activity.get()
    assert (found.subject, found.duration_seconds, found.outcome) == ("Roof", 60, "reached")
    undo_change(done, actor=anna.actor)
    assert Activity.get().subject == "Ringing"
    with pytest.raises(NotFound):
        change_activity(99, subject="None", actor=anna.actor)
