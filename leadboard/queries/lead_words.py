"""SQL of what a filter asks of a lead beside plain columns: its state, its next step, words in its texts."""

from datetime import date

from leadboard.db import Where, is_sqlite, rows
from leadboard.lib.phones import phone_fragment
from leadboard.lib.text import fold, search_fragments, sort_key
from leadboard.queries.settings import instance

KINDS = ("open", "board", "later", "won", "lost", "closed")
NEXT_STEPS = ("overdue", "today", "planned", "none")
# The trigram index knows nothing shorter.
SHORTEST = 3
_LAST = "\U0010ffff"


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


def next_step_sql(alias: str, state: str, today: date) -> Where:
    """A step without a day is planned."""
    day = today.isoformat()
    if state == "none":
        return f"({alias}.next_task_on is null and {alias}.next_task_id is null)", []
    if state == "planned":
        return f"({alias}.next_task_on > ? or ({alias}.next_task_id is not null and {alias}.next_task_on is null))", [day]
    return f"{alias}.next_task_on {'<' if state == 'overdue' else '='} ?", [day]


def text_is_common(text: str, *, more_than: int) -> bool:
    """Whether the text is found in more leads than this. Reads no more than that many."""
    asked = _asked(text)
    if not asked:
        return False
    sql, params = _lookup_sql(asked)
    return len(rows(f"select 1 from ({sql}) as found limit ?", [*params, more_than + 1])) > more_than


def _asked(text: str) -> list[list[str]]:
    """What a text asks for: all fragments of one of these lists, each list with one that the index knows.

    A text of digits and the signs between them is also part of a phone number.
    """
    fragments = list(search_fragments(text))
    if not any(len(one) >= SHORTEST for one in fragments):
        # Nothing but short words: they are looked for together, as typed.
        fragments = [fold(text)]
    digits = (phone_fragment(text) or "")[::-1]
    asked = [[digits]] if digits else []
    if len(max(fragments, key=len)) >= SHORTEST and fragments != [digits]:
        asked.append(fragments)
    return asked


def text_sql(alias: str, text: str, *, walk: bool) -> Where:
    asked = _asked(text)
    if not asked:
        return _prefix_sql(alias, text)
    if walk:
        sql, params = _row_sql(asked)
        return f"exists (select 1 from lead_text where lead_text.rowid = {alias}.id and ({sql}))", params
    sql, params = _lookup_sql(asked)
    return f"{alias}.id in ({sql})", params


def _lookup_sql(asked: list[list[str]]) -> Where:
    """A select of the ids that the trigram index finds."""
    if not is_sqlite():
        sql, params = _row_sql(asked)
        return f"select rowid from lead_text where {sql}", params
    selects, values = [], []
    for fragments in asked:
        short = [one for one in fragments if len(one) < SHORTEST]
        values += [" AND ".join(_quoted(one) for one in fragments if len(one) >= SHORTEST), *short]
        selects.append("select rowid from lead_text where words match ?" + " and instr(words, ?) > 0" * len(short))
    return " union ".join(selects), values


def _row_sql(asked: list[list[str]]) -> Where:
    """The same condition tested on one row's words."""
    sqlite = is_sqlite()
    found = "instr(words, ?) > 0" if sqlite else "words like ?"
    sql = " or ".join(" and ".join([found] * len(fragments)) for fragments in asked)
    return sql, [one if sqlite else f"%{_escaped(one)}%" for fragments in asked for one in fragments]


def _prefix_sql(alias: str, text: str) -> Where:
    """One or two characters: titles that begin with them. Signs alone find titles of signs alone."""
    key = sort_key(fold(text), instance().language).partition("\x1f")[0]
    if not key:
        return f"{alias}.title_key < ?", [" "]
    return f"{alias}.title_key >= ? and {alias}.title_key < ?", [key, key + _LAST]


def _quoted(text: str) -> str:
    """A fragment as FTS5 takes it literally."""
    return '"' + text.replace('"', '""') + '"'


def _escaped(text: str) -> str:
    """A fragment as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
