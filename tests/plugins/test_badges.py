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
