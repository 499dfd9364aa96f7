"""A plugin that has something of everything, so that the walks go through what plugins can add."""

SOURCE = """
from peewee import ForeignKeyField
from leadboard.api import *

PLUGIN = Plugin(name="walked", title="Прогулка", version="1.0", public_prefix="in/walked", hosts=("example.org",))

class Seen(PluginModel):
    lead = ForeignKeyField(Lead, on_delete="CASCADE", backref="+")
    class Meta:
        table_name = "p_walked_seen"

class Settings(SettingsForm):
    days = fields.IntegerField("Дни", default=14)
    key = SecretField("Ключ")

@hookimpl
def register_models():
    return [Seen]

@hookimpl
def register_settings_form():
    return [Settings]

@hookimpl
def register_routes():
    bp, open_bp = PluginBlueprint("walked"), PluginBlueprint("walked", is_public=True)

    @bp.get("/page")
    @needs(Permission.READ)
    def page():
        return render("plugins/walked/page.html")

    @bp.post("/<int:lead_id>/see")
    @needs(Permission.WRITE)
    def see(lead_id):
        if one("select 1 from lead where id = ? and " + visible_sql(current_actor())[0], [lead_id, *visible_sql(current_actor())[1]]) is None:
            raise NotFound(N_("There is nothing at this address, or you may not see it."))
        return go("/")

    @bp.get("/<int:record_id>/look")
    @needs(Permission.READ)
    def look(record_id):
        seen, params = visible_sql(current_actor(), "contact")
        if one("select 1 from contact where id = ? and " + seen, [record_id, *params]) is None:
            raise NotFound(N_("There is nothing at this address, or you may not see it."))
        return render("plugins/walked/page.html")

    @open_bp.get("/ping")
    @public
    def ping():
        return "200"

    return [bp, open_bp]

@hookimpl
def register_jobs():
    return [Job(key="walked.sweep", run=lambda: None, every_s=3600)]

@hookimpl
def menu_items():
    return [MenuItem(key="walked.page", label="Прогулка", endpoint="p_walked.page")]

@hookimpl
def lead_panels():
    return [
        Panel(key="walked.panel", title="Прогулка", template="plugins/walked/part.html", load=lambda lead, actor: {}),
        Panel(key="walked.now", title="Прогулка", template="plugins/walked/part.html", load=lambda lead, actor: {}, is_lazy=False),
    ]

@hookimpl
def lead_actions():
    return [Action(key="walked.see", label="Прогулка", endpoint="p_walked.see")]

@hookimpl
def party_panels():
    return [Panel(key="walked.party", title="Прогулка", template="plugins/walked/part.html", load=lambda party, actor: {}, is_lazy=False)]

@hookimpl
def party_actions():
    return [Action(key="walked.look", label="Прогулка", endpoint="p_walked.look", method="get")]

@hookimpl
def board_badges(leads):
    return {lead.id: [Badge("Было", Tone.TEAL)] for lead in leads}

@hookimpl
def page_slot(slot):
    return Part("plugins/walked/part.html") if slot == Slot.PAGE_BOTTOM else None

@hookimpl
def page_assets():
    return [Asset("walked.css")]
"""
MIGRATION = """
def up(migrator, db):
    db.execute_sql("create table p_walked_seen (id integer primary key, lead_id bigint not null references lead (id) on delete cascade)")


def down(migrator, db):
    db.execute_sql("drop table p_walked_seen")
"""
PAGE = """{% extends 'layouts/page.html' %}
{% block page_title %}Прогулка{% endblock %}
{% block content %}<p>Прогулка</p>{% endblock %}
"""
PART = "<p>Прогулка</p>\n"
