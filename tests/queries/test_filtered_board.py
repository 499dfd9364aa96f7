"""A filtered board finds what the filter finds, by whichever of its ways, and says where it stopped looking."""

import random

import pytest
from werkzeug.datastructures import MultiDict

from leadboard.db import rows
from leadboard.domain.tags import set_tags
from leadboard.models import Lead
from leadboard.permissions import SYSTEM
from leadboard.queries import board as plain
from leadboard.queries import filtered_board
from leadboard.queries.board import NO_PARTS
from leadboard.queries.filtered_board import FilteredBoard
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.pipelines import pipelines
from tests.queries.test_lead_query import TODAY, crowd, random_query

__all__ = ["crowd"]
ADDRESSES = (
    "owner=me",
    "owner=none&next=none",
    "f.tier=gold",
    "f.tier=gold&f.budget.from=2",
    "q=anna",
    "q=lodz&owner=me",
    "stale=yes",
    "q=an",
    "next=overdue&owner=none",
)


@pytest.fixture
def pipeline(make):
    return make.pipeline("Sales")


@pytest.fixture
def ways(monkeypatch):
    """ways(few, cap, near): how many leads are few, and how far columns are looked through."""

    def set_to(few, cap, near):
        monkeypatch.setattr(filtered_board, "FEW", few)
        for module in (plain, filtered_board):
            monkeypatch.setattr(module, "COUNT_CAP", cap)
        return near

    return set_to


def filters(person):
    chance = random.Random(23)
    known = known_values()
    asked = [MultiDict({"query": random_query(chance)}) for _ in range(60)]
    asked += [MultiDict([part.split("=", 1) for part in one.split("&")]) for one in ADDRESSES]
    return [LeadFilter.from_args(args, person.actor, known) for args in asked]


def walked(board, stages, near):
    """The cards of each column, looked further down until its end."""
    found = {stage.id: [] for stage in stages}
    for stage in stages:
        after, reach = None, near
        for _ in range(200):
            column = board.columns([stage], {stage.id: 2}, NO_PARTS, after=after, reach=reach)[stage.id]
            found[stage.id] += column.cards[:2]
            if len(column.cards) > 2:
                after = column.cards[1].position
            elif column.until is not None:
                after = column.until
            else:
                break
        else:
            raise AssertionError("it never ends")
    return found


@pytest.mark.parametrize("few, cap, near", [(1000, 1000, 200), (0, 1000, 200), (0, 1, 1), (0, 2, 4), (5, 3, 2)])
def test_every_way_finds_the_same_leads_in_the_same_order(crowd, anna, ways, few, cap, near):
    open_stages = [stage for pipeline in pipelines() for stage in pipeline.open_stages]
    expected = {}
    for number, wanted in enumerate(filters(anna)):
        where = wanted.where(anna.actor, "lead", TODAY)
        expected[number] = (
            wanted,
            plain.cards({stage.id: 999 for stage in open_stages}, where),
            plain.sums(open_stages, where, TODAY),
        )
    ways(few, cap, near)
    assert sum(len(cards) for _, found, _ in expected.values() for cards in found.values()) > 300

    for wanted, cards, sums in expected.values():
        board = FilteredBoard.of(wanted, anna.actor, TODAY)
        assert walked(board, open_stages, near) == cards, wanted.to_args()
        for stage_id, numbers in board.numbers(open_stages).items():
            if not numbers.capped:
                assert numbers == sums[stage_id], wanted.to_args()
            else:
                assert numbers.totals is None and numbers.count <= sums[stage_id].count


def test_short_columns_are_whole_and_long_ones_say_how_far(make, anna, pipeline, ways):
    make.leads(7, stage="New", city="Gdynia")
    make.leads(3, stage="Offer", city="Gdynia")
    Lead.update(city="").where(Lead.id.in_([2, 4, 6, 8])).execute()
    near = ways(0, 5, 4)
    [board] = pipelines()
    new, offer = (next(stage for stage in board.open_stages if stage.name == name) for name in ("New", "Offer"))
    wanted = LeadFilter.from_args({"query": "city:gdynia"}, anna.actor, known_values())

    found = FilteredBoard.of(wanted, anna.actor, TODAY).columns([new, offer], {new.id: 25, offer.id: 25}, NO_PARTS, reach=near)

    assert (found[new.id].numbers.capped, found[new.id].numbers.totals) == (True, None)
    assert found[new.id].until == sorted(lead.position for lead in Lead.select().where(Lead.stage == new.id))[3]
    assert (found[offer.id].until, found[offer.id].numbers.capped, found[offer.id].numbers.steps is not None) == (
        None,
        False,
        True,
    )


