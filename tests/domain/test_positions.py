"""The order inside a stage, against a plain Python list."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadboard.db import atomic, execute, execute_many, one, rows
from leadboard.domain import positions
from leadboard.domain.leads import create_lead, delete_leads, restore_leads
from leadboard.domain.moves import move_lead
from leadboard.models import Lead
from leadboard.permissions import SYSTEM


class GiveUp(Exception):
    """Ends an example; its rows are rolled back."""


def order(stage_id):
    found = rows("select id, position from lead where stage_id = ? order by position", (stage_id,))
    assert len({position for _, position in found}) == len(found)
    assert all(abs(position) < positions.PARKING for _, position in found), "a card was left parked"
    return [lead_id for lead_id, _ in found]


def squeeze(stage_id):
    """Leave no gap at all: positions 0, 1, 2 …, so that the next placing between two has to re-space."""
    ids = order(stage_id)
    execute_many("update lead set position = ? where id = ?", [(positions.PARKING * 2 + n, i) for n, i in enumerate(ids)])
    execute_many("update lead set position = ? where id = ?", list(enumerate(ids)))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 30), st.sampled_from(["top", "before"])),
        st.tuples(st.just("move"), st.integers(0, 30), st.integers(0, 30), st.sampled_from(["top", "before", "after"])),
        st.tuples(st.just("across"), st.integers(0, 30), st.integers(0, 30), st.sampled_from(["top", "before", "after"])),
        st.tuples(st.just("squeeze")),
        st.tuples(st.just("bin"), st.integers(0, 30)),
    ),
    max_size=25,
)


class Model:
    """Two stages as Python lists, and the same two in the database."""

    def __init__(self, here, there):
        self.stages = [here, there]
        self.lists = {here: [], there: []}

    def run(self, step):
        getattr(self, step[0])(*step[1:])
        for stage_id, ids in self.lists.items():
            assert order(stage_id) == ids, step

    def add(self, place, how):
        ids = self.lists[self.stages[0]]
        neighbour = ids[place % len(ids)] if how == "before" and ids else None
        lead_id = create_lead({"title": "x"}, stage_id=self.stages[0], before_id=neighbour, actor=SYSTEM).lead_id
        ids.insert(ids.index(neighbour) if neighbour else 0, lead_id)

    def move(self, which, place, how, *, to=0):
        ids = self.lists[self.stages[0]]
        if not ids:
            return
        lead_id = ids[which % len(ids)]
        target = self.lists[self.stages[to]]
        others = [other for other in target if other != lead_id]
        neighbour = others[place % len(others)] if others and how != "top" else None
        move_lead(lead_id, to_stage_id=self.stages[to], actor=SYSTEM, **({f"{how}_id": neighbour} if neighbour else {}))
        ids.remove(lead_id)
        at = 0 if neighbour is None else target.index(neighbour) + (how == "after")
        target.insert(at, lead_id)

    def across(self, which, place, how):
        self.move(which, place, how, to=1)
        self.stages.reverse()

    def squeeze(self):
        for stage_id in self.stages:
            squeeze(stage_id)

    def bin(self, which):
        """A deleted card keeps its place, and comes back to it."""
        ids = self.lists[self.stages[0]]
        if ids:
            delete_leads([ids[which % len(ids)]], actor=SYSTEM)
            restore_leads([ids[which % len(ids)]], actor=SYSTEM)


def play(here, there, steps):
    with atomic():
        model = Model(here, there)
        for step in steps:
            model.run(step)
        raise GiveUp


def test_any_sequence_of_moves_keeps_the_order_of_a_list(make):
    make.pipeline()
    here, there = make.stage("New").id, make.stage("Meeting").id

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(STEPS)
    def agree(steps):
        with suppress(GiveUp):
            play(here, there, steps)

    agree()


def test_a_card_goes_between_two_neighbours_again_and_again(make):
    first, second = make.leads(2)  # second is on top
    ids = [second.id, first.id]
    for _ in range(80):
        lead = make.lead()
        move_lead(lead.id, to_stage_id=lead.stage_id, before_id=first.id, actor=SYSTEM)
        ids.insert(-1, lead.id)

    assert order(first.stage_id) == ids


def test_a_used_up_gap_moves_only_the_64_cards_around_it(make):
    leads = make.leads(200)
    stage_id = leads[0].stage_id
    squeeze(stage_id)
    execute("update lead set position = position * 65536 where position > 120")
    execute("update lead set position = (position - 200) * 65536 where position < 80")
    ids = order(stage_id)
    before = dict(rows("select id, position from lead"))

    done = create_lead({"title": "new"}, stage_id=stage_id, before_id=ids[100], actor=SYSTEM)

    after = dict(rows("select id, position from lead"))
    assert [lead_id for lead_id in ids if before[lead_id] != after[lead_id]] == ids[68:132]
    ids.insert(100, done.lead_id)
    assert order(stage_id) == ids


def test_a_card_between_whose_neighbours_it_stood_is_not_left_parked(make):
    """Re-spacing may hand the moving card the very place that it had."""
    low, high, lead = make.leads(3)
    execute_many(
        "update lead set position = ? where id = ?",
        [(positions.STEP, lead.id), (positions.STEP * 5, low.id), (positions.STEP * 6, high.id)],
    )
    execute_many("update lead set position = ? where id = ?", [(0, low.id), (1, high.id)])

    move_lead(lead.id, to_stage_id=lead.stage_id, before_id=high.id, actor=SYSTEM)

    assert order(lead.stage_id) == [low.id, lead.id, high.id]
    assert Lead.get_by_id(lead.id).position == positions.STEP


@pytest.mark.parametrize("how", ["before_id", "after_id"])
def test_a_neighbour_that_is_the_card_itself_changes_nothing(how, make):
    leads = make.leads(3)
    squeeze(leads[0].stage_id)
    before = order(leads[0].stage_id)

    move_lead(leads[1].id, to_stage_id=leads[1].stage_id, actor=SYSTEM, **{how: leads[1].id})

    assert order(leads[0].stage_id) == before


def test_the_first_card_of_a_stage_needs_no_neighbour(make):
    make.pipeline()
    stage = make.stage("Meeting")

    assert positions.place(stage.id) < positions.STEP
    assert one("select 1 from lead") is None
