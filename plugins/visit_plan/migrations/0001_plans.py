"""One plan a lead. Frozen: the model may move on, this file may not."""

from typing import Any

from peewee import BigIntegerField, DateField, ForeignKeyField, IntegerField, Model


class Lead(Model):
    id = BigIntegerField(primary_key=True)

    class Meta:
        table_name = "lead"


class VisitPlan(Model):
    lead = ForeignKeyField(Lead, primary_key=True, on_delete="CASCADE", backref="+")
    weeks = IntegerField()
    last_on = DateField()
    next_on = DateField(index=True)
    asked_on = DateField(null=True)

    class Meta:
        table_name = "p_visit_plan_plan"


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx([VisitPlan]):
        db.create_tables([VisitPlan], safe=False)


def down(migrator: Any, db: Any) -> None:
    with db.bind_ctx([VisitPlan]):
        db.drop_tables([VisitPlan])
