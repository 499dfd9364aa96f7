"""The plugin's own table."""

from peewee import DateField, ForeignKeyField, IntegerField

from leadboard.api import Lead, PluginModel


class VisitPlan(PluginModel):
    """A lead that wants a visit every `weeks` weeks, counted from `last_on` (the day of the plan before the first visit).

    `asked_on` is the visit's day for which a next step was made last, so that none is made twice.
    """

    lead = ForeignKeyField(Lead, primary_key=True, on_delete="CASCADE", backref="+")
    weeks = IntegerField()
    last_on = DateField()
    next_on = DateField(index=True)
    asked_on = DateField(null=True)

    class Meta:
        table_name = "p_visit_plan_plan"
