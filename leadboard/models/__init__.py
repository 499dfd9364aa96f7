"""Tables, one module a noun. ALL_MODELS is in an order that satisfies the foreign keys."""

from leadboard.models.activities import Activity
from leadboard.models.bulk import BulkPart, BulkRefusal, BulkRun
from leadboard.models.contact_points import ContactPoint
from leadboard.models.custom_fields import CustomField
from leadboard.models.events import ChangeSet, Event, EventDelivery, EventValue
from leadboard.models.imports import ImportRow, ImportRun
from leadboard.models.jobs import Job
from leadboard.models.leads import Lead
from leadboard.models.notes import Note
from leadboard.models.parties import Contact, Employment, Organisation
from leadboard.models.pipelines import FoldedStage, LostReason, Pipeline, Source, Stage, StageFlow
from leadboard.models.plugins import PluginFailure, PluginState, PluginTiming
from leadboard.models.settings import Setting
from leadboard.models.tags import LeadTag, Tag
from leadboard.models.tasks import Task
from leadboard.models.tokens import ApiAnswer, ApiToken
from leadboard.models.users import PasswordLink, Session, SignInThrottle, User
from leadboard.models.views import ListLayout, SavedView, ViewUse

ALL_MODELS = [
    User, Session, PasswordLink, SignInThrottle, Setting,
    Pipeline, Stage, Source, LostReason, Organisation, Contact, Employment, Lead, ContactPoint, Note, Task, Activity,
    ChangeSet, Event, EventValue, EventDelivery, Job, ImportRun, ImportRow,
    PluginState, PluginFailure, PluginTiming,
    ApiToken, ApiAnswer, CustomField, SavedView, ViewUse, ListLayout, StageFlow, FoldedStage, Tag, LeadTag,
    BulkRun, BulkPart, BulkRefusal,
]  # fmt: skip

__all__ = [
    "ALL_MODELS", "Activity", "ApiAnswer", "ApiToken", "BulkPart", "BulkRefusal", "BulkRun", "ChangeSet", "Contact", "ContactPoint", "CustomField", "Employment", "Event", "EventDelivery", "EventValue", "FoldedStage", "ImportRow", "ImportRun", "Job", "Lead", "LeadTag", "ListLayout", "LostReason", "Note", "Organisation", "PasswordLink", "Pipeline", "PluginFailure", "PluginState", "PluginTiming", "SavedView", "Session", "Setting", "SignInThrottle", "Source", "Stage", "StageFlow", "Tag", "Task", "User", "ViewUse",
]  # fmt: skip
