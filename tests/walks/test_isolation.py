"""Beside a plugin that raises in every hook, every page and every write answers as without it, for everybody."""

import re

import pytest

from leadboard.pluginhost import health
from leadboard.queries.plugins import failure_rows
from leadboard.web import gate
from tests.walks.walking import HTMX
from tests.walks.world import ROLES, kept, taken_back

pytestmark = [
    pytest.mark.plugin_errors("record"),
    pytest.mark.sqlite_only,  # what is undone by savepoints: tests/plugins, on both engines
]

# The pages about plugins tell of the broken one.
ABOUT_PLUGINS = "/admin/plugins"
# What differs between two answers to one question: signed tokens, moments, and the number of the newest event (turning the
# broken plugin on is one more).
PASSING = re.compile(
    r'[A-Za-z0-9_=-]{20,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{20,}|hx-ptag="\d+"|id="e\d+"|<time.*?</time>|"request_id": ?"\w+"'
)


def answers(world, role):
    """{what was asked: (status, where to, page)} of every address, as page, as part and as write."""
    found = {}
    person = world.people[role]
    for method, rule in world.routes():
        for url in world.addresses(rule)[:3]:
            if url.startswith(ABOUT_PLUGINS):
                continue
            for headers in ({}, HTMX):
                with kept(person.client), taken_back():
                    token = {} if method == "GET" else {"X-CSRFToken": person.csrf()}
                    with person.client.open(url, method=method, headers={**headers, **token}) as answer:
                        found[f"{method} {url} {'part' if headers else 'page'}"] = seen(answer)
    return found


def seen(answer):
    text = PASSING.sub("…", answer.get_data(as_text=True))
    return answer.status_code, PASSING.sub("…", answer.headers.get("Location", "")), text


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_as_without_the_broken_plugin(role, world, request, monkeypatch):
    # Given up it would do no harm: it is to raise on every page.
    monkeypatch.setattr(health, "MOST_IN_A_ROW", 1_000_000)
    # A walk may take longer than a minute: when its session was last seen is no difference.
    monkeypatch.setattr(gate, "SEEN_EVERY_MS", 3_600_000)
    without = answers(world, role)
    request.getfixturevalue("broken_plugin")
    beside = answers(world, role)

    assert len(without) > 100
    assert [asked for asked in without if without[asked][0] >= 500] == []
    different = [
        f"{asked}: {without[asked][0]} {first_difference(without[asked][2], beside[asked][2])} {beside[asked][0]}"
        for asked in without
        if without[asked] != beside[asked]
    ]
    assert not different, "\n".join(["", f"{len(different)} answers differ", *different[:20]])
    health.flush()
    called = {row.place for row in failure_rows() if row.plugin == "broken_plugin"}
    if role == "admin":
        assert {
            "menu_items",
            "lead_panels",
            "lead_actions",
            "party_panels",
            "party_actions",
            "board_badges",
            "page_slot",
            "page_assets",
            "before_lead_save",
        } <= called
        assert {"register_jobs", "register_routes", "register_models", "register_settings_form"} <= called


def first_difference(first, second):
    place = next((index for index, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    return f"…{first[max(0, place - 60) : place + 60]!r} / …{second[max(0, place - 60) : place + 60]!r}"
