"""One sample lead after another: who it is, where it stands, and how it came there.

Pure: everything follows from the world (ids of this instance, the time) and a seeded random generator. Written for a
million leads: tables prepared once, no call per field.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from math import exp
from random import Random
from statistics import NormalDist
from typing import Any, TypeVar

from leadboard.domain.demo_data import (
    COMPETITORS,
    COUNTRIES,
    JOB_TITLES,
    PRICE_LEVEL,
    STEMS,
    TERRITORIES,
    TRADES,
    Country,
)
from leadboard.domain.demo_texts import CALLS, LONG_NOTES, MONTHS, PRODUCTS, SHORT_NOTES, TASKS
from leadboard.domain.lead_rows import blank_row
from leadboard.lib.money import minor_digits
from leadboard.lib.text import fold, sort_key
from leadboard.queries.settings import Instance

T = TypeVar("T")

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
PAST_DAYS = 548
# Nothing of a story is younger than this, so that what people do next comes after it.
REST_MS = 5 * MINUTE_MS
EPOCH = date(1970, 1, 1)
# How far other days lie from the usual number, as factors: most near 1, a few far above.
SPREAD = [exp(NormalDist(0, 0.8).inv_cdf((place + 0.5) / 2048)) for place in range(2048)]
SOURCE_TEXT = "sample"
TOUCHING = {"created", "note", "call", "done"}


def weighted(pairs: Sequence[tuple[T, int]]) -> list[T]:
    """Each item as often as its weight: one draw picks."""
    return [item for item, weight in pairs for _ in range(weight)]


@dataclass(frozen=True)
class SampleStage:
    id: int
    kind: str
    usual_days: int
    share: int


@dataclass(frozen=True)
class SamplePipeline:
    id: int
    share: int
    usual_value: int
    stages: tuple[SampleStage, ...]


@dataclass(frozen=True)
class World:
    """What stories are set in: this instance, its people and its lists by id, and what time it is."""

    instance: Instance
    now: int
    today: date
    zone_ms: int
    owners: tuple[tuple[int | None, str, int], ...]  # id, name, share
    sources: tuple[tuple[int, int], ...]
    lost_reasons: tuple[tuple[int, int], ...]
    pipelines: tuple[SamplePipeline, ...]

    @cached_property
    def owner_table(self) -> list[tuple[int | None, str]]:
        return weighted([((owner, name), share) for owner, name, share in self.owners])

    @cached_property
    def source_table(self) -> list[int]:
        return weighted(self.sources)

    @cached_property
    def lost_table(self) -> list[int]:
        return weighted(self.lost_reasons)

    @cached_property
    def outcome_table(self) -> list[tuple[SamplePipeline, int]]:
        """(pipeline, index of the stage that the lead stands in)."""
        return [
            (pipeline, index)
            for pipeline in self.pipelines
            for index in weighted([(i, stage.share) for i, stage in enumerate(pipeline.stages)])
            for _ in range(max(1, pipeline.share // 4))
        ]

    @cached_property
    def won_stages(self) -> frozenset[int]:
        return frozenset(stage.id for pipeline in self.pipelines for stage in pipeline.stages if stage.kind == "won")

    @cached_property
    def country_table(self) -> list[Country]:
        """Half of the leads are from home when home is a country we know."""
        pairs = [(country, country.weight) for country in COUNTRIES]
        home = [(country, 90) for country in COUNTRIES if country.code == self.instance.country]
        return weighted([*pairs, *home])


@dataclass(slots=True)
class Item:
    """One thing that happened: created, moved, snoozed, note, call, task, or done (a task, which is its data)."""

    at: int
    what: str
    who: int | None
    data: tuple[Any, ...] = ()


@dataclass(slots=True)
class Story:
    """A lead's row without its position, and what happened to it in order."""

    row: dict[str, Any]
    items: list[Item] = field(default_factory=list)


