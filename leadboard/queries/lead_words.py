"""SQL of what a filter asks of a lead beside plain columns: its state, its next step, words in its texts."""

from leadboard.db import Where
from leadboard.queries.text_search import NEXT_STEPS as NEXT_STEPS
from leadboard.queries.text_search import asked_of, begins_sql, has_words_sql, lookup_sql
from leadboard.queries.text_search import next_step_sql as next_step_sql

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


def text_sql(alias: str, text: str, *, walk: bool) -> Where:
    """Leads with this text; with `walk` tested row by row."""
    asked = asked_of(text)
    if not asked:
        return begins_sql(f"{alias}.title_key", text)
    if walk:
        return has_words_sql("lead", f"{alias}.id", asked)
    sql, params = lookup_sql("lead", asked)
    return f"{alias}.id in ({sql})", params
