"""A call may be with a contact of whom no one lead has the number."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    db.execute_sql(
        "alter table p_telephony_hook_call add column contact_id bigint null references contact (id) on delete set null"
    )
    db.execute_sql("create index p_telephony_hook_call_contact_id on p_telephony_hook_call (contact_id)")


def down(migrator: Any, db: Any) -> None:
    db.execute_sql("drop index p_telephony_hook_call_contact_id")
    db.execute_sql("alter table p_telephony_hook_call drop column contact_id")
