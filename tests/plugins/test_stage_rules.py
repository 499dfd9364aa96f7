"""register_stage_rules: what a rule may do to a move, and what a rule that raises may not."""

import pytest

from leadboard.api import Refused, move_lead, rows
from leadboard.domain.plugins import enable
from leadboard.permissions import SYSTEM
from leadboard.pluginhost import health
from leadboard.queries.plugins import failure_rows
from tests.plugins.conftest import source

RULE = """
@hookimpl
def register_stage_rules():
    def check(lead, from_stage_id, to_stage_id, actor):
        execute("update lead set title = 'written by a rule'")
        {does}
    return [StageRule(key="one.rule", check=check{more})]
"""


@pytest.fixture
def moved(drop_in, request):
    """moved(what the rule does) tries a move; gives the stage's name and the lead's title afterwards."""

    def run(does, more=""):
        drop_in("one", source("one", RULE.format(does=does, more=more)))
        make = request.getfixturevalue("make")
        lead = make.lead("Ferienhof Lüders", stage="New")
        enable("one", actor=SYSTEM)
        try:
            move_lead(lead.id, to_stage_id=make.stage("Offer").id, actor=SYSTEM)
        finally:
            run.found = [tuple(row) for row in rows("select s.name, l.title from lead l join stage s on s.id = l.stage_id")]
            health.flush()
        return run.found

    return run


def test_a_rule_that_is_content_lets_the_lead_go(moved):
    assert moved("pass") == [("Offer", "written by a rule")]


def test_a_rule_refuses_with_its_own_words(moved):
    with pytest.raises(Refused, match="Not on a Friday"):
        moved('raise Refused("Not on a Friday.")')
    assert moved.found == [("New", "Ferienhof Lüders")]
    assert failure_rows() == []


@pytest.mark.plugin_errors("record")
def test_a_rule_that_raises_lets_the_lead_go_and_leaves_no_trace(moved):
    assert moved('raise KeyError("rule")') == [("Offer", "Ferienhof Lüders")]
    assert [(row.place, row.message) for row in failure_rows()] == [("rule one.rule", "KeyError: 'rule'")]


@pytest.mark.plugin_errors("record")
def test_a_required_rule_that_raises_holds_the_lead(moved):
    with pytest.raises(Refused, match="cannot be checked just now"):
        moved('raise KeyError("rule")', ", is_required=True")
    assert moved.found == [("New", "Ferienhof Lüders")]
