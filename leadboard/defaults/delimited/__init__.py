"""Delimited text: reads CSV and TSV in any encoding and separator, writes both."""

from leadboard.api import N_, Exporter, Importer, Plugin, hookimpl
from leadboard.defaults.delimited.looking import describe, look, open_file
from leadboard.defaults.delimited.writing import write_csv, write_tsv

PLUGIN = Plugin(name="delimited", title="CSV and TSV", version="1.0", category="data")

CSV = "csv"


@hookimpl
def register_importers() -> list[Importer]:
    return [
        Importer(
            key=CSV,
            label=N_("CSV or TSV"),
            suffixes=(".csv", ".tsv", ".tab", ".txt"),
            media_types=("text/csv", "text/tab-separated-values", "text/plain"),
            look=look,
            open=open_file,
            describe=describe,
            way_back=N_("Letters look wrong?"),
        )
    ]


@hookimpl
def register_exporters() -> list[Exporter]:
    return [
        Exporter(
            key=CSV, label="CSV", suffix=".csv", media_type="text/csv; charset=utf-8", write=write_csv, can_be_exact=True, order=10,
            description=N_("Commas between the cells: what most programs read."),
        ),
        Exporter(
            key="tsv", label="TSV", suffix=".tsv", media_type="text/tab-separated-values; charset=utf-8", write=write_tsv,
            can_be_exact=True, order=90, description=N_("Tabs between the cells."),
        ),
    ]  # fmt: skip


@hookimpl
def recognise_file(head: bytes, name: str) -> str | None:
    """Everything that nobody else knows: what is no text is refused with its name when it is looked at."""
    return CSV
