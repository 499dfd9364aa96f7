"""Visits every n weeks: a badge on the card, a panel on the lead page, a next step when a visit falls due."""

from leadboard.api import (
    N_,
    ActivityType,
    Actor,
    Asset,
    Badge,
    Job,
    LeadRef,
    Panel,
    Plugin,
    PluginBlueprint,
    PluginModel,
    SettingsForm,
    StageRule,
    Tone,
    fields,
    hookimpl,
    validators,
)

from . import plans
from .models import VisitPlan
from .views import bp

PLUGIN = Plugin(
    name="visit_plan",
    title="Visit plan",
    version="1.0",
    requires_api="0.2",
    description="Leads that want a visit every few weeks say so on their card, and get a next step in time.",
    category="pipeline",
)


class Settings(SettingsForm):
    weeks = fields.IntegerField(
        N_("Weeks between visits"), default=4, description=N_("What a new plan begins with."),
        validators=[validators.NumberRange(1, 104, N_("Between 1 and 104 weeks."))],
    )  # fmt: skip
    days_before = fields.IntegerField(
        N_("Days before"), default=7, description=N_("How long before the day the next step is made."),
        validators=[validators.NumberRange(0, 60, N_("Between 0 and 60 days."))],
    )  # fmt: skip
    holds_moves = fields.BooleanField(
        N_("Hold leads whose visit is overdue"), default=False,
        description=N_("They cannot be moved to another stage until somebody was there."),
    )  # fmt: skip


@hookimpl
def register_settings_form() -> list[type[SettingsForm]]:
    return [Settings]


@hookimpl
def register_models() -> list[type[PluginModel]]:
    return [VisitPlan]


@hookimpl
def register_routes() -> list[PluginBlueprint]:
    return [bp]


@hookimpl
def register_activity_types() -> list[ActivityType]:
    return [ActivityType(key=plans.VISIT, label=N_("Visit"), verb=N_("paid a visit"), icon="map-pin", tone=Tone.TEAL)]


@hookimpl
def register_jobs() -> list[Job]:
    return [Job(key="visit_plan.sweep", run=plans.plan_due_visits, every_s=6 * 3600)]


@hookimpl
def register_stage_rules() -> list[StageRule]:
    return [StageRule(key="visit_plan.overdue", check=plans.hold_overdue)]


@hookimpl
def board_badges(leads: list[LeadRef]) -> dict[int, Badge]:
    return plans.badges([lead.id for lead in leads])


@hookimpl
def page_assets(endpoint: str) -> list[Asset]:
    return [Asset("visit_plan.css")] if endpoint == "leads.detail" else []


@hookimpl
def lead_panels(lead: LeadRef, actor: Actor) -> list[Panel]:
    return [
        Panel(
            key="visit_plan.plan",
            title=N_("Visits"),
            template="plugins/visit_plan/_plan.html",
            load=plans.panel,
            order=40,
            is_lazy=False,
        )
    ]
