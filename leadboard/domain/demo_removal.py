"""Removing the sample data: leads, contacts and organisations with all that hangs on them, then what they were made for and nothing else uses.

Events stay, as the log is append-only; their values go with the leads.
"""

from leadboard import jobs
from leadboard.db import atomic, execute, one, rows
from leadboard.domain.demo import REMOVE_JOB, Progress
from leadboard.domain.demo_rows import CHANGE_KIND
from leadboard.domain.demo_state import SampleState, forget_state, sample_state
from leadboard.domain.demo_stories import SOURCE_TEXT
from leadboard.domain.erasing import erase_records
from leadboard.errors import N_, Refused
from leadboard.events import EventKind, change
from leadboard.permissions import SYSTEM, Actor, Permission, require
from leadboard.queries.users import user_actor_of

BATCH = 500
# Rows of people that keep a sample colleague from being removed.
_USES = (
    ("lead", "owner_id"), ("contact", "owner_id"), ("organisation", "owner_id"), ("task", "assignee_id"), ("note", "author_id"), ("activity", "author_id"), ("session", "user_id"),
    ("password_link", "user_id"), ("import_run", "user_id"), ("api_token", "user_id"), ("saved_view", "owner_id"),
)  # fmt: skip


def touched_leads(state: SampleState) -> int:
    """How many sample leads people have worked on since: their notes and changes go too."""
    found = one(
        "select count(distinct e.lead_id) from change_set c join event e on e.change_set_id = c.id join lead l on l.id = e.lead_id"
        " where c.id > ? and c.kind <> ? and c.actor_kind in ('user', 'token') and l.external_source = ?",
        (state.after_change_set, CHANGE_KIND, SOURCE_TEXT),
    )
    return int(found[0]) if found else 0


def start_removing(*, actor: Actor) -> None:
    """Remove in the background. Asking twice removes once. Raises NotAllowed, Refused."""
    require(actor, Permission.SETTINGS)
    with atomic():
        state = sample_state()
        if state is None:
            raise Refused(N_("There is no sample data."))
        if state.phase == "removing":
            return
        state.phase = "removing"
        state.save()
        jobs.enqueue(REMOVE_JOB, user_id=actor.id)


def remove_job(user_id: int | None = None) -> None:
    """The job's handler; start_removing has checked the right."""
    if sample_state() is not None:
        remove_sample_data(actor=(user_actor_of(user_id) if user_id is not None else None) or SYSTEM)


def remove_sample_data(*, actor: Actor, progress: Progress | None = None) -> int:
    """Remove exactly what the sample data wrote; how many leads that were. Raises NotAllowed, Refused."""
    require(actor, Permission.SETTINGS)
    with atomic():
        state = sample_state()
        if state is None:
            raise Refused(N_("There is no sample data."))
        state.phase = "removing"
        state.save()
    total, done = state.leads, 0
    while count := _remove_batch():
        done += count
        if progress is not None:
            progress(done, total)
    for record_type in ("contact", "organisation"):
        while _remove_parties(record_type):
            pass
    with change(actor, "demo.remove") as step:
        _remove_pipelines(state.pipelines)
        _remove_users(state.users)
        forget_state()
        step.record(EventKind.SAMPLE_DATA_REMOVED, "setting", 0, leads=done)
    return done


def _remove_batch() -> int:
    with atomic():
        found = [
            row[0]
            for row in rows(
                "select id from lead where external_source = ? and external_id is not null limit ?", (SOURCE_TEXT, BATCH)
            )
        ]
        if not found:
            return 0
        places = ", ".join("?" * len(found))
        execute(f"update import_row set lead_id = null where lead_id in ({places})", found)
        erase_records("lead", found)
        state = sample_state()
        if state is not None:
            state.leads -= len(found)
            state.save()
        return len(found)


def _remove_parties(record_type: str) -> int:
    with atomic():
        found = rows(
            f"select id from {record_type} where external_source = ? and external_id is not null limit ?", (SOURCE_TEXT, BATCH)
        )
        return erase_records(record_type, [row[0] for row in found])


def _remove_pipelines(pipelines: dict[str, list[int]]) -> None:
    """Those with no lead left and the very stages they came with, as long as another one stays."""
    for text, stages in pipelines.items():
        pipeline_id = int(text)
        now = [row[0] for row in rows("select id from stage where pipeline_id = ? order by id", (pipeline_id,))]
        used = one("select 1 from lead where pipeline_id = ? limit 1", (pipeline_id,)) is not None
        others = one("select 1 from pipeline where id <> ? and archived_at is null", (pipeline_id,)) is not None
        if now == stages and not used and others:
            execute("update pipeline set position = -1 where id = ?", (pipeline_id,))  # else the last of a kind would stay
            execute("delete from stage where pipeline_id = ?", (pipeline_id,))
            execute("delete from pipeline where id = ?", (pipeline_id,))


def _remove_users(users: list[int]) -> None:
    """Those who cannot sign in and whom nothing names."""
    for user_id in users:
        if one('select 1 from "user" where id = ? and password_hash is null', (user_id,)) is None:
            continue
        if any(one(f"select 1 from {table} where {column} = ? limit 1", (user_id,)) for table, column in _USES):
            continue
        execute('delete from "user" where id = ?', (user_id,))
