"""Whatever admins do to stages while leads are moved, every rule of the board holds."""

import random

import pytest

from leadboard.db import rows
from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.pipelines import add_stage, order_stages, update_stage
from leadboard.domain.stage_deleting import delete_stage
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotFound, Refused
from leadboard.permissions import SYSTEM
from leadboard.queries.pipelines import pipeline

KINDS = ("open", "open", "open", "won", "lost")
STEPS = 120


class Team:
    """Random changes of stages, rules and leads, with an undo now and then."""

    def __init__(self, seed, pipeline_id, reason_id, leads):
        self.random = random.Random(seed)
        self.board, self.reason, self.leads = pipeline_id, reason_id, leads
        self.done = []
        self.number = 0

    def stages(self):
        return pipeline(self.board).stages

    def step(self):
        work = self.random.choice(
            [self.move, self.move, self.move, self.move, self.change, self.add, self.delete, self.order, self.undo]
        )
        try:
            work()
        except (Refused, Conflict, NotFound):
            return

    def move(self):
        to = self.random.choice(self.stages())
        values = {name: "Text" for name in to.needs if self.random.random() < 0.7}
        moved = move_lead(
            self.random.choice(self.leads), to_stage_id=to.id, actor=SYSTEM, loss=Loss(self.reason), values=values,
            before_id=self.random.choice([None, *self.leads]),
        )  # fmt: skip
        self.done += [moved.change_set_id] if moved.change_set_id else []

    def change(self):
        stage = self.random.choice(self.stages())
        ways = [one.id for one in self.stages() if self.random.random() < 0.7]
        update_stage(
            stage.id, actor=SYSTEM, kind=self.random.choice(KINDS), needs=self.random.sample(["industry", "city", "fields.note"], 1),
            leads_to=ways, name=f"{stage.name[:20]}{self.random.choice('abc')}",
        )  # fmt: skip

    def add(self):
        self.number += 1
        add_stage(self.board, actor=SYSTEM, name=f"S{self.number}", kind=self.random.choice(KINDS), probability=50, tone="blue")

    def delete(self):
        gone, to = self.random.choice(self.stages()), self.random.choice(self.stages())
        self.done.append(delete_stage(gone.id, actor=SYSTEM, move_to=to.id).change_set_id)

    def order(self):
        ids = [stage.id for stage in self.stages()]
        self.random.shuffle(ids)
        order_stages(self.board, ids, actor=SYSTEM)

    def undo(self):
        if self.done:
            undo_change(self.done.pop(self.random.randrange(len(self.done))), actor=SYSTEM)


def check(board, leads):
    stages = pipeline(board).stages
    assert {stage.kind for stage in stages} == {"open", "won", "lost"}
    assert [stage.position for stage in stages] == list(range(len(stages)))
    kinds = {stage.id: stage.kind for stage in stages}
    assert all(set(stage.leads_to) <= set(kinds) for stage in stages)
    found = rows("select id, stage_id, position, pipeline_id, closed_at, lost_reason_id from lead")
    assert {row[0] for row in found} == set(leads)
    assert len({(row[1], row[2]) for row in found}) == len(found)
    for _, stage_id, _, pipeline_id, closed_at, reason in found:
        assert (pipeline_id, stage_id in kinds) == (board, True)
        assert (closed_at is not None) == (kinds[stage_id] != "open")
        assert (reason is not None) == (kinds[stage_id] == "lost")


@pytest.mark.parametrize("seed", range(3))
def test_no_lead_is_lost_and_every_rule_holds(make, seed):
    board = make.pipeline("Sales").id
    make.field("Note")
    leads = [lead.id for lead in make.leads(12)]
    team = Team(seed, board, make.lost_reason().id, leads)
    for _ in range(STEPS):
        team.step()
        check(board, leads)
    assert team.done
