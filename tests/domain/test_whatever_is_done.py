"""Whatever is done with leads, contacts and organisations, everything points to something that is there, and can be taken back."""

import os

import pytest

from leadboard.domain.undo import undo_change
from leadboard.errors import LeadboardError
from tests.support.office import Worker, dangling, state, unwell

# More of them, by hand: LEADBOARD_SEEDS=200
SEEDS = range(int(os.environ.get("LEADBOARD_SEEDS", "12")))
ACTS = 40


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_undone_in_reverse_to_the_first_state(seed, anna, mona, make):
    make.pipeline()
    make.field("Area", "text", record_type="organisation", is_required=True)
    for noun in ("lead", "contact"):
        make.field("Area", "text", record_type=noun)
    for noun in ("lead", "contact", "organisation"):
        make.field("Adviser", "contact", record_type=noun)
        make.field("Agrees", "yes_no", record_type=noun)
    worker = Worker(seed, mona.actor, [make.stage("New").id, make.stage("Won").id], [anna.id, mona.id, None])
    for noun in worker.ids:
        for _ in range(2):
            worker.begin(noun)
    first = state()
    for number in range(ACTS):
        try:
            worker.act()
        except LeadboardError:
            continue
        assert dangling() == {}
        assert number % 10 or unwell() == {}
    assert len(worker.steps) >= 5
    for step in reversed(worker.steps):
        undo_change(step, actor=mona.actor)
        assert dangling() == {}
    assert state() == first
    assert unwell() == {}
