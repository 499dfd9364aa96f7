"""Records out as a file, with a fact in the log of who took how many."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from leadboard.errors import N_, LeadboardError, Refused
from leadboard.events import EventKind, change
from leadboard.file_formats import Exporter
from leadboard.permissions import Actor, Permission, require
from leadboard.pluginhost.calling import isolated
from leadboard.pluginhost.registry import Contribution, registry
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.export import exported_columns, exported_parties, exported_rows

FIRST_FORMAT = "csv"


def exporters() -> list[Exporter]:
    """The writers that are on, in their order."""
    return sorted(registry().items("register_exporters"), key=lambda one: (one.order, one.key))


def find_exporter(key: str) -> Exporter:
    """Raises Refused."""
    exporter: Exporter = _contribution(key).item
    return exporter


def _contribution(key: str) -> Contribution:
    for contribution in registry().contributions.get("register_exporters", ()):
        if contribution.item.key == key:
            return contribution
    raise Refused(
        N_("There is no format %(key)s. Known: %(known)s."),
        field="format", key=key, known=", ".join(exporter.key for exporter in exporters()),
    )  # fmt: skip


def export_leads(
    where: str, params: Sequence[Any], *, actor: Actor, format_key: str = FIRST_FORMAT, exact: bool = False
) -> Generator[bytes, None, int]:
    """The leads of a condition over `lead`; see export_records."""
    return export_records("lead", where, params, actor=actor, format_key=format_key, exact=exact)


def export_records(
    record_type: str, where: str, params: Sequence[Any], *, actor: Actor, format_key: str = FIRST_FORMAT, exact: bool = False
) -> Generator[bytes, None, int]:
    """The records of a condition over their table as a file, a part at a time, and how many they were. Raises NotAllowed, Refused.

    Refused also later, when its plugin fails. For spreadsheets unless `exact`. How many left is recorded when the last one has, or when whoever reads stops.
    """
    require(actor, Permission.EXPORT)
    return _parts(record_type, where, params, actor, _contribution(format_key), exact)


def _parts(
    record_type: str, where: str, params: Sequence[Any], actor: Actor, found: Contribution, exact: bool
) -> Generator[bytes, None, int]:
    # What is archived is offered nowhere, but a file of all fields that lacked it would lose it.
    known = custom_fields(None, record_type)
    count, custom = 0, [*known.active, *(field for field in known.by_key.values() if field.definition.is_archived)]

    def counted() -> Iterator[Sequence[object]]:
        nonlocal count
        is_of_leads = record_type == "lead"
        parts = exported_rows(where, params, custom) if is_of_leads else exported_parties(record_type, where, params, custom)
        for part in parts:
            for row in part:
                count += 1
                yield row

    exporter: Exporter = found.item
    columns = exported_columns(custom, record_type)
    try:
        written = _ask(found, lambda: iter(exporter.write(columns, counted(), exact and exporter.can_be_exact)))
        while (part := _ask(found, lambda: next(written, None))) is not None:
            yield part
        return count
    finally:
        with change(actor, f"{record_type}.export") as step:
            step.record(EventKind.EXPORTED, "export", 0, rows=count)


def _ask(found: Contribution, work: Any) -> Any:
    """A file that breaks off is no file: whoever reads it is told by the error."""
    outcome = isolated(found.plugin, f"exporter {found.item.key}", work, through=(LeadboardError,), is_long=True)
    if not outcome.is_ok:
        raise Refused(
            N_("The plugin that writes %(label)s files failed (%(ref)s). An admin sees why."),
            label=found.item.label, ref=outcome.reference or "-",
        )  # fmt: skip
    return outcome.value
