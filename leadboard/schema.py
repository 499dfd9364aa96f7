"""Brings the database to the schema of this code, and says when it cannot.

Migrations run one process at a time, each in its own transaction, never inside an open one: on SQLite a table
rebuild inside a transaction cascades over the rows that point to it. Triggers and partial indexes are made again
after every run from one list, because a rebuild drops them.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from peewee import DatabaseError, InterfaceError, OperationalError
from playhouse.migrations import Runner

from leadboard import paths
from leadboard.config import Settings
from leadboard.db import atomic, database, execute, forget_connection, in_transaction, is_sqlite, one, rows
from leadboard.errors import N_, DatabaseProblem
from leadboard.models.leads import LEAD_INDEXES
from leadboard.models.parties import HANGING_INDEXES, PARTY_INDEXES
from leadboard.models.record_fields import ENTRY_TYPES, RECORD_TYPES

log = logging.getLogger("leadboard.schema")

HISTORY = "schema_migration"
MIGRATION_LOCK = 5_318_008_402
APPEND_ONLY = ("event",)
APPEND_ONLY_FUNCTION = (
    "create or replace function leadboard_append_only() returns trigger language plpgsql as "
    "$$ begin raise exception '% is append-only', tg_table_name; end $$"
)
# Of each kind a pipeline keeps a stage, whoever writes. One that is taken apart as a whole is at position -1 first.
STAGE_RULE = (
    "exists (select 1 from pipeline where id = old.pipeline_id and position <> -1)"
    " and not exists (select 1 from stage where pipeline_id = old.pipeline_id and kind = old.kind and id <> old.id)"
)
STAGE_MESSAGE = "a pipeline keeps a stage of each kind"
STAGE_FUNCTION = (
    "create or replace function leadboard_keep_stages() returns trigger language plpgsql as $$ begin"
    # Two that delete at once wait for one another here.
    " perform 1 from pipeline where id = old.pipeline_id for update;"
    f" if {STAGE_RULE} then raise exception '{STAGE_MESSAGE}'; end if;"
    " if tg_op = 'DELETE' then return old; end if; return new; end $$"
)
INDEXES = [*LEAD_INDEXES, *PARTY_INDEXES, *HANGING_INDEXES]
INDEX_SQL = {index.sql.split(" if not exists ")[1].split()[0]: index.sql for index in INDEXES}


def upgrade(settings: Settings, *, before: Callable[[], None] | None = None) -> list[str]:
    """Apply what is pending and return its names. `before` runs first when a filled database is about to change.

    Raises DatabaseProblem when the database is newer than this code.
    """
    if in_transaction():
        raise RuntimeError("migrations inside a transaction lose rows on SQLite")
    with _lock(settings):
        pending = check(settings)
        if not pending and has_triggers():
            # A load of many rows that was killed may have left some out.
            for name in missing_indexes():
                execute(INDEX_SQL[name])
            return []
        if before is not None and pending and applied():
            before()
        names = _migrate()
        if is_sqlite() and (broken := rows("pragma foreign_key_check")):
            raise DatabaseProblem(
                N_("After the upgrade %(count)d rows point to nothing. Restore the backup that was just made."), count=len(broken)
            )
        log.info("schema upgraded: %s", ", ".join(names))
        return names


def _migrate() -> list[str]:
    """Run what is pending between taking the triggers away and making them again: a migration may have to touch the log."""
    _run(without_triggers())
    try:
        names: list[str] = Runner(database.obj, str(paths.MIGRATIONS), table_name=HISTORY).up()
    except BaseException:
        _run(triggers())
        raise
    _run([*repeatable(), *triggers()])
    return names


def _run(statements: list[str]) -> None:
    for statement in statements:
        execute(statement)


def check(settings: Settings) -> list[str]:
    """The names of pending migrations. Raises DatabaseProblem when the database knows migrations that this code does not."""
    try:
        done = applied()
    except (DatabaseError, InterfaceError) as error:
        raise unusable(settings, error) from error
    known = [path.stem for path in sorted(paths.MIGRATIONS.glob("[0-9]*.py"))]
    if newer := sorted(done - set(known)):
        raise DatabaseProblem(
            N_(
                "This database was written by a newer Leadboard (it has %(name)s). Install that version, or restore an older backup."
            ),
            name=newer[-1],
        )
    return [name for name in known if name not in done]


def check_writable(settings: Settings) -> None:
    """Raise DatabaseProblem when the database cannot be written: better at start than at the first click."""
    try:
        with atomic():
            pass
    except OperationalError as error:
        raise unusable(settings, error) from error


def applied() -> set[str]:
    """The names of the migrations that this database has had; empty for a new one."""
    if HISTORY not in database.get_tables():
        return set()
    return {name for (name,) in rows(f"select name from {HISTORY}")}  # noqa: S608 - a constant


def unusable(settings: Settings, error: Exception) -> DatabaseProblem:
    """The cause and the way out, in words, of a database that cannot be opened."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    where = settings.sqlite_path or settings.database_url.rsplit("@", 1)[-1]
    if "readonly" in text or "read-only" in text:
        hint = "The file or its folder is read-only for this user: give it write access."
    elif "locked" in text:
        hint = "Another program holds it: stop that program, then try again."
    elif "malformed" in text or "not a database" in text:
        hint = "The file is damaged: restore a backup with leadboard restore."
    elif "unable to open" in text:
        hint = "The folder does not exist or may not be entered by this user."
    elif settings.sqlite_path is None:
        hint = "Check LEADBOARD_DATABASE_URL and that PostgreSQL runs and lets this user in."
    else:
        hint = "Check the disk and the rights of the folder."
    return DatabaseProblem(N_("The database %(where)s cannot be used: %(text)s. %(hint)s"), where=where, text=text, hint=hint)


