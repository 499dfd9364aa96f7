"""Leads out as a file, with a fact in the log of who took how many."""

from collections.abc import Iterator, Sequence
from typing import Any

from leadboard.events import EventKind, change
from leadboard.lib.csvfiles import write_row
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.export import exported_rows, headers


def export_leads(where: str, params: Sequence[Any], *, actor: Actor, exact: bool = False) -> Iterator[str]:
    """The lines of a CSV file of the leads of a condition, a part at a time. Raises NotAllowed.

    For spreadsheets unless `exact`: with a byte order mark, and texts that would run as formulas guarded. How many
    leads left is recorded when the last one has, or when whoever reads stops.
    """
    require(actor, Permission.EXPORT)
    return _lines(where, params, actor, exact)


def _lines(where: str, params: Sequence[Any], actor: Actor, exact: bool) -> Iterator[str]:
    count, custom = 0, custom_fields().active
    try:
        yield ("" if exact else "\ufeff") + write_row(headers(custom), guarded=not exact)
        for part in exported_rows(where, params, custom):
            count += len(part)
            yield "".join(write_row(cells, guarded=not exact) for cells in part)
    finally:
        with change(actor, "lead.export") as step:
            step.record(EventKind.EXPORTED, "export", 0, rows=count)
