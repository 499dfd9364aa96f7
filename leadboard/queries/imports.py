"""What the pages and commands show of imports."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import one, rows
from leadboard.errors import N_, NotFound
from leadboard.lib.csvcells import write_row
from leadboard.models.import_options import Options

PAGE = 1000
Say = Callable[[str, Mapping[str, Any]], str]


@dataclass(frozen=True)
class Run:
    """A row of import_run as the jobs need it."""

    id: int
    user_id: int | None
    file_path: str
    state: str
    options: Options
    counts: dict[str, int]
    progress: dict[str, Any]
    total_rows: int
    done_rows: int
    change_set_id: int | None


def load_run(run_id: int) -> Run | None:
    found = one(
        "select id, user_id, file_path, state, options, counts, progress, total_rows, done_rows, change_set_id from import_run where id = ?",
        (run_id,),
    )
    if found is None:
        return None
    return Run(
        found[0], found[1], found[2], found[3], Options.from_json(found[4]), json.loads(found[5]), json.loads(found[6]),
        found[7] or 0, found[8], found[9],
    )  # fmt: skip


@dataclass(frozen=True)
class ImportSummary:
    """One line of the list of imports. Times are in milliseconds."""

    id: int
    file_name: str
    state: str
    user_name: str
    counts: dict[str, int]
    total_rows: int
    created_at: int
    finished_at: int | None
    record_type: str


def recent_imports(limit: int = 50) -> list[ImportSummary]:
    """The newest first. One statement."""
    found = rows(
        "select r.id, r.file_name, r.state, coalesce(u.name, ''), r.counts, coalesce(r.total_rows, 0), r.created_at, r.finished_at, r.options"
        ' from import_run r left join "user" u on u.id = r.user_id order by r.id desc limit ?',
        (limit,),
    )
    return [
        ImportSummary(
            row[0], row[1], row[2], row[3], json.loads(row[4]), row[5], row[6], row[7], Options.from_json(row[8]).record_type
        )
        for row in found
    ]


@dataclass(frozen=True)
class ImportFile:
    """One import as its pages need it: `left` counts its records that are still there."""

    run: Run
    file_name: str
    error: str | None
    is_known_shape: bool
    left: int


def import_file(run_id: int) -> ImportFile:
    """Two statements. Raises NotFound."""
    run = load_run(run_id)
    found = one(
        "select file_name, error, columns_hash <> '' and exists (select 1 from import_run other where other.columns_hash = r.columns_hash"
        " and other.id < r.id and other.state in ('done', 'undone')), (select count(*) from import_row w where w.run_id = r.id"
        " and w.outcome in ('created', 'kept')) from import_run r where r.id = ?",
        (run_id,),
    )
    if run is None or found is None:
        raise NotFound(N_("This import does not exist."))
    return ImportFile(run, found[0], found[1], bool(found[2]), found[3])


@dataclass(frozen=True)
class RejectedRow:
    """A row that did not get in. `reasons` are (column, marked message, values)."""

    line_number: int
    cells: list[str]
    reasons: list[tuple[str, str, dict[str, Any]]]

    def text(self, say: Say) -> str:
        """All reasons in one line."""
        return "; ".join(
            f"{column}: {say(message, params)}" if column else say(message, params) for column, message, params in self.reasons
        )


def rejected_rows(run_id: int, *, limit: int, after_id: int = 0) -> list[tuple[int, RejectedRow]]:
    """Rejected rows in the order of the file, each with the id to go on from."""
    found = rows(
        "select id, line_number, cells, reasons from import_row where run_id = ? and outcome = 'rejected' and id > ? order by id limit ?",
        (run_id, after_id, limit),
    )
    return [(row[0], RejectedRow(row[1], json.loads(row[2]), [tuple(reason) for reason in json.loads(row[3])])) for row in found]


def rejected_csv(run_id: int, headers: list[str], extra: tuple[str, str], say: Say) -> Iterator[str]:
    """A file of the rejected rows, a part at a time: their cells as they came, the line and why. Guarded for spreadsheets."""
    yield "\ufeff" + write_row([*headers, *extra], guarded=True)
    after_id = 0
    while part := rejected_rows(run_id, limit=PAGE, after_id=after_id):
        yield "".join(
            write_row(
                [*row.cells, *[""] * (len(headers) - len(row.cells)), row.line_number, row.text(say)][: len(headers) + 2],
                guarded=True,
            )
            for _, row in part
        )
        after_id = part[-1][0]


def created_titles(run: Run, limit: int = 5) -> list[tuple[int, str]]:
    """(id, title or name) of the first records that an import made and that are still there."""
    name = run.options.record_type
    found = rows(
        f"select r.id, r.{'title' if name == 'lead' else 'name'} from import_row w join {name} r on r.id = w.{name}_id"  # noqa: S608 - ours
        " where w.run_id = ? and w.outcome in ('created', 'kept') and r.deleted_at is null order by w.id limit ?",
        (run.id, limit),
    )
    return [(row[0], row[1]) for row in found]
