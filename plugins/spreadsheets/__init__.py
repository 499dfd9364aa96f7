"""Excel workbooks: leads in and out as .xlsx."""

from leadboard.api import N_, Exporter, Importer, Plugin, hookimpl

from . import reading, writing

PLUGIN = Plugin(
    name="spreadsheets",
    title="Spreadsheets",
    version="1.0",
    requires_api="0.2",
    description="Reads and writes Excel workbooks (.xlsx). Formulas are never worked out, links to other files never followed.",
    category="data",
    starts_on=True,
)

XLSX = "spreadsheets.xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@hookimpl
def register_importers() -> list[Importer]:
    return [
        Importer(
            key=XLSX,
            label=N_("Excel workbook"),
            suffixes=(".xlsx", ".xlsm"),
            media_types=(MEDIA_TYPE,),
            look=reading.look,
            open=reading.open_table,
            way_back=N_("Another sheet?"),
        )
    ]


@hookimpl
def register_exporters() -> list[Exporter]:
    return [
        Exporter(
            key=XLSX, label=N_("Excel workbook"), suffix=".xlsx", media_type=MEDIA_TYPE, write=writing.write, order=20,
            description=N_("With real numbers and dates. Texts stay texts, never formulas."),
        )
    ]  # fmt: skip


@hookimpl
def recognise_file(head: bytes, name: str) -> str | None:
    is_zip = head.startswith(b"PK\x03\x04") and (b"xl/" in head or b"[Content_Types].xml" in head)
    is_named = name.lower().endswith((".xlsx", ".xlsm", ".xls")) and head.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    return XLSX if is_zip or is_named else None
