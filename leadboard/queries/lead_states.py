"""Whether a lead is open, asleep, won or lost, as filters ask it."""

from leadboard.db import Where

KINDS = ("open", "board", "later", "won", "lost", "closed")


def kind_sql(alias: str, kind: str) -> Where:
    if kind == "later":
        return f"{alias}.snoozed_until is not null", []
    if kind == "board":
        sql, params = kind_sql(alias, "open")
        return f"{sql} and {alias}.snoozed_until is null", params
    # By the stages, not by closed_at: their index serves it.
    if kind == "closed":
        return f"{alias}.stage_id in (select id from stage where kind <> ?)", ["open"]
    return f"{alias}.stage_id in (select id from stage where kind = ?)", [kind]
