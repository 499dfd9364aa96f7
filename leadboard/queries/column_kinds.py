"""The kinds of columns that typed filters ask of, alike for leads, contacts and organisations."""

from leadboard.errors import N_
from leadboard.queries import query_columns as columns
from leadboard.queries.query_columns import Column, Condition, Reader
from leadboard.queries.record_filter import NEXT_STEPS, next_step_sql

BLANK = "{0} = ''"


def _next_step(column: Column, operator: str, text: str, reader: Reader) -> Condition:
    if text in NEXT_STEPS and operator in {":", "="}:
        return Condition(lambda alias: next_step_sql(alias, text, reader.today), is_lookup=text in {"overdue", "today"}, rank=2)
    return columns.day_condition(column, operator, text, reader)


def text(key: str, label: str, column: str = "") -> Column:
    return Column(key, label, columns.text_condition, column or key, empty=BLANK)


def named(key: str, label: str, kind: str = "", *, has_empty: bool = True, is_indexed: bool = True) -> Column:
    return Column(key, label, columns.named_condition, f"{key}_id", is_indexed=is_indexed, has_empty=has_empty, kind=kind or key)


def ordered(key: str, label: str, kind: str, column: str = "", *, is_indexed: bool = False) -> Column:
    read = {
        "number": columns.number_condition, "money": columns.money_condition, "day": columns.day_condition, "moment": columns.moment_condition,
    }[kind]  # fmt: skip
    return Column(key, label, read, column or key, columns.ORDERED, is_indexed=is_indexed, kind=kind)


def next_step_column() -> Column:
    return Column(
        "next_step", N_("Next step"), _next_step, "next_task_on", columns.ORDERED, is_indexed=True, kind="next_step", empty="{0} is null"
    )  # fmt: skip
