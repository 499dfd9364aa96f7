"""Search over contacts and organisations. A frozen copy: models may move on, this file may not.

The search indexes themselves are made after every upgrade (schema.py); records that are there already get their words
here. The indexes dropped here have others in their place, which know those in the bin.
"""

from typing import Any

from leadboard.lib.text import fold

SEARCHED = {
    "contact": ("name", "email", "phone", "city", "phone_e164"),
    "organisation": ("name", "email", "phone", "city", "website", "domain", "phone_e164"),
}
BATCH = 1000


def up(migrator: Any, db: Any) -> None:
    is_postgresql = db.__class__.__name__ == "PostgresqlDatabase"
    for name in ("contact_of_organisation", "organisation_by_parent", "lead_of_contact", "lead_of_organisation"):
        db.execute_sql(f"drop index if exists {name}")
    mark = "%s" if is_postgresql else "?"
    for table, columns in SEARCHED.items():
        if is_postgresql:
            words = f"(rowid bigint primary key references {table} (id) on delete cascade, words text not null)"
            db.execute_sql(f"create table if not exists {table}_text {words}")
        else:
            db.execute_sql(f"create virtual table if not exists {table}_text using fts5(words, tokenize = 'trigram')")
        last = 0
        batch = f"select id, {', '.join(columns)} from {table} where id > {mark} order by id limit {BATCH}"  # noqa: S608 - ours
        add = f"insert into {table}_text (rowid, words) values ({mark}, {mark})"  # noqa: S608 - ours
        while found := db.execute_sql(batch, (last,)).fetchall():
            last = found[-1][0]
            for number, *parts in found:
                digits = "".join(filter(str.isdigit, parts[2]))
                words = fold(" ".join(part for part in (*parts, digits) if part))
                db.execute_sql(add, (number, words))
