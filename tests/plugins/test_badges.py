"""Badges of many plugins on one card."""

from leadboard.domain.plugins import enable
from leadboard.permissions import SYSTEM
from tests.plugins.conftest import source

MANY = """
@hookimpl
def board_badges(leads):
    return {leads[0].id: [Badge(f"{n} <b>", Tone.TEAL) for n in range(7)], 999_999: [Badge("nobody")]}
"""


def test_a_card_shows_four_badges_and_says_how_many_more_there_are(drop_in, request):
    drop_in("one", source("one", MANY))
    anna, make, html = (request.getfixturevalue(name) for name in ("anna", "make", "html"))
    lead = make.lead(interest="hot")
    enable("one", actor=SYSTEM)
    card = html(anna.get("/")).one(f"#l{lead.id}")
    assert card.texts(".tag") == ["hot", "0 <b>", "1 <b>", "2 <b>", "3 <b>", "+3"]
    assert [node.attrs["class"] for node in card.all(".tag")][1:] == ["tag tone-teal"] * 4 + ["tag tone-grey"]


ONE_EACH = """
@hookimpl
def board_badges(leads):
    return {lead.id: Badge("each", Tone.BLUE) for lead in leads}
"""
SOME = """
@hookimpl
def board_badges(leads):
    found = {leads[-1].id: Badge("last"), leads[0].id: [Badge("a"), Badge("b")]}
    found[999_999] = Badge("nobody")
    return found
"""
BACKWARDS = """
@hookimpl
def board_badges(leads):
    return {lead.id: (Badge(str(number)),) for number, lead in reversed(list(enumerate(leads)))}
"""


def test_a_badge_or_a_list_of_them_for_any_leads_in_any_order(drop_in, request):
    """A badge for each card as they come is put together by another way than the rest."""
    for name, hooks in (
        ("one", ONE_EACH),
        ("two", SOME),
        ("three", BACKWARDS),
        ("void", SOME.replace("return found", "return {}")),
    ):
        drop_in(name, source(name, hooks))
    anna, make, html = (request.getfixturevalue(name) for name in ("anna", "make", "html"))
    for number in range(3):
        make.lead(title=f"Lead {number}")
    tags = [["each"]] * 3
    enable("one", actor=SYSTEM)
    enable("void", actor=SYSTEM)
    assert [card.texts(".tag") for card in html(anna.get("/")).all(".lc")] == tags
    enable("three", actor=SYSTEM)
    assert [card.texts(".tag") for card in html(anna.get("/")).all(".lc")] == [["each", "0"], ["each", "1"], ["each", "2"]]
    enable("two", actor=SYSTEM)
    shown = [card.texts(".tag") for card in html(anna.get("/")).all(".lc")]
    assert shown == [["each", "0", "a", "b"], ["each", "1"], ["each", "2", "last"]]
