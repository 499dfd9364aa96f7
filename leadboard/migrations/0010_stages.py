"""Limits and rules of stages, what a pipeline calls its records, tags, folded columns, how stages flow.

A frozen copy: models may move on, this file may not.
"""

from typing import Any

from peewee import BigIntegerField, CharField, CompositeKey, ForeignKeyField, IntegerField, Model

from leadboard.db import IdField


class User(Model):
    id = IdField()

    class Meta:
        table_name = "user"


class Stage(Model):
    id = IdField()

    class Meta:
        table_name = "stage"


class Lead(Model):
    id = IdField()

    class Meta:
        table_name = "lead"


class Tag(Model):
    id = IdField()
    name = CharField(max_length=40)
    name_key = CharField(max_length=120, unique=True)
    tone = CharField(max_length=16, default="blue")
    position = IntegerField(default=0)
    archived_at = BigIntegerField(null=True)

    class Meta:
        table_name = "tag"


class LeadTag(Model):
    lead = ForeignKeyField(Lead, on_delete="CASCADE", backref="+", index=False)
    tag = ForeignKeyField(Tag, on_delete="CASCADE", backref="+", index=False)

    class Meta:
        table_name = "lead_tag"
        primary_key = CompositeKey("lead", "tag")
        indexes = ((("tag", "lead"), True),)


class StageFlow(Model):
    stage = ForeignKeyField(Stage, primary_key=True, on_delete="CASCADE", backref="+")
    median_ms = BigIntegerField()
    share = IntegerField()
    left_count = IntegerField()
    computed_at = BigIntegerField()

    class Meta:
        table_name = "stage_flow"


class FoldedStage(Model):
    user = ForeignKeyField(User, on_delete="CASCADE", backref="+", index=False)
    stage = ForeignKeyField(Stage, on_delete="CASCADE", backref="+")

    class Meta:
        table_name = "folded_stage"
        primary_key = CompositeKey("user", "stage")


def up(migrator: Any, db: Any) -> None:
    db.execute_sql("alter table stage add column touch_days integer")
    db.execute_sql("alter table stage add column stay_days integer")
    db.execute_sql("alter table stage add column most_leads integer")
    db.execute_sql("alter table stage add column needs text not null default ''")
    db.execute_sql("alter table stage add column leads_to text not null default ''")
    db.execute_sql("alter table pipeline add column record_name varchar(40) not null default ''")
    db.execute_sql("alter table pipeline add column record_plural varchar(40) not null default ''")
    db.execute_sql("alter table pipeline add column card_fields text")
    models = [Tag, LeadTag, StageFlow, FoldedStage]
    with db.bind_ctx(models):
        db.create_tables(models, safe=False)
