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
    PanelArea,
    Part,
    PartyRef,
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
    FieldOption,
    FieldType,
    Input,
    Operator,
    Shown,
    Storage,
    ValueSql,
)
from leadboard.file_formats import ColumnKind, ExportColumn, Exporter, Importer, ReaderChoice, ReaderOption
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
from leadboard.lib.csvcells import guard_cell
from leadboard.lib.emails import email_key, find_emails
from leadboard.lib.encodings import codec_of, detect_file
from leadboard.lib.ids import as_id
from leadboard.lib.point_cells import read_points, write_points
from leadboard.lib.signatures import is_signed, new_signing_secret, sign_message, signing_key
from leadboard.lib.tables import FileProblem, Row, RowProblem, Table, header_index, header_names
from leadboard.lib.text import clean_line, clean_text, fold, sort_key
from leadboard.models.leads import Lead
from leadboard.models.parties import Contact, Organisation
from leadboard.models.plugin_model import PluginModel
from leadboard.models.users import User
from leadboard.outbound import Answer, Unreachable, read_target, send_request
from leadboard.permissions import SYSTEM, Actor, Permission, Scope, require, user_actor, visible_sql
from leadboard.pluginhost.secrets import seal, unseal
from leadboard.queries.lead_refs import (
    find_lead,
    find_leads,
    find_leads_by_email,
    find_leads_by_name,
    find_leads_by_phone,
    number_key,
    search_leads,
)
from leadboard.queries.party_refs import find_contact, find_contacts, find_contacts_by_email, find_contacts_by_phone
from leadboard.queries.settings import instance as load_instance
from leadboard.queries.settings import today
from leadboard.queries.suspects import find_duplicates
from leadboard.queries.users import owners, user_actor_of
from leadboard.rest import Shape, json_answer, json_body, needs_scope, operation, query_values

__all__ = [
    "API_VERSION",
    "N_",
    "SYSTEM",
    "Action",
    "ActivityType",
    "Actor",
    "Answer",
    "Asset",
    "Badge",
    "ColumnKind",
    "Conflict",
    "Contact",
    "Control",
    "Draft",
    "Event",
    "EventKind",
    "ExportColumn",
    "Exporter",
    "FieldContext",
    "FieldDefinition",
    "FieldOption",
    "FieldTemplate",
    "FieldType",
    "FileProblem",
    "Form",
    "IdField",
    "Importer",
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
    "Organisation",
    "Panel",
    "PanelArea",
    "Part",
    "PartyRef",
    "Permission",
    "PipelineTemplate",
    "Plugin",
    "PluginBlueprint",
    "PluginModel",
    "ReaderChoice",
    "ReaderOption",
    "Refused",
    "Row",
    "RowProblem",
    "Scope",
    "SecretField",
    "SettingsForm",
    "Shape",
    "Shown",
    "Slot",
    "StageRule",
    "StageTemplate",
    "Storage",
    "Table",
    "Toast",
    "Tone",
    "Unreachable",
    "User",
    "ValueSql",
    "add_note",
    "add_task",
    "after_commit",
    "as_day",
    "as_id",
    "atomic",
    "change",
    "change_activity",
    "clean_line",
    "clean_text",
    "codec_of",
    "create_lead",
    "csrf_exempt",
    "current_actor",
    "detect_file",
    "email_key",
    "enqueue",
    "execute",
    "execute_many",
    "fields",
    "find_contact",
    "find_contacts",
    "find_contacts_by_email",
    "find_contacts_by_phone",
    "find_duplicates",
    "find_emails",
    "find_lead",
    "find_leads",
    "find_leads_by_email",
    "find_leads_by_name",
    "find_leads_by_phone",
    "fold",
    "formats",
    "gettext",
    "go",
    "guard_cell",
    "header_index",
    "header_names",
    "hookimpl",
    "install_pack",
    "instance",
    "is_fragment",
    "is_signed",
    "is_sqlite",
    "json_answer",
    "json_body",
    "load_instance",
    "log_activity",
    "log_call",
    "message_of",
    "moment",
    "move_lead",
    "needs",
    "needs_scope",
    "new_signing_secret",
    "ngettext",
    "now_ms",
    "number_key",
    "one",
    "operation",
    "owners",
    "public",
    "query_values",
    "read_points",
    "read_target",
    "render",
    "require",
    "rows",
    "seal",
    "search_leads",
    "send_request",
    "settings_for",
    "sign_message",
    "signing_key",
    "snapshot",
    "sort_key",
    "takes_files",
    "today",
    "trigger",
    "unseal",
    "update_lead",
    "user_actor",
    "user_actor_of",
    "validators",
    "visible_sql",
    "with_toast",
    "write_points",
]
