"""Columns that somebody folds away on the board: their own business, so no event tells of it."""

from leadboard.db import atomic, execute
from leadboard.errors import N_, NotAllowed
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.pipelines import stage


def fold_stage(stage_id: int, *, is_folded: bool, actor: Actor) -> None:
    """Fold a column away for this person, or show it again. Raises NotAllowed, NotFound."""
    require(actor, Permission.READ)
    if actor.user_id is None:
        raise NotAllowed(N_("Only a person folds columns."))
    with atomic():
        stage(stage_id)
        execute("delete from folded_stage where user_id = ? and stage_id = ?", (actor.user_id, stage_id))
        if is_folded:
            execute("insert into folded_stage (user_id, stage_id) values (?, ?)", (actor.user_id, stage_id))
