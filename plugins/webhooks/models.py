"""The plugin's own tables."""

from peewee import BigIntegerField, BooleanField, CharField, ForeignKeyField, IntegerField, TextField

from leadboard.api import Contact, IdField, Lead, MomentField, Organisation, PluginModel, User, now_ms


class Endpoint(PluginModel):
    """An address that is told. It acts as its owner and is silent when the owner may not export any more.

    `kinds` is a JSON list of message types; `secrets` is sealed: the one in use and, until `old_secret_until`, the one
    before. `failing_since` is the first failure since the last success; nothing is sent before `not_before`. `stopped_why`
    tells why it was turned off by itself. `key` makes the ids of its messages unlike those of any other Leadboard.
    """

    id = IdField()
    owner = ForeignKeyField(User, on_delete="CASCADE", backref="+")
    name = CharField(max_length=120)
    url = CharField(max_length=2000)
    kinds = TextField()
    key = CharField(max_length=16)
    secrets = TextField()
    old_secret_until = MomentField(default=0)
    is_on = BooleanField(default=True)
    stopped_why = CharField(max_length=20, default="")
    failing_since = MomentField(null=True)
    not_before = MomentField(default=0)
    created_at = MomentField(default=now_ms)

    class Meta:
        table_name = "p_webhooks_endpoint"


class Delivery(PluginModel):
    """One message for one endpoint. `body` is what is sent, the same at each try; it goes with the records it tells of.

    `state` is waiting, done, failed or cancelled; `last_…` repeat the latest try for the list.
    """

    id = IdField()
    endpoint = ForeignKeyField(Endpoint, on_delete="CASCADE", backref="+")
    message_id = CharField(max_length=60)
    kind = CharField(max_length=40)
    lead = ForeignKeyField(Lead, null=True, on_delete="CASCADE", backref="+")
    contact = ForeignKeyField(Contact, null=True, on_delete="CASCADE", backref="+")
    organisation = ForeignKeyField(Organisation, null=True, on_delete="CASCADE", backref="+")
    body = TextField()
    state = CharField(max_length=10, default="waiting")
    tries = IntegerField(default=0)
    next_at = MomentField(default=now_ms)
    lease_until = MomentField(null=True)
    created_at = MomentField(default=now_ms)
    last_status = IntegerField(null=True)
    last_took_ms = BigIntegerField(null=True)
    last_problem = CharField(max_length=20, default="")

    class Meta:
        table_name = "p_webhooks_delivery"
        indexes = ((("endpoint", "message_id"), True), (("endpoint", "id"), False), (("state", "next_at"), False))


class Try(PluginModel):
    """What came of one try: a status with the beginning of the answer, or the problem that kept one from coming."""

    id = IdField()
    delivery = ForeignKeyField(Delivery, on_delete="CASCADE", backref="+")
    at = MomentField(default=now_ms)
    status = IntegerField(null=True)
    took_ms = BigIntegerField(null=True)
    problem = CharField(max_length=20, default="")
    answer = TextField(default="")

    class Meta:
        table_name = "p_webhooks_try"
