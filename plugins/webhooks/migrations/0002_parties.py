"""Messages also tell of contacts and organisations. Frozen: the models may move on, this file may not."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    db.execute_sql("alter table p_webhooks_delivery add column contact_id bigint null references contact (id) on delete cascade")
    db.execute_sql(
        "alter table p_webhooks_delivery add column organisation_id bigint null references organisation (id) on delete cascade"
    )
    db.execute_sql("create index p_webhooks_delivery_contact_id on p_webhooks_delivery (contact_id)")
    db.execute_sql("create index p_webhooks_delivery_organisation_id on p_webhooks_delivery (organisation_id)")


def down(migrator: Any, db: Any) -> None:
    db.execute_sql("drop index p_webhooks_delivery_contact_id")
    db.execute_sql("drop index p_webhooks_delivery_organisation_id")
    db.execute_sql("alter table p_webhooks_delivery drop column contact_id")
    db.execute_sql("alter table p_webhooks_delivery drop column organisation_id")