class Teller:
    """Tells stories, each different, the same ones for the same seed."""

    def __init__(self, world: World, seed: str) -> None:
        self.world = world
        self.random: Callable[[], float] = Random(seed).random
        self.language = world.instance.language
        self.currency = world.instance.currency
        self.minor = 10 ** minor_digits(self.currency)
        self.price_level = PRICE_LEVEL.get(self.currency, 1)
        self._base = blank_row()

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def days(self, usual: float) -> float:
        return usual * SPREAD[int(self.random() * 2048)]

    def iso(self, days_from_today: int) -> str:
        return (self.world.today + timedelta(days=days_from_today)).isoformat()

    def at_work(self, at: float) -> int:
        """The same day, a Friday instead of a weekend, at some time between 8 and 18."""
        day = int(at + self.world.zone_ms) // DAY_MS
        weekday = (day + 3) % 7
        if weekday > 4:
            day -= weekday - 4
        return day * DAY_MS + 8 * HOUR_MS + int(self.random() * 10 * HOUR_MS) - self.world.zone_ms

    # ------------------------------------------------------------------------------------------ the lead

    def tell(self, number: int, *, rich: bool) -> Story:
        """The lead with this number; a rich one has more of a past."""
        pipeline, index = self.pick(self.world.outcome_table)
        owner, owner_name = self.pick(self.world.owner_table)
        row = self._base.copy()
        row.update(
            pipeline_id=pipeline.id, owner_id=owner, external_source=SOURCE_TEXT, external_id=str(number),
            source_id=self.pick(self.world.source_table) if self.random() < 0.9 else None,
        )  # fmt: skip
        given = self._person(row)
        story = Story(row)
        self._path(story, pipeline, index, owner)
        self._value(row, pipeline, index)
        words = {
            "person": given, "org": row["organisation_name"] or given, "city": row["city"], "colleague": owner_name or "a colleague",
            "n": int(3 + self.random() * 38), "month": self.pick(MONTHS), "product": "", "amount": self._amount_text(row),
        }  # fmt: skip
        self._title(row, words)
        self._past(story, words, owner, rich=rich)
        self._order(story)
        return story

    def _person(self, row: dict[str, Any]) -> str:
        """Fill who and where; the given name."""
        random, pick = self.random, self.pick
        country = pick(self.world.country_table)
        given = pick(country.women if random() < 0.5 else country.men)
        family = pick(country.families)
        city, postal_code = pick(country.cities)
        trade, industry, employees = pick(TRADES)
        stem = pick(STEMS) if random() < 0.75 else family
        organisation = f"{stem} {trade} {pick(country.forms)}"
        domain = f"{fold(stem).replace(' ', '')}-{trade.lower()}.example"
        address = f"{fold(given)}.{fold(family).replace(' ', '')}@{domain}"
        row.update(
            given_name=given, family_name=family, person_name=f"{given} {family}", organisation_name=organisation,
            organisation_key=sort_key(organisation, self.language), city=city, postal_code=postal_code, country=country.code,
            industry=industry, territory=TERRITORIES[country.code], employees=int(employees * (0.3 + 1.6 * random())),
        )  # fmt: skip
        if random() < 0.88:
            row["email"] = row["email_key"] = address
        if random() < 0.82:
            phone = pick(country.phones)
            start = phone.index("x")
            digits = len(phone) - start
            phone = f"{phone[:start]}{int(random() * 10**digits):0{digits}d}"
            e164 = phone.replace(" ", "")
            row.update(phone=phone, phone_e164=e164, phone_reversed=e164[:0:-1])
        if random() < 0.7:
            row["job_title"] = pick(JOB_TITLES)
        if random() < 0.5:
            row["website"] = f"https://www.{domain}"
        return given

    def _title(self, row: dict[str, Any], words: dict[str, Any]) -> None:
        """Mostly the person, as it is when nobody types a title."""
        draw = self.random()
        if draw < 0.14:
            product = self.pick(PRODUCTS).format(**words)
            row["title"] = f"{product[0].upper()}{product[1:]}, {row['organisation_name']}"[:200]
        elif draw < 0.22:
            row.update(title=row["organisation_name"], person_name="", given_name="", family_name="", job_title="")
        else:
            row["title"] = row["person_name"]
        row["title_key"] = sort_key(row["title"], self.language)

    def _value(self, row: dict[str, Any], pipeline: SamplePipeline, index: int) -> None:
        random = self.random
        if random() < (0.25 if index == 0 else 0.04):
            return
        amount = pipeline.usual_value * self.price_level * SPREAD[int(random() * 2048)]
        step = 10 ** max(1, len(str(int(amount))) - 2)
        row["value_amount"] = max(step, round(amount / step) * step) * self.minor
        row["value_currency"] = self.currency
        warmth = random() + index * 0.12
        row["interest"] = "hot" if warmth > 1.1 else "warm" if warmth > 0.6 else "cold" if warmth > 0.3 else ""
        row["qualification"] = ("suspect", "prospect", "mql", "sql")[min(3, int(index * 0.8 + random()))]
        if random() < 0.06:
            row["probability"] = 5 * int(1 + random() * 18)

    def _amount_text(self, row: dict[str, Any]) -> str:
        amount = (row["value_amount"] or 5000 * self.minor) // self.minor
        return f"{amount:,} {self.currency}"

    # ------------------------------------------------------------------------------------------ the past

    def _path(self, story: Story, pipeline: SamplePipeline, index: int, owner: int | None) -> None:
        """The stages it went through, from now backwards; fills stage, closed, lost, snoozed."""
        random, row, now = self.random, story.row, self.world.now
        stage = pipeline.stages[index]
        opens = [candidate for candidate in pipeline.stages if candidate.kind == "open"]
        if stage.kind == "open":
            way = opens[: opens.index(stage)]
            age = self.days(stage.usual_days * 1.2)
        else:
            way = opens if stage.kind == "won" else opens[: 1 + int(random() * len(opens))]
            age = 1 + (PAST_DAYS - 30) * random() ** 1.6
        # Now and then somebody skips a stage.
        way = [step for step in way if len(way) < 3 or step is way[0] or random() > 0.12]
        stays = [self.days(step.usual_days) for step in way]
        age = min(age, PAST_DAYS - 20.0)
        if (total := sum(stays)) > PAST_DAYS - age:
            stays = [stay * (PAST_DAYS - age) / total for stay in stays]
        at = now - (age + sum(stays)) * DAY_MS
        times: list[int] = []
        for stay in [*stays, 0.0]:
            times.append(min(max(self.at_work(at), times[-1] + 20 * MINUTE_MS if times else 0), now - REST_MS - HOUR_MS))
            at += stay * DAY_MS
        steps = [*way, stage]
        story.items.append(Item(times[0], "created", owner, (steps[0].id,)))
        for before, after, time in zip(steps, steps[1:], times[1:], strict=False):
            story.items.append(Item(time, "moved", owner, (before.id, after.id)))
        row.update(stage_id=stage.id, created_at=times[0], stage_entered_at=times[-1], version=len(steps))
        self._end(story, stage, len(way), times[-1])

    def _end(self, story: Story, stage: SampleStage, depth: int, at: int) -> None:
        random, row = self.random, story.row
        if stage.kind == "open":
            if depth >= 2 or random() < 0.15:
                row["expected_close_on"] = self.iso(int(-10 + random() * 90))
            if random() < 0.04:
                row["snoozed_until"] = self.iso(int(5 + random() * 100))
                row["version"] += 1
                story.items.append(
                    Item(min(at + 2 * DAY_MS, self.world.now - REST_MS), "snoozed", row["owner_id"], (row["snoozed_until"],))
                )
            return
        row["closed_at"] = at
        row["expected_close_on"] = (EPOCH + timedelta(days=at // DAY_MS + int(random() * 20 - 8))).isoformat()
        if stage.kind == "lost" and self.world.lost_table:
            row["lost_reason_id"] = self.pick(self.world.lost_table)
            if random() < 0.3:
                row["lost_to"] = self.pick(COMPETITORS)

    def _past(self, story: Story, words: dict[str, Any], owner: int | None, *, rich: bool) -> None:
        """Notes, calls and next steps between the creation and the end."""
        random, row, now = self.random, story.row, self.world.now
        start = row["created_at"]
        end = row["closed_at"] or now - REST_MS
        many = 1 + row["version"]

        def some_time() -> int:
            return min(max(self.at_work(start + random() * (end - start)), start + 10 * MINUTE_MS), end)

        for _ in range(int(random() * many) if rich else random() < 0.3):
            text = self.pick(LONG_NOTES if random() < (0.3 if rich else 0.05) else SHORT_NOTES)
            story.items.append(Item(some_time(), "note", owner, (text.format(**words), rich and random() < 0.08)))
        for _ in range(int(random() * many * 0.8) if rich else random() < 0.25):
            outcome, text = self.pick(CALLS)
            seconds = int(30 + random() ** 2 * 1500) if outcome == "reached" else None
            direction = "incoming" if outcome == "reached" and random() < 0.3 else "outgoing"
            story.items.append(Item(some_time(), "call", owner, (direction, outcome, text.format(**words), seconds)))
        for _ in range(int(random() * many * 0.6) if rich else random() < 0.1):
            planned, done = sorted((some_time(), some_time()))
            due = (EPOCH + timedelta(days=done // DAY_MS)).isoformat()
            task = Item(planned, "task", owner, (self.pick(TASKS).format(**words), due, done))
            story.items += (task, Item(done, "done", owner, (task,)))
        if row["closed_at"] is None and row["snoozed_until"] is None and random() < 0.72:
            story.items.append(Item(some_time(), "task", owner, (self.pick(TASKS).format(**words), self._due(), None)))

    def _due(self) -> str | None:
        """The day of an open next step: some late, some today, most in the next weeks, on working days."""
        draw = self.random()
        if draw < 0.05:
            return None
        days = 0 if draw < 0.2 else -int(1 + 12 * self.random() ** 2) if draw < 0.36 else int(1 + 24 * self.random() ** 1.5)
        weekday = (self.world.today + timedelta(days=days)).weekday()
        if days and weekday > 4:
            days += 7 - weekday if days > 0 else 4 - weekday
        return self.iso(days)

    def _order(self, story: Story) -> None:
        """Put what happened in order, and fill what follows from it."""
        row, items = story.row, story.items
        items.sort(key=lambda item: item.at)
        row["last_touch_at"] = max(item.at for item in items if item.what in TOUCHING)
        row["updated_at"] = items[-1].at
