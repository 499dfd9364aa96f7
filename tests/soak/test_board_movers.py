"""Twenty signed-in people drag two hundred cards of one board, through the endpoint and the server that people use."""

import http.cookiejar
import json
import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from email.message import Message
from typing import NamedTuple

import pytest

from leadboard.db import forget_connection, rows
from leadboard.domain.passwords import hash_password
from leadboard.testing.html import read_html
from tests.support.processes import serving

MOVERS, CARDS = 20, 200
PASSWORD = "correct horse battery"
SOAK_S = 20
SHORT_MOVES = 5  # a person, in the suite
DEADLINE_S = 60
TOKEN = re.compile(r'name="csrf[-_]token" (?:content|value)="([^"]+)"')

COLUMN = re.compile(r'<hx-partial hx-target="#s(\d+)b"[^>]*>(.*?)</hx-partial>', re.DOTALL)
CARD = re.compile(r'id="l(\d+)" data-v="(\d+)"')


class Answer(NamedTuple):
    status: int
    text: str
    headers: Message

    @property
    def triggers(self):
        return json.loads(self.headers.get("HX-Trigger", "{}"))


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Mover:
    """One person's browser: it draws the whole board again now and then, and drags cards of what it saw then.

    Every second one asks as a program does, for JSON; the others as the board's own script.
    """

    def __init__(self, number, url, board, stages, ids):
        self.random = random.Random(number)
        self.url, self.board, self.stages, self.ids = url, board, stages, ids
        self.email, self.as_program = f"mover{number}@team.example", number % 2 == 1
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), Stay)
        self.token = ""
        self.columns = {}
        self.statuses = Counter()
        self.changed = self.unchanged = 0
        self.failed = []

    def run(self, until, moves):
        try:
            while self.statuses.total() < moves and time.monotonic() < until:
                if not self.columns or self.random.random() < 0.2:
                    self.look()
                self.move()
        except Exception as error:
            self.failed.append(f"{self.email}: {error!r}")

    def sign_in(self):
        self.read_token("/login")
        assert self.send("/login", {"email": self.email, "password": PASSWORD}).status == 303
        self.read_token("/account")

    def read_token(self, path):
        found = TOKEN.search(self.send(path).text)
        assert found is not None, f"no token on {path}"
        self.token = found[1]

    def look(self):
        """Every card of every column, as the board draws them: none missing, none twice, whatever others do meanwhile."""
        self.columns = columns_of(self)
        seen = [card for cards in self.columns.values() for card, _ in cards]
        assert sorted(seen) == self.ids, f"{len(seen)} cards, {len(set(seen))} different ones"

    def move(self):
        from_stage = self.random.choice([stage for stage, cards in self.columns.items() if cards])
        lead_id, version = self.random.choice(self.columns[from_stage])
        to = self.random.choice(list(self.columns))
        fields = {"board": self.board, "stage_id": to, "version": version}
        if (neighbours := self.columns[to]) and (side := self.random.choice(["before_id", "after_id", ""])):
            fields[side] = self.random.choice(neighbours)[0]
        answer = self.send(f"/leads/{lead_id}/move", fields, as_program=self.as_program)
        self.statuses[answer.status] += 1
        if answer.status == 409:
            place = json.loads(answer.text)["error"]["place"] if self.as_program else answer.triggers["move-refused"]
            assert place["lead"] == lead_id and place["stage_id"] in self.columns and place["version"] > version, place
            self.columns = {}
            return
        assert 200 <= answer.status < 300, f"{answer.status} {answer.text[:200]} {answer.headers.get('HX-Trigger')}"
        told = json.loads(answer.text)["undo"] if self.as_program else answer.triggers["toast"].get("undo")
        self.changed += told is not None
        self.unchanged += told is None

    def send(self, path, fields=None, *, as_program=False, **headers):
        data = None if fields is None else urllib.parse.urlencode({**fields, "csrf_token": self.token}).encode()
        if as_program:
            headers = {"Accept": "application/json"}
        elif path.startswith(("/board/", "/leads/")):
            headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": f"{self.url}/", **headers}
        request = urllib.request.Request(self.url + path, data, headers)
        try:
            with self.opener.open(request, timeout=DEADLINE_S) as answer:
                return Answer(answer.status, answer.read().decode(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), error.headers)


