"""One lead for programs: chosen columns."""

from collections.abc import Sequence
from typing import Any

from leadboard.db import one
from leadboard.errors import N_, NotFound
from leadboard.permissions import Actor, visible_sql

Row = dict[str, Any]


def lead_row(lead_id: int, actor: Actor, *, columns: Sequence[str]) -> Row:
    """Chosen columns of one lead. Raises NotFound."""
    condition, params = visible_sql(actor)
    found = one(f"select {', '.join(columns)} from lead where id = ? and {condition}", [lead_id, *params])
    if found is None:
        raise NotFound(N_("This lead does not exist, or you may not see it."))
    return dict(zip(columns, found, strict=True))
