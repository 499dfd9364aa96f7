"""What plugins put on the pages of contacts and organisations: party_panels and party_actions."""

import pytest

from leadboard import hookspecs
from leadboard.contributions import PartyRef
from leadboard.testing import broken_plugin
from leadboard.web.panels import actions_of
from leadboard.web.parties.detail import host_of
from leadboard.web.parties.kinds import KINDS

BODY = """
def load(party, actor):
    return {"text": f"{party.record_type} {party.name} {party.owner_id} {party.version} for {actor.name}"}

@hookimpl
def party_panels(party):
    return [Panel(key="one.now", title="Now", template="plugins/one/part.html", load=load, is_lazy=False)]

@hookimpl
def party_actions(party, actor):
    return [
        Action(key="one.look", label="Look", endpoint="p_one.look", method="get", needs="read"),
        Action(key="one.drop", label="Drop", endpoint="p_one.drop", needs="write"),
        Action(key="one.gone", label="Gone", endpoint="p_one.nowhere"),
    ]

@hookimpl
def register_routes():
    bp = PluginBlueprint("one")

    @bp.get("/<int:record_id>/look")
    @needs(Permission.READ)
    def look(record_id):
        return render("plugins/one/part.html", text=record_id)

    @bp.post("/<int:record_id>/drop")
    @needs(Permission.WRITE)
    def drop(record_id):
        return go("/")

    return [bp]
"""
FILES = {"templates/part.html": "<i>{{ text }}</i>"}
PLURALS = {"contact": "contacts", "organisation": "organisations"}


@pytest.mark.parametrize("record_type", PLURALS)
def test_party_panels_are_told_which_record_it_is(record_type, started, request, html):
    ada = started({"one": BODY}, files=FILES)
    record = getattr(request.getfixturevalue("make"), record_type)("Hof Lüders", owner=ada.user)
    url = f"/{PLURALS[record_type]}/{record.id}"
    said = f"{record_type} Hof Lüders {ada.id} 1 for {ada.user.name}"
    assert html(ada.get(url)).one("#panel-one-now i").text == said
    assert said in ada.get(f"{url}/panels/one.now").text
    assert ada.get(f"/{PLURALS[record_type]}/999/panels/one.now").status_code == 404


@pytest.mark.parametrize("record_type", PLURALS)
def test_party_actions_lead_to_views_with_the_argument_record_id(record_type, started, request):
    ada = started({"one": BODY}, files=FILES)
    make, app, vera = (request.getfixturevalue(name) for name in ("make", "app", "vera"))
    record = getattr(make, record_type)("Hof Lüders")
    reference = PartyRef(record_type, record.id, record.name, None, 1)
    with app.test_request_context():
        for person, keys in ((ada, ["one.look", "one.drop"]), (vera, ["one.look"])):
            found = actions_of(host_of(KINDS[record_type]), reference, person.actor)
            ours = [(action.key, url) for plugin, action, url in found if plugin == "one"]
            assert sorted(key for key, _ in ours) == sorted(keys)
            assert dict(ours)["one.look"] == f"/p/one/{record.id}/look"
    assert f"<i>{record.id}</i>" in ada.get(f"/p/one/{record.id}/look").text


@pytest.mark.plugin_errors("record")
@pytest.mark.parametrize("record_type", PLURALS)
def test_a_page_answers_beside_plugins_that_fail_in_party_panels_and_party_actions(record_type, started, request, failures):
    broken = "\n".join(
        f"@hookimpl\ndef {name}():\n    raise RuntimeError('{name}')\n" for name in ("party_panels", "party_actions")
    )
    later = BODY.replace("    return {", "    1 / 0\n    return {")
    ada = started({"two": broken, "one": later}, files=FILES)
    record = getattr(request.getfixturevalue("make"), record_type)("Hof Lüders")
    answer = ada.get(f"/{PLURALS[record_type]}/{record.id}")
    assert (answer.status_code, "Hof Lüders" in answer.text) == (200, True)
    assert answer.text.count("This part is not available") == 1
    assert {"party_panels", "party_actions", "panel one.now"} <= set(failures())


def test_the_plugin_that_raises_everywhere_raises_in_these_hooks():
    for hook in (hookspecs.party_panels, hookspecs.party_actions):
        with pytest.raises(broken_plugin.BrokenOnPurposeError, match=hook.__name__):
            getattr(broken_plugin, hook.__name__)()
