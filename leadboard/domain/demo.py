"""Sample data: a believable team with leads and a past, and its exact removal.

Filling goes on where it stopped: the numbers live in the database and change with each batch, in its transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from leadboard import jobs
from leadboard.db import atomic, database, execute, is_sqlite, now_ms, one, rows
from leadboard.domain.demo_data import LOST_SHARE, PARTNER_STAGES, PARTNERS, SALES, TEAM, WON_SHARE
from leadboard.domain.demo_parties import ask_again, write_parties
from leadboard.domain.demo_rows import newest, skip_news, write_stories
from leadboard.domain.demo_state import SampleState, sample_state
from leadboard.domain.demo_stories import SamplePipeline, SampleStage, Teller, World
from leadboard.domain.lists import NOT_STATED, fill_empty_lists
from leadboard.domain.pipelines import DEFAULT_OPEN_STAGES, add_pipeline
from leadboard.errors import N_, Refused
from leadboard.events import EventKind, change
from leadboard.lib.text import fold
from leadboard.models.pipelines import StageKind
from leadboard.models.users import User
from leadboard.permissions import SYSTEM, Actor, Permission, require
from leadboard.queries.settings import instance
from leadboard.schema import INDEX_SQL

FILL_JOB, REMOVE_JOB = "demo.fill", "demo.remove"
USUAL_LEADS = 200
MAX_LEADS = 5_000_000
BATCH = 2000
# The first leads have people and firms, more notes, calls and values; a million of those would only be more bytes.
RICH_LEADS = 3000
RICH_BATCH = 250
# From here on it pays to make the indexes of leads after the rows instead of with them.
MANY_LEADS = 50_000
FILL_CACHE_KB = 65_536
OWN_SHARE = 20

Progress = Callable[[int, int], None]


def start_filling(*, actor: Actor, leads: int = USUAL_LEADS) -> None:
    """Fill in the background. Raises NotAllowed, Refused when there is sample data already."""
    require(actor, Permission.SETTINGS)
    with atomic():
        if sample_state() is not None:
            raise Refused(N_("There is sample data already. Remove it first."))
        SampleState(wanted=leads, after_change_set=newest("change_set")).save()
        jobs.enqueue(FILL_JOB, max_attempts=2, leads=leads, seed=1, user_id=actor.id)


def is_filling_given_up() -> bool:
    """Whether the background has failed for good. The log says why, and removing makes way for another try."""
    return one("select state from job where kind = ? order by id desc limit 1", (FILL_JOB,)) == ("failed",)


def fill_job(leads: int, seed: int, user_id: int | None = None) -> None:
    """The job's handler: `leads` is the number to end with, so that running it again adds nothing."""
    state = sample_state()
    if state is not None and state.phase == "filling" and state.leads < state.wanted:
        fill_up_to(leads, seed=seed, user_id=user_id)


def add_sample_data(
    leads: int = USUAL_LEADS, seed: int = 1, user_id: int | None = None, *, progress: Progress | None = None
) -> int:
    """Write that many more sample leads; how many there are now. Raises Refused while they are being removed.

    Some of the leads belong to `user_id`. `progress(done, wanted)` is called after each batch.
    """
    state = sample_state()
    if state is not None and state.phase == "removing":
        raise Refused(N_("The sample data is being removed. Try again when that is done."))
    total = (state.leads if state else 0) + leads
    if total > MAX_LEADS:
        raise Refused(N_("At most %(most)d sample leads."), most=MAX_LEADS)
    fill_up_to(total, seed=seed, user_id=user_id, progress=progress)
    return total


def fill_up_to(total: int, *, seed: int, user_id: int | None, progress: Progress | None = None) -> None:
    with change(SYSTEM, "demo.prepare"):
        state = sample_state() or SampleState(after_change_set=newest("change_set"))
        state.phase, state.wanted, state.seed = "filling", max(total, state.leads), seed
        before = newest("event")
        _prepare(state)
        skip_news(before, newest("event"))
        state.save()
    world = make_world(state, user_id)
    started_at = state.leads
    with _quick_inserts(total - started_at):
        while (state := _fill_batch(world, seed)).leads < state.wanted:
            if progress is not None:
                progress(state.leads - started_at, total - started_at)
    with change(SYSTEM, "demo.fill") as step:
        state.phase = "ready"
        state.save()
        step.record(EventKind.SAMPLE_DATA_ADDED, "setting", 0, leads=state.leads - started_at)
    if progress is not None:
        progress(state.leads - started_at, total - started_at)


def _fill_batch(world: World, seed: int) -> SampleState:
    """Write the next leads in one transaction; the state after it."""
    with atomic():
        state = sample_state()
        if state is None or state.phase != "filling":
            raise Refused(N_("The sample data was removed in the meantime."))
        rich = state.leads < RICH_LEADS
        count = min(state.wanted - state.leads, RICH_BATCH if rich else BATCH)
        if count <= 0:
            return state
        first = state.leads + 1
        teller = Teller(world, f"{seed}:{first}")
        stories = [teller.tell(number, rich=rich) for number in range(first, first + count)]
        again = ask_again(stories, world) if rich else {}
        lead_ids = write_stories(stories, rich=rich)
        if rich:
            before = newest("event")
            write_parties(stories, lead_ids, again, world)
            skip_news(before, newest("event"))
        state.leads += count
        state.save()
        return state


