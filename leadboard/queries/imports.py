"""What the pages and commands show of imports."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from leadboard.db import rows
from leadboard.lib.csvfiles import write_row

PAGE = 1000
Say = Callable[[str, Mapping[str, Any]], str]


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


def recent_imports(limit: int = 50) -> list[ImportSummary]:
    """The newest first. One statement."""
    found = rows(
        "select r.id, r.file_name, r.state, coalesce(u.name, ''), r.counts, coalesce(r.total_rows, 0), r.created_at, r.finished_at"
        ' from import_run r left join "user" u on u.id = r.user_id order by r.id desc limit ?',
        (limit,),
    )
    return [ImportSummary(row[0], row[1], row[2], row[3], json.loads(row[4]), *row[5:]) for row in found]


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


def created_titles(run_id: int, limit: int = 5) -> list[tuple[int, str]]:
    """(id, title) of the first leads that an import made and that are still there."""
    found = rows(
        "select lead.id, lead.title from import_row r join lead on lead.id = r.lead_id"
        " where r.run_id = ? and r.outcome in ('created', 'kept') and lead.deleted_at is null order by r.id limit ?",
        (run_id, limit),
    )
    return [(row[0], row[1]) for row in found]
