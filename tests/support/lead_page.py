"""A lead page with the two panels, and nothing else, for as long as the real one is not registered."""

from flask import Blueprint, Flask, Response, render_template_string, request

from leadboard.http import current_actor
from leadboard.permissions import Permission
from leadboard.queries.tasks import tasks_panel
from leadboard.queries.timeline import timeline_page
from leadboard.web.lead_parts import LeadParts, LeadRef

PAGE = """{% extends 'layouts/page.html' %}
{% block title %}{{ page.lead.title }}{% endblock %}
{% block content %}<div class="lead-p"><div>{% include 'tasks/_panel.html' %}</div>{% include 'timeline/_panel.html' %}</div>{% endblock %}"""


def register_stand_ins(app: Flask) -> None:
    """Endpoints of other parts that the panels and layouts link to, where they are missing."""
    leads, account, auth = Blueprint("leads", __name__), Blueprint("account", __name__), Blueprint("auth", __name__)

    @leads.get("/leads/<int:lead_id>")
    def detail(lead_id: int) -> str:
        actor = current_actor()
        tasks = tasks_panel(lead_id, actor)
        timeline = timeline_page(lead_id, actor, request.args.get("before", type=int))
        page = LeadParts(LeadRef(lead_id, tasks.lead_title), tasks, timeline, actor.may(Permission.WRITE))
        return render_template_string(PAGE, page=page)

    leads.add_url_rule("/leads", "index", lambda: Response(""))
    leads.add_url_rule("/leads/new", "new", lambda: Response(""))

    account.add_url_rule("/account", "index", lambda: Response(""))
    auth.add_url_rule("/sign-out", "sign_out", lambda: Response("signed out"), methods=["POST"])
    auth.add_url_rule("/sign-in", "sign_in", lambda: Response("sign in"))
    for blueprint in (leads, account, auth):
        if blueprint.name not in app.blueprints:
            app.register_blueprint(blueprint)
