"""Rows of imports that became contacts or organisations."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    number = "bigint" if db.__class__.__name__ == "PostgresqlDatabase" else "integer"
    for other in ("contact", "organisation"):
        db.execute_sql(f"alter table import_row add column {other}_id {number}")
