"""Many people at the same cards at once: nothing is lost, doubled or out of order."""

import json
import random
import threading
import time

import pytest

from leadboard.db import forget_connection, rows
from leadboard.domain.moves import move_lead
from leadboard.domain.positions import PARKING
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotFound, Refused
from leadboard.models import Stage
from leadboard.permissions import user_actor

MOVERS = 20
LEADS = 200


class Mover:
    """One person who drags cards of what they saw a moment ago, and takes a move back now and then."""

    def __init__(self, number, user_id, stages, until):
        self.random = random.Random(number)
        self.actor = user_actor(user_id, f"Mover {number}", "member", member_visibility="all")
        self.stages, self.until = stages, until
        self.done = self.refused = 0
        self.failed: list[Exception] = []

    def run(self):
        try:
            while time.monotonic() < self.until:
                self.step()
        except Exception as error:
            self.failed.append(error)
        finally:
            forget_connection()

    def step(self):
        lead_id, version = self.random.choice(rows("select id, version from lead"))
        to = self.random.choice(self.stages)
        seen = [row[0] for row in rows("select id from lead where stage_id = ? order by position", (to,))]
        where = self.random.choice(["before_id", "after_id", None])
        neighbour = {where: self.random.choice(seen)} if seen and where else {}
        try:
            moved = move_lead(lead_id, to_stage_id=to, version=version, actor=self.actor, **neighbour)
            self.done += moved.change_set_id is not None
            if moved.change_set_id is not None and self.random.random() < 0.2:
                undo_change(moved.change_set_id, actor=self.actor)
                self.done += 1
        except (Conflict, Refused, NotFound):
            self.refused += 1


def move_for(seconds, make):
    leads = make.leads(LEADS)
    stages = [stage.id for stage in Stage.select().where(Stage.kind != "lost")]
    users = [make.user(email=f"mover{number}@team.example").id for number in range(MOVERS)]
    movers = [Mover(number, user_id, stages, time.monotonic() + seconds) for number, user_id in enumerate(users)]
    threads = [threading.Thread(target=mover.run) for mover in movers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
        assert not thread.is_alive()
    assert [error for mover in movers for error in mover.failed] == []
    check_cards({lead.id for lead in leads}, stages, sum(mover.done for mover in movers))


def check_cards(ids, stages, done):
    """The table is what the log tells: the same cards, each where its last event put it, with as many events as moves."""
    found = rows("select id, stage_id, position, version from lead")
    assert {row[0] for row in found} == ids
    assert len({(stage_id, position) for _, stage_id, position, _ in found}) == len(ids) == len(found)
    assert {row[1] for row in found} <= set(stages)
    assert all(abs(row[2]) < PARKING for row in found), "a card was left parked"
    told = {}
    moves = 0
    for lead_id, kind, data in rows("select lead_id, kind, data from event where record_type = 'lead' order by id"):
        event = json.loads(data)
        if kind == "lead_moved":
            moves += 1
            assert event["from_stage"] == told[lead_id][0], "two movers moved the card away from one stage"
        told[lead_id] = (event["stage"], event["version"])
    assert moves == done > MOVERS
    assert {row[0]: (row[1], row[3]) for row in found} == told


def test_twenty_movers_lose_and_double_no_card(make):
    move_for(2, make)


@pytest.mark.soak
@pytest.mark.both_engines
def test_twenty_movers_lose_and_double_no_card_in_twenty_seconds(make):
    move_for(20, make)