def columns_of(browser):
    """{stage: [(card, version)]} of all columns, as one answer of the board tells them."""
    loaded = {"X-Board-Loaded": ",".join(f"{stage}:{CARDS}" for stage in browser.stages)}
    answer = browser.send(f"/board/{browser.board}/columns?stages={','.join(map(str, browser.stages))}", **loaded)
    assert answer.status == 200, answer.status
    # By pattern, not by the tests' reader: twenty people look all the time, and it is the server that shall sweat.
    found = {
        int(stage): [(int(card), int(version)) for card, version in CARD.findall(text)]
        for stage, text in COLUMN.findall(answer.text)
    }
    assert list(found) == browser.stages
    return found


def pages_of(browser):
    """The same as a person reads it: the board's page, and "more" under each column to its end."""
    found = {}
    for column in read_html(browser.send(f"/board/{browser.board}", **{"HX-Request-Type": "full"}).text).all("section.stage"):
        cards, part = [], column
        while True:
            cards += [(int(card.attrs["id"][1:]), int(card.attrs["data-v"])) for card in part.all("li.lc")]
            if not (more := part.all("li.more a")):
                break
            part = read_html(browser.send(more[0].attrs["href"]).text)
        found[int(column.attrs["data-stage"])] = cards
    return found


def move_cards(make, settings, engine, *, seconds, moves):
    board = make.pipeline().id
    stages = [row[0] for row in rows("select id from stage where pipeline_id = ? and kind = 'open' order by position", (board,))]
    ids = sorted(lead.id for lead in make.leads(CARDS))
    kept = hash_password(PASSWORD)
    for number in range(MOVERS):
        make.user(email=f"mover{number}@team.example", password_hash=kept)
    already = count_of_moves()
    forget_connection()
    given = {"LEADBOARD_SECRET_KEY": settings.secret_key, "LEADBOARD_DATABASE_URL": settings.database_url}
    with serving(settings.instance, **given) as server:
        movers = [Mover(number, server.url, board, stages, ids) for number in range(MOVERS)]
        for mover in movers:
            # One after the other: twenty unanswered tries from one address look like guessing.
            mover.sign_in()
        until = time.monotonic() + seconds
        threads = [threading.Thread(target=mover.run, args=(until, moves)) for mover in movers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(seconds + DEADLINE_S)
            assert not thread.is_alive()
        assert [error for mover in movers for error in mover.failed] == []
        statuses = sum((mover.statuses for mover in movers), Counter())
        changed, unchanged = sum(mover.changed for mover in movers), sum(mover.unchanged for mover in movers)
        check(movers[0], ids)
    written = count_of_moves() - already
    print(f"{engine}: {statuses.total()} answers {dict(statuses)}: {changed} moved, {unchanged} stayed; {written} events")
    assert set(statuses) <= {200, 204, 409}
    assert written == changed > MOVERS


def check(browser, ids):
    """The board as it is drawn is the table, in an order that leaves nothing open."""
    found = rows("select id, stage_id, position, version from lead order by stage_id, position")
    assert sorted(row[0] for row in found) == ids
    assert len({(stage, position) for _, stage, position, _ in found}) == CARDS
    table = {}
    for lead_id, stage, _, version in found:
        table.setdefault(stage, []).append((lead_id, version))
    assert {stage: cards for stage, cards in columns_of(browser).items() if cards} == table
    assert {stage: cards for stage, cards in pages_of(browser).items() if cards} == table


def count_of_moves():
    return rows("select count(*) from event where kind = 'lead_moved'")[0][0]


def test_twenty_people_move_two_hundred_cards_of_one_board(make, settings, engine):
    move_cards(make, settings, engine, seconds=DEADLINE_S, moves=SHORT_MOVES)


@pytest.mark.soak
@pytest.mark.both_engines
def test_twenty_people_move_two_hundred_cards_of_one_board_for_twenty_seconds(make, settings, engine):
    move_cards(make, settings, engine, seconds=SOAK_S, moves=10**6)
