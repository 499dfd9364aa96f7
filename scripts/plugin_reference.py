"""The page of everything that a plugin may import, grouped by what one is about to do: docs/plugins/api.md."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from leadboard import api

GROUPS = {
    "What a plugin is and adds": (
        "Every hook has a [page](hooks/README.md) that says where these belong.",
        (
            "Plugin hookimpl API_VERSION Badge Panel PanelArea Action MenuItem Slot Part Asset Job ActivityType StageRule PipelineTemplate"
            " StageTemplate FieldTemplate Tone LeadRef PartyRef Draft Match Event EventKind"
        ),
    ),
    "Reading and writing leads": (
        (
            "Each write checks the actor's rights, asks other plugins, keeps history and can be undone. `values` are by field:"
            " see *Names of fields* below."
        ),
        (
            "create_lead update_lead move_lead add_note add_task log_call log_activity change_activity change find_lead find_leads"
            " find_leads_by_email find_leads_by_phone find_leads_by_name search_leads find_duplicates visible_sql number_key"
            " email_key find_emails install_pack Lead find_contact find_contacts find_contacts_by_email find_contacts_by_phone Contact Organisation"
        ),
    ),
    "Own tables and SQL": (
        "`?` stands for a parameter on both engines; a read outside of a write needs no transaction.",
        (
            "PluginModel IdField MomentField rows one execute execute_many atomic after_commit snapshot is_sqlite now_ms moment as_day"
            " as_id today"
        ),
    ),
    "People and rights": ("", "Actor SYSTEM Permission require user_actor user_actor_of owners User"),
    "Errors and texts": (
        "`N_` marks a text where it stands, `gettext` translates it for the reader of this page.",
        "N_ gettext ngettext Refused NotAllowed NotFound Conflict LeadboardError message_of",
    ),
    "Pages and forms": (
        "`fields` and `validators` are those of WTForms.",
        (
            "PluginBlueprint needs public csrf_exempt takes_files current_actor render go Toast with_toast is_fragment trigger formats"
            " instance load_instance Form fields validators"
        ),
    ),
    "Settings, secrets and jobs": ("", "SettingsForm SecretField settings_for seal unseal enqueue"),
    "Field types": (
        "[How they work together](hooks/register_field_types.md)",
        "FieldType FieldOption FieldDefinition FieldContext Input Control Shown Storage Operator ValueSql",
    ),
    "Files": (
        "[Importers](hooks/register_importers.md), [exporters](hooks/register_exporters.md)",
        (
            "Importer Table Row RowProblem FileProblem ReaderOption ReaderChoice header_index header_names detect_file Exporter"
            " ExportColumn ColumnKind guard_cell codec_of read_points write_points"
        ),
    ),
    "Views for programs": (
        "`json_body` and `query_values` read what the view's `@operation` describes; in any other view use Flask's `request`.",
        "needs_scope Scope operation Shape json_body query_values json_answer",
    ),
    "Talking to other machines": (
        "Through the door that refuses addresses in private networks.",
        "read_target send_request Answer Unreachable sign_message is_signed new_signing_secret signing_key",
    ),
    "Texts as people write them": ("", "clean_line clean_text fold sort_key"),
}


def api_page(describe: Callable[[str, Any], list[str]], names_of_fields: str) -> str:
    """`describe` gives the lines of a name as the golden file has them."""
    lines = [
        "# Everything a plugin may import", "",
        "Written by `scripts/plugin_docs.py` from `leadboard.api`. What is not here may change with any release.", "",
    ]  # fmt: skip
    for title, (remark, names) in groups().items():
        lines += [f"## {title}", "", *([remark, ""] if remark else [])]
        for name in names:
            lines += _entry(name, describe)
    return "\n".join([*lines, "## Names of fields", "", names_of_fields, ""])


def groups() -> dict[str, tuple[str, list[str]]]:
    """The groups with their names; a test holds them against `leadboard.api.__all__`."""
    return {title: (remark, names.split()) for title, (remark, names) in GROUPS.items()}


def _entry(name: str, describe: Callable[[str, Any], list[str]]) -> Iterator[str]:
    value = getattr(api, name)
    shown = describe(name, value)
    text = _first_paragraph(value)
    if len(shown) == 1 and shown[0].startswith(("value ", "module ", f"def {name} = ")):
        shown = [f"{name}  # {shown[0].split('= ')[-1]}" if "= " in shown[0] else name]
    yield from ("```python", *shown, "```", "")
    if text:
        yield from (text, "")


def _first_paragraph(value: Any) -> str:
    """Nothing for values whose docstring is that of their type, or another library's."""
    if not (inspect.isclass(value) or inspect.isroutine(value) or hasattr(value, "__wrapped__")):
        return ""
    if not str(getattr(value, "__module__", "")).startswith("leadboard"):
        return ""
    return " ".join(inspect.cleandoc(value.__doc__ or "").split("\n\n")[0].split())
