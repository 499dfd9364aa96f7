"""How wide each person has the columns of a list."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    db.execute_sql("alter table list_layout add column widths text not null default ''")
