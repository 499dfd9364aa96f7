"""The index of each custom field: made with it, made again when its expression changes, gone with it.

Its name holds a sum of the expression, so that one look at the names tells what is missing and what is left over.
"""

from collections.abc import Collection
from zlib import crc32

from leadboard.db import atomic, execute, is_sqlite
from leadboard.domain.settings import announce
from leadboard.errors import Refused
from leadboard.fieldtypes import Storage
from leadboard.queries.custom_fields import INDEX_PREFIX, BoundField, every_field, index_names


def wanted_indexes() -> dict[str, str]:
    """{name: statement} of the fields whose types are there."""
    found = {}
    for field in every_field():
        if field.type is not None and field.type.is_indexed and not field.definition.is_archived:
            try:
                name, statement = _index_of(field)
            except Refused:
                continue
            found[name] = statement
    return found


def _index_of(field: BoundField) -> tuple[str, str]:
    expression = field.comparable().replace(f"{field.definition.record_type}.", "")
    if field.type is not None and field.type.storage is Storage.LIST and not is_sqlite():
        what = f"using gin ({expression} jsonb_path_ops)"
    else:
        # With the last column SQLite counts in the index alone; PostgreSQL has no need of it.
        what = f"({expression}, id{', deleted_at' if is_sqlite() else ''})"
    name = f"{INDEX_PREFIX}{field.definition.id}_{crc32(what.encode()):08x}"
    return name, f"create index if not exists {name} on {field.definition.record_type} {what} where deleted_at is null"


def index_differences() -> tuple[list[str], list[str]]:
    """(missing, left over). An index of a field whose plugin is off is neither: it may come back."""
    return _differences(wanted_indexes())


def _differences(wanted: Collection[str]) -> tuple[list[str], list[str]]:
    there = index_names()
    known = every_field()
    kept = tuple(f"{INDEX_PREFIX}{one.definition.id}_" for one in known if one.type is None and not one.definition.is_archived)
    return sorted(set(wanted) - there), sorted(name for name in there - set(wanted) if not name.startswith(kept))


def keep_indexes() -> list[str]:
    """Make what is missing and drop what is left over; the names that changed. Safe to run at any time."""
    wanted = wanted_indexes()
    missing, gone = _differences(wanted)
    if gone or missing:
        with atomic():
            for name in gone:
                execute(f"drop index if exists {name}")
            for name in missing:
                execute(wanted[name])
            # Which indexes there are is kept with the fields: also in the process that goes on to serve.
            announce()
    return [*gone, *missing]
