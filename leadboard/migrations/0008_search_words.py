"""The word index. Its tables are made after every upgrade (schema.py); what is there already gets its words from a job,
so that an upgrade of a large database does not wait for it. A frozen copy: models may move on, this file may not.
"""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    if db.execute_sql("select 1 from lead limit 1").fetchone() is None:
        return
    # Long ago, so that it is due whatever the clock says.
    db.execute_sql(
        "insert into job (kind, payload, state, run_at, attempts, max_attempts, created_at) values ('search.rebuild', '{}', 'queued', 0, 0, 5, 0)"
    )
