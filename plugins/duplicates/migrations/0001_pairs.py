"""Pairs of leads. Frozen: the model may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, Model

from leadboard.api import IdField


class Lead(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "lead"


class DuplicatePair(Model):
    id = IdField()
    older = ForeignKeyField(Lead, on_delete="CASCADE", backref="+")
    newer = ForeignKeyField(Lead, on_delete="CASCADE", backref="+")
    reason = CharField(max_length=20)
    score = IntegerField()
    found_at = BigIntegerField()
    dismissed_at = BigIntegerField(null=True)

    class Meta:
        table_name = "p_duplicates_pair"
        indexes = ((("older", "newer"), True), (("score", "newer"), False))


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([DuplicatePair]):
        db.create_tables([DuplicatePair], safe=False)


def down(migrator: Any, db: Any) -> None:
    with db.bind_ctx([DuplicatePair]):
        db.drop_tables([DuplicatePair])
