"""Everything a plugin may import. What is not named in `__all__` may change in any release.

docs/plugins/ tells how it is used; tests/plugins/golden_api.txt holds every signature.
"""

from flask_babel import gettext, ngettext
from wtforms import fields, validators

from leadboard.blueprints import PluginBlueprint, csrf_exempt
from leadboard.contributions import (
    API_VERSION,
    Action,
    ActivityType,
    Asset,
    Badge,
    Draft,
    FieldTemplate,
    Job,
    LeadRef,
    Match,
    MenuItem,
    Panel,
    Part,
    PipelineTemplate,
    Plugin,
    Slot,
    StageRule,
    StageTemplate,
    Tone,
)
from leadboard.db import (
    IdField,
    MomentField,
    after_commit,
    as_day,
    atomic,
    execute,
    execute_many,
    is_sqlite,
    moment,
    now_ms,
    one,
    rows,
    snapshot,
)
from leadboard.domain.activities import change_activity, log_activity, log_call
from leadboard.domain.leads import create_lead, update_lead
from leadboard.domain.moves import move_lead
from leadboard.domain.notes import add_note
from leadboard.domain.packs import install_pack
from leadboard.domain.tasks import add_task
from leadboard.errors import N_, Conflict, LeadboardError, NotAllowed, NotFound, Refused
from leadboard.events import Event, EventKind, change
from leadboard.fieldtypes import (
    Control,
    FieldContext,
    FieldDefinition,
    FieldType,
    Input,
    Operator,
    Shown,
    Storage,
    ValueSql,
)
from leadboard.forms.base import Form
from leadboard.forms.plugin_settings import SecretField, SettingsForm, settings_for
from leadboard.hookspecs import hookimpl
from leadboard.http import (
    Toast,
    current_actor,
    formats,
    go,
    instance,
    is_fragment,
    message_of,
    needs,
    public,
    render,
    takes_files,
    trigger,
    with_toast,
)
from leadboard.jobs import enqueue
from leadboard.lib.text import clean_line, clean_text, fold, sort_key
from leadboard.models.leads import Lead
from leadboard.models.plugin_model import PluginModel
from leadboard.models.users import User
from leadboard.permissions import SYSTEM, Actor, Permission, Scope, require, user_actor, visible_sql
from leadboard.queries.lead_refs import find_lead, find_leads, find_leads_by_email, find_leads_by_name, find_leads_by_phone
from leadboard.queries.settings import today
from leadboard.queries.suspects import find_duplicates
from leadboard.rest import Shape, json_answer, json_body, needs_scope, operation, query_values

__all__ = [
    "API_VERSION",
    "N_",
    "SYSTEM",
    "Action",
    "ActivityType",
    "Actor",
    "Asset",
    "Badge",
    "Conflict",
    "Control",
    "Draft",
    "Event",
    "EventKind",
    "FieldContext",
    "FieldDefinition",
    "FieldTemplate",
    "FieldType",
    "Form",
    "IdField",
    "Input",
    "Job",
    "Lead",
    "LeadRef",
    "LeadboardError",
    "Match",
    "MenuItem",
    "MomentField",
    "NotAllowed",
    "NotFound",
    "Operator",
    "Panel",
    "Part",
    "Permission",
    "PipelineTemplate",
    "Plugin",
    "PluginBlueprint",
    "PluginModel",
    "Refused",
    "Scope",
    "SecretField",
    "SettingsForm",
    "Shape",
    "Shown",
    "Slot",
    "StageRule",
    "StageTemplate",
    "Storage",
    "Toast",
    "Tone",
    "User",
    "ValueSql",
    "add_note",
    "add_task",
    "after_commit",
    "as_day",
    "atomic",
    "change",
    "change_activity",
    "clean_line",
    "clean_text",
    "create_lead",
    "csrf_exempt",
    "current_actor",
    "enqueue",
    "execute",
    "execute_many",
    "fields",
    "find_duplicates",
    "find_lead",
    "find_leads",
    "find_leads_by_email",
    "find_leads_by_name",
    "find_leads_by_phone",
    "fold",
    "formats",
    "gettext",
    "go",
    "hookimpl",
    "install_pack",
    "instance",
    "is_fragment",
    "is_sqlite",
    "json_answer",
    "json_body",
    "log_activity",
    "log_call",
    "message_of",
    "moment",
    "move_lead",
    "needs",
    "needs_scope",
    "ngettext",
    "now_ms",
    "one",
    "operation",
    "public",
    "query_values",
    "render",
    "require",
    "rows",
    "settings_for",
    "snapshot",
    "sort_key",
    "takes_files",
    "today",
    "trigger",
    "update_lead",
    "user_actor",
    "validators",
    "visible_sql",
    "with_toast",
]
