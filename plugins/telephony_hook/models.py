"""The plugin's own tables."""

from peewee import BigIntegerField, CharField, ForeignKeyField, IntegerField, TextField

from leadboard.api import Contact, IdField, Lead, MomentField, PluginModel, User, now_ms


class Extension(PluginModel):
    """Whose telephone this is."""

    user = ForeignKeyField(User, primary_key=True, on_delete="CASCADE", backref="+")
    number = CharField(max_length=20, unique=True)

    class Meta:
        table_name = "p_telephony_hook_extension"


class Call(PluginModel):
    """One call, put together from what the telephone system tells of it in any order.

    `state` is ringing, talking, ended or missed. `number` is the other side's as it came, `number_key` its digits from the
    end, by which calls of one number are found. It goes on the timeline of `lead`, or of `contact` where no one lead has the
    number. `left_out` calls are internal or from numbers to ignore.
    """

    id = IdField()
    source_key = CharField(max_length=200, unique=True)
    direction = CharField(max_length=10)
    state = CharField(max_length=10)
    number = CharField(max_length=60, default="")
    number_key = CharField(max_length=40, default="", index=True)
    extension = CharField(max_length=20, default="")
    user = ForeignKeyField(User, null=True, on_delete="SET NULL", backref="+")
    lead = ForeignKeyField(Lead, null=True, on_delete="SET NULL", backref="+")
    contact = ForeignKeyField(Contact, null=True, on_delete="SET NULL", backref="+")
    rang_at = MomentField()
    answered_at = MomentField(null=True)
    over_at = MomentField(null=True)
    duration_s = IntegerField(null=True)
    left_message = IntegerField(default=0)
    left_out = IntegerField(default=0)
    cause = CharField(max_length=60, default="")
    recording = TextField(default="")
    activity_id = BigIntegerField(null=True)
    seen_at = MomentField(null=True)
    dismissed_at = MomentField(null=True)

    class Meta:
        table_name = "p_telephony_hook_call"
        indexes = ((("user", "seen_at"), False), (("state", "rang_at"), False), (("lead", "rang_at"), False))


class CallEvent(PluginModel):
    """What came from the telephone system, word for word; each kind once a call."""

    id = IdField()
    call = ForeignKeyField(Call, on_delete="CASCADE", backref="+")
    kind = CharField(max_length=12)
    at = MomentField()
    received_at = MomentField(default=now_ms)
    body = TextField()

    class Meta:
        table_name = "p_telephony_hook_event"
        indexes = ((("call", "kind"), True),)
