"""The plugin's own table."""

from peewee import CharField, ForeignKeyField, IntegerField

from leadboard.api import IdField, Lead, MomentField, PluginModel, now_ms


class DuplicatePair(PluginModel):
    """Two leads, the older one first, that may be the same. `dismissed_at` is when somebody said that they are not."""

    id = IdField()
    older = ForeignKeyField(Lead, on_delete="CASCADE", backref="+")
    newer = ForeignKeyField(Lead, on_delete="CASCADE", backref="+")
    reason = CharField(max_length=20)
    score = IntegerField()
    found_at = MomentField(default=now_ms)
    dismissed_at = MomentField(null=True)

    class Meta:
        table_name = "p_duplicates_pair"
        indexes = ((("older", "newer"), True), (("score", "newer"), False))