def test_three_people_see_what_is_theirs(make, anna, ben, carla, pipeline):
    make.set_up(member_visibility="own")
    make.lead("Anna's", owner=anna.user)
    make.lead("Ben's", owner=ben.user)
    make.lead("Nobody's")
    [board] = pipelines()
    for person, expected in ((anna, ["Nobody's", "Anna's"]), (ben, ["Nobody's", "Ben's"])):
        found = FilteredBoard.of(LeadFilter(), person.actor, TODAY)
        stages = board.open_stages
        cards = [
            card.title
            for column in found.columns(stages, {stage.id: 9 for stage in stages}, NO_PARTS, reach=200).values()
            for card in column.cards
        ]
        assert cards == expected
        assert found.count(stages) == (2, False)


@pytest.mark.parametrize("count", [1, 3])
def test_a_filtered_page_takes_the_same_statements_for_any_number(count, make, anna, queries, pipeline):
    for name in ("New", "Contacted", "Offer"):
        for lead in make.leads(count, stage=name, owner=anna.user):
            set_tags(lead.id, ["vip"], actor=SYSTEM)
    anna.get("/?owner=me")
    with queries(at_most=14):
        assert anna.get("/?owner=me&query=tag:vip").status_code == 200


def test_the_page_looks_further_down_a_long_column(make, anna, html, pipeline, ways, monkeypatch):
    make.leads(9, stage="New")
    Lead.update(city="Sopot").where(Lead.id == Lead.select(Lead.id).order_by(Lead.position.desc()).limit(1)).execute()
    ways(0, 3, 2)
    monkeypatch.setattr("leadboard.web.board.NEAR", 2)
    new = make.stage("New")

    page = html(anna.get(f"/board/{pipeline.id}?query=city:sopot"))
    assert (page.one(f"#s{new.id}h .stage-c").text, page.texts(".lc-n"), page.all(".empty")) == ("0+", [], [])
    link = page.one(f"#s{new.id} .more a")
    assert link.text == "Look further down"

    further = html(anna.htmx(link.attrs["href"], method="GET"))
    assert (len(further.texts(".lc-n")), further.all(".more")) == (1, [])
    alone = html(anna.get(link.attrs["href"]))
    assert len(alone.texts(".lc-n")) == 1


@pytest.mark.sqlite_only
def test_what_is_few_is_asked_for_by_indexes(crowd, anna, ben, make):
    """Else a filter that finds less than few reads every lead."""
    make.set_up(member_visibility="own")
    asked = [(wanted, person) for person in (anna, ben) for wanted in [LeadFilter(), *filters(person)]]
    typed = LeadFilter.from_args({"query": "value>=9000000 employees>=1"}, anna.actor, known_values())
    statements = 0
    for wanted, person in [*asked, (typed, anna)]:
        for sql, params in filtered_board._narrow(wanted, person.actor, TODAY):
            plan = [row[-1] for row in rows(f"explain query plan select * from ({sql} limit 11) as found", params)]
            assert not [line for line in plan if line.startswith("SCAN lead") and "lead_" not in line.partition("USING")[0]], (
                sql,
                plan,
            )
            assert not [line for line in plan if line.startswith("SCAN lead USING INDEX")], (sql, plan)
            statements += 1
    assert statements > 30


def test_the_closed_count_says_that_there_are_more(make, anna, html, pipeline, ways, monkeypatch):
    for name, count in (("Won", 2), ("Lost", 3)):
        make.leads(count, stage=name, owner=anna.user)
    ways(1000, 3, 3)
    monkeypatch.setattr("leadboard.web.board_opening.COUNT_CAP", 3)
    assert html(anna.get("/?owner=me")).one("#closed-count").text == "3+"