@contextmanager
def _quick_inserts(leads: int) -> Iterator[None]:
    """A larger cache for the random places of the index pages, and for many leads no secondary index until the end.

    A process that is killed before the end leaves indexes missing: `db check --repair` and the next start make them.
    """
    names = [name for name, sql in INDEX_SQL.items() if not sql.startswith("create unique")]
    many = leads >= MANY_LEADS
    if is_sqlite():
        (usual,) = one("pragma cache_size") or (0,)
        _set_cache(-FILL_CACHE_KB)
    try:
        if many:
            for name in names:
                drop = f"drop index if exists {name}"
                execute(drop)
        yield
    finally:
        if many:
            for sql in INDEX_SQL.values():
                execute(sql)
        if is_sqlite():
            _set_cache(int(usual))


def _set_cache(size: int) -> None:
    pragma = f"pragma cache_size = {size}"
    database.execute_sql(pragma)


# ---------------------------------------------------------------------------------------------- what leads need


def _prepare(state: SampleState) -> None:
    """Make the team and the second pipeline, and what every instance begins with where the set-up has not yet done so."""
    for name, role, _ in TEAM:
        email = f"{fold(name).replace(' ', '.').replace('’', '')}@team.leadboard.example"
        if one('select 1 from "user" where email_key = ?', (email,)) is None:
            made = User.create(name=name, email=email, email_key=email, role=role)
            state.users.append(int(made.id))
    if one("select 1 from pipeline where archived_at is null limit 1") is None:
        add_pipeline(name="Sales", open_stages=DEFAULT_OPEN_STAGES, actor=SYSTEM)
    if one("select 1 from pipeline where name = 'Partners'") is None:
        made_id = add_pipeline(name="Partners", open_stages=PARTNER_STAGES, won="Signed", lost="Declined", actor=SYSTEM)
        state.pipelines[str(made_id)] = [
            row[0] for row in rows("select id from stage where pipeline_id = ? order by id", (made_id,))
        ]
    fill_empty_lists(actor=SYSTEM)


def make_world(state: SampleState, user_id: int | None, *, now: int | None = None) -> World:
    """What the stories need to know of this instance."""
    settings = instance()
    moment = datetime.fromtimestamp((now if now is not None else now_ms()) / 1000, UTC).astimezone(ZoneInfo(settings.time_zone))
    offset = moment.utcoffset()
    assert offset is not None
    names = dict(rows('select id, name from "user" where is_active'))
    share_of = {name: share for name, _, share in TEAM}
    owners: list[tuple[int | None, str, int]] = [
        (found, name, share_of[name])
        for found, name in names.items()
        if share_of.get(name) and (found in state.users or not state.users)
    ]
    owners.append((None, "", 7))
    if user_id in names:
        owners.append((user_id, names[user_id], OWN_SHARE))
    pipelines = rows("select id, name from pipeline where archived_at is null order by position, id")
    first = next((row[0] for row in pipelines if row[1] != "Partners"), pipelines[0][0])
    partners = next((row[0] for row in pipelines if row[1] == "Partners"), None)
    chosen = [_pipeline(first, SALES), *([_pipeline(partners, PARTNERS)] if partners not in {None, first} else [])]
    return World(
        instance=settings, now=round(moment.timestamp() * 1000), today=moment.date(), zone_ms=round(offset.total_seconds() * 1000),
        owners=tuple(owners), pipelines=tuple(chosen),
        sources=_falling(rows("select id from source where archived_at is null order by position, id")),
        lost_reasons=_falling(rows("select id from lost_reason where archived_at is null and name <> ? order by position, id", (NOT_STATED,))),
    )  # fmt: skip


def _falling(found: list[tuple[int, ...]]) -> tuple[tuple[int, int], ...]:
    """Each with a weight, the first ones the heaviest."""
    return tuple((row[0], max(2, 12 - 2 * place)) for place, row in enumerate(found))


def _pipeline(pipeline_id: int, profile: tuple[int, int, tuple[tuple[int, int], ...]]) -> SamplePipeline:
    share, value, spread = profile
    stages: list[SampleStage] = []
    place = 0
    kinds: set[str] = set()
    for stage_id, kind in rows("select id, kind from stage where pipeline_id = ? order by position, id", (pipeline_id,)):
        if kind == StageKind.OPEN:
            days, part = spread[min(place, len(spread) - 1)]
            place += 1
        else:
            days, part = 0, 0 if kind in kinds else WON_SHARE if kind == StageKind.WON else LOST_SHARE
        kinds.add(kind)
        stages.append(SampleStage(stage_id, kind, days, part))
    return SamplePipeline(pipeline_id, share, value, tuple(stages))
