"""Records by their ids, as a browser that remembers which were looked at lately asks for them."""

from collections.abc import Sequence

from leadboard.db import rows
from leadboard.models.record_fields import RECORD_TYPES
from leadboard.permissions import Actor, visible_sql
from leadboard.queries.hosts import HostKey
from leadboard.queries.search import Hit


def named_records(keys: Sequence[HostKey], actor: Actor) -> list[Hit]:
    """Those that the actor may see, in the order asked for. A statement for each type."""
    found: dict[tuple[str, int], Hit] = {}
    for table in RECORD_TYPES:
        ids = sorted({key.id for key in keys if key.record_type == table})
        if not ids:
            continue
        visible, mine = visible_sql(actor, table)
        name = "title" if table == "lead" else "name"
        places = ", ".join("?" * len(ids))
        for number, text in rows(
            f"select {table}.id, {table}.{name} from {table} where {table}.id in ({places}) and {visible}",  # noqa: S608 - ours
            [*ids, *mine],
        ):
            found[table, number] = Hit(table, number, text)
    return [found[key.record_type, key.id] for key in keys if (key.record_type, key.id) in found]
