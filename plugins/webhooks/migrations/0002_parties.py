"""Messages also tell of contacts and organisations."""

from typing import Any

NOUNS = ("contact", "organisation")


def up(migrator: Any, db: Any) -> None:
    for noun in NOUNS:
        db.execute_sql(
            f"alter table p_webhooks_delivery add column {noun}_id bigint null references {noun} (id) on delete cascade"
        )
        db.execute_sql(f"create index p_webhooks_delivery_{noun}_id on p_webhooks_delivery ({noun}_id)")


def down(migrator: Any, db: Any) -> None:
    for noun in NOUNS:
        db.execute_sql(f"drop index p_webhooks_delivery_{noun}_id")
        db.execute_sql(f"alter table p_webhooks_delivery drop column {noun}_id")
