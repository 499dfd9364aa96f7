"""A lead's page with 50 notes and 200 events against the floor's page of the same rows."""

import sqlite3
import time

from common import Data, data, floor, load, options, paired, product, signed_in, tell

BAR, GROWTH = 6.0, 1.3
HOUR_MS = 3_600_000


def filled_lead(found: Data) -> int:
    """A lead that has 50 notes and 200 events, made once."""
    mark = "Bench lead with a history of ten days"
    known = found.rows("select id from lead where title = ? and deleted_at is null", mark)
    if known:
        return int(known[0][0])
    with sqlite3.connect(found.database) as db:
        lead = db.execute("select id from lead where deleted_at is null order by id desc limit 1").fetchone()[0]
        db.execute("update lead set title = ? where id = ?", (mark, lead))
        # An hour apart, so that the page cannot fold them into a few entries.
        start = int(time.time() * 1000) - 300 * HOUR_MS
        for number in range(50):
            note = db.execute(
                "insert into note (lead_id, author_id, body, is_pinned, version, created_at) values (?, 1, ?, 0, 1, ?)",
                (lead, "Budget approved until the end of the month. " * 3, start + number * HOUR_MS),
            ).lastrowid
            _event(db, start + number * HOUR_MS, "note_added", "note", note, lead)
        have = db.execute("select count(*) from event where lead_id = ?", (lead,)).fetchone()[0]
        for number in range(200 - have):
            event = _event(db, start + (50 + number) * HOUR_MS, "lead_updated", "lead", lead, lead)
            db.execute(
                "insert into event_value (event_id, field, before, after) values (?, 'city', ?, ?)",
                (event, f'"City {number}"', f'"City {number + 1}"'),
            )
    return int(lead)


def _event(db: sqlite3.Connection, at: int, kind: str, record: str, record_id: int | None, lead: int) -> int | None:
    change = db.execute("insert into change_set (at, kind, actor_kind, user_id) values (?, 'bench', 'user', 1)", (at,)).lastrowid
    return db.execute(
        "insert into event (at, kind, actor_kind, actor_id, record_type, record_id, lead_id, change_set_id, data) values (?, ?, 'user', 1, ?, ?, ?, ?, ?)",
        (at, kind, record, record_id, lead, change, '{"version": 1}'),
    ).lastrowid


def main() -> None:
    args = options(__doc__)
    results = []
    with floor(1000) as base_floor:
        for leads in args.leads:
            found = data(leads)
            lead = filled_lead(found)
            with product(found) as (base, _):
                url = f"{base}/leads/{lead}"
                load(url, *signed_in(base), "-n", "20")
                result = paired(
                    lambda url=url, base=base: load(url, *signed_in(base), "-n", "60"),
                    lambda: load(f"{base_floor}/lead/1", "-n", "100"),
                    args.rounds,
                )
                results.append({"leads": leads, **result})
    for result in results:
        result["growth"] = round(result["ratio"] / results[0]["ratio"], 2)
    held = all(result["ratio"] <= BAR for result in results) and all(result["growth"] <= GROWTH for result in results)
    tell("lead page", f"<= {BAR}x the floor of the same rows", results, held)


if __name__ == "__main__":
    main()