def has_triggers() -> bool:
    """False in the middle of an upgrade, also of one that was killed: triggers are the last thing it makes."""
    names = "select name from sqlite_master where type = 'trigger'" if is_sqlite() else "select tgname from pg_trigger"
    found = {name for (name,) in rows(names)}
    return all(name in found for table in APPEND_ONLY for name in _trigger_names(table))


def _trigger_names(table: str) -> list[str]:
    return [f"{table}_no_update", f"{table}_no_delete"] if is_sqlite() else [f"{table}_append_only"]


def without_triggers() -> list[str]:
    """Statements that take the triggers away from those tables that are there."""
    existing = set(database.get_tables())
    named = [(table, name) for table in APPEND_ONLY for name in _trigger_names(table)]
    named += [("stage", "stage_keep_delete"), ("stage", "stage_keep_kind")]
    return [f"drop trigger if exists {name}{'' if is_sqlite() else f' on {table}'}" for table, name in named if table in existing]


def triggers() -> list[str]:
    """Statements that make the triggers of those tables that are there; safe to run again."""
    statements = without_triggers()
    for table in set(APPEND_ONLY) & set(database.get_tables()):
        if is_sqlite():
            statements += [
                f"create trigger {table}_no_{verb} before {verb} on {table} begin select raise(abort, '{table} is append-only'); end"
                for verb in ("update", "delete")
            ]
        else:
            statements += [
                APPEND_ONLY_FUNCTION,
                f"create trigger {table}_append_only before update or delete on {table} for each row execute function leadboard_append_only()",
            ]
    if "stage" in database.get_tables():
        statements += _stage_triggers()
    return statements


def _stage_triggers() -> list[str]:
    verbs = {"stage_keep_delete": "delete", "stage_keep_kind": "update of kind, pipeline_id"}
    if is_sqlite():
        changed = {
            "stage_keep_delete": "",
            "stage_keep_kind": "(old.kind <> new.kind or old.pipeline_id <> new.pipeline_id) and ",
        }
        return [
            f"create trigger {name} before {verb} on stage when {changed[name]}{STAGE_RULE}"
            f" begin select raise(abort, '{STAGE_MESSAGE}'); end"
            for name, verb in verbs.items()
        ]
    changed = {
        "stage_keep_delete": "",
        "stage_keep_kind": " when (old.kind <> new.kind or old.pipeline_id <> new.pipeline_id)",
    }
    return [
        STAGE_FUNCTION,
        *(
            f"create trigger {name} before {verb} on stage for each row{changed[name]} execute function leadboard_keep_stages()"
            for name, verb in verbs.items()
        ),
    ]


def missing_indexes() -> list[str]:
    """The names of those indexes that are not there."""
    known = "select name from sqlite_master where type = 'index'" if is_sqlite() else "select indexname from pg_indexes"
    there = {name for (name,) in rows(known)}
    return [name for name in INDEX_SQL if name not in there]


def repeatable() -> list[str]:
    """Statements that make indexes and the search indexes when they are missing; safe to run again."""
    statements = [index.sql for index in INDEXES]
    if is_sqlite():
        statements += [
            f"create virtual table if not exists {table}_text using fts5(words, tokenize = 'trigram')" for table in RECORD_TYPES
        ]
        # Words come folded and parted by spaces from lib/searchwords.py: the tokenizer has only to keep them as they are.
        statements += [
            f"create virtual table if not exists {table}_words using fts5(words, tokenize = \"unicode61 remove_diacritics 0 categories 'L* N* M*'\")"
            for table in (*RECORD_TYPES, *ENTRY_TYPES)
        ]
        return statements
    # Sort keys are made to be compared byte by byte (lib/collation.py), whatever the language of the server.
    for table, column in (
        ("lead", "title_key"),
        ("lead", "organisation_key"),
        ("contact", "name_key"),
        ("organisation", "name_key"),
    ):
        statements.insert(0, f'alter table {table} alter column {column} type varchar(255) collate "C"')
    statements.append("create extension if not exists pg_trgm")
    for table in RECORD_TYPES:
        statements += [
            f"create table if not exists {table}_text (rowid bigint primary key references {table} (id) on delete cascade, words text not null)",
            f"create index if not exists {table}_text_words on {table}_text using gin (words gin_trgm_ops)",
        ]
    for table in (*RECORD_TYPES, *ENTRY_TYPES):
        statements += [
            f"create table if not exists {table}_words (rowid bigint primary key references {table} (id) on delete cascade, words text not null)",
            f"create index if not exists {table}_words_lookup on {table}_words using gin (array_to_tsvector(string_to_array(words, ' ')))",
        ]
    return statements


@contextmanager
def migration_lock() -> Iterator[None]:
    """Lets one process migrate at a time; the others wait and then find nothing to do."""
    if not is_sqlite():
        one("select pg_advisory_lock(?)", (MIGRATION_LOCK,))
        try:
            yield
        finally:
            one("select pg_advisory_unlock(?)", (MIGRATION_LOCK,))
        return
    try:
        import fcntl  # noqa: PLC0415 - optional dependency: Unix only
    except ImportError:
        yield
        return
    path = Path(database.obj.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_suffix(".migrating"), "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    forget_connection()


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """migration_lock() for the schema itself: a folder that may not be written is told in words."""
    with ExitStack() as stack:
        try:
            stack.enter_context(migration_lock())
        except OSError as error:
            raise unusable(settings, error) from error
        yield
