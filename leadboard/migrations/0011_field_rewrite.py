"""What is being done to all values of a field. A frozen copy: models may move on, this file may not."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    kind = "jsonb" if db.__class__.__name__ == "PostgresqlDatabase" else "text"
    db.execute_sql(f"alter table custom_field add column rewrite {kind}")
