"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import (
    account,
    activities,
    auth,
    board,
    bulk_pages,
    column_choice,
    convert,
    exports,
    filters,
    health,
    imports,
    lead_links,
    lead_list,
    lead_page,
    lead_tags,
    merging,
    moves,
    new_lead,
    notes,
    plugin_parts,
    quick_add,
    reached,
    search,
    setup,
    suspects,
    tasks,
    timeline,
    undo,
    views,
)
from leadboard.web import bin as bin_
from leadboard.web.admin import field_changes, fields, lists, packs, people, pipelines, plugins, sample, settings, tags
from leadboard.web.api import leads as api_leads
from leadboard.web.api import lists as api_lists
from leadboard.web.api import openapi as api_document
from leadboard.web.api import parties as api_parties
from leadboard.web.api import search as api_search
from leadboard.web.parties import detail as party_detail
from leadboard.web.parties import edit as party_edit
from leadboard.web.parties import exports as _party_exports  # noqa: F401 - its views are those of the two kinds
from leadboard.web.parties import lists as party_lists
from leadboard.web.parties import relations as party_relations
from leadboard.web.parties import suggest as party_suggest

BLUEPRINTS = [
    health.bp, auth.bp, setup.bp, account.bp,
    board.bp, quick_add.bp, search.bp, moves.bp, convert.bp, merging.bp, undo.bp, bulk_pages.bp,
    *party_detail.BLUEPRINTS,
    lead_page.bp, reached.bp, suspects.bp, bin_.bp, timeline.bp, notes.bp, activities.bp, tasks.bp,
    imports.bp, exports.bp, filters.bp, views.bp, column_choice.bp,
    plugin_parts.bp,
    people.bp, settings.bp, pipelines.bp, packs.bp, fields.bp, lists.bp, tags.bp, sample.bp, plugins.bp,
]  # fmt: skip
# These put their views into a blueprint of another module.
ALSO = (field_changes, lead_links, lead_list, lead_tags, new_lead, party_edit, party_lists, party_relations, party_suggest)
# Below API_PREFIX, and reached with a token only.
API_BLUEPRINTS = [api_leads.bp, api_parties.contacts, api_parties.organisations, api_lists.bp, api_search.bp, api_document.bp]
API_PREFIX = "/api/v1"
