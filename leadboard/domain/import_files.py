"""The files of imports: kept in the instance folder by their content, and what a look at their beginning tells."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from leadboard.domain.import_custom import archived_columns, custom_targets
from leadboard.domain.import_formats import HEAD, find_importer, open_file, read_rows, recognise
from leadboard.errors import N_, NotFound, Refused
from leadboard.lib.columns import record_of, suggest
from leadboard.lib.tables import Row
from leadboard.lib.text import fold
from leadboard.models.import_fields import FIRST_RECORD, IGNORE, MORE_EMAILS, MORE_PHONES, NOTE, OTHER, TARGETS_OF
from leadboard.models.import_options import NO_FIELDS, Options

FOLDER = Path("uploads", "imports")
SAMPLE_ROWS = 200
SHOWN_SAMPLES = 3
_CHUNK = 1 << 20
# What a file of rejected rows has in addition.
LINE_COLUMN, REASON_COLUMN = "Leadboard line", "Leadboard reason"


@dataclass(frozen=True)
class StoredFile:
    path: str  # inside the instance folder
    sha256: str
    size: int
    importer: str


def store(source: IO[bytes], name: str, instance_folder: Path, *, most_bytes: int, importer: str = "") -> StoredFile:
    """Copy a file into the instance folder piece by piece; who reads it is recognised unless said. Raises Refused."""
    folder = instance_folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    partial = folder / f"{secrets.token_hex(8)}.part"
    try:
        with partial.open("wb") as target:
            while chunk := source.read(_CHUNK):
                if size == 0:
                    importer = importer or recognise(chunk[:HEAD], name)
                size += len(chunk)
                if size > most_bytes:
                    raise Refused(
                        N_("This file is larger than %(most)d MB. Split it, or raise LEADBOARD_IMPORT_MAX_MB."),
                        field="file", most=most_bytes // 1_000_000,
                    )  # fmt: skip
                digest.update(chunk)
                target.write(chunk)
        if size == 0:
            raise Refused(N_("This file is empty. Export it again and check that it holds rows."), field="file")
        found = find_importer(importer)
        if found is None:
            raise Refused(N_("There is no format %(key)s."), field="importer", key=importer)
        path = FOLDER / f"{digest.hexdigest()}{found.suffixes[0]}"
        partial.replace(instance_folder / path)
    finally:
        partial.unlink(missing_ok=True)
    return StoredFile(path.as_posix(), digest.hexdigest(), size, importer)


def existing(instance_folder: Path, path: str) -> Path:
    found = instance_folder / path
    if not found.is_file():
        raise NotFound(N_("The uploaded file is no longer there. Upload it again."))
    return found


@dataclass(frozen=True)
class FileShape:
    """What a look at the beginning of a file tells: its columns, what a row is, where each column probably goes, and what stands in it."""

    headers: list[str]
    record_type: str
    mapping: dict[str, str]
    samples: dict[str, list[str]]
    columns_hash: str


def shape_of(path: Path, options: Options, file_name: str = "") -> FileShape:
    """What a row is, is found unless the options say it. Raises Refused when there is no table or no row in it."""
    table = open_file(options.importer, path, options.reader or {})
    first_rows = next(read_rows(options.importer, table, at_once=SAMPLE_ROWS), [])
    table.close()
    rows = [row.cells for row in first_rows if isinstance(row, Row)]
    samples = {
        header: list(islice(dict.fromkeys(cell.strip()[:80] for row in rows if (cell := row[index]).strip()), SHOWN_SAMPLES))
        for index, header in enumerate(table.headers)
    }
    columns_hash = hashlib.sha256(json.dumps(table.headers, ensure_ascii=False).encode()).hexdigest()
    record_type = options.record_type or found_record(table.headers, file_name, table.targets)
    return FileShape(
        table.headers, record_type, suggested(table.headers, rows, table.targets, record_type), samples, columns_hash
    )


def found_record(headers: list[str], file_name: str = "", known: Mapping[str, str] = NO_FIELDS) -> str:
    """What a row of a file is: an export of ours tells by its labels, others by the names of their columns.

    What a reader says that it knows (`known`) is an address book when it has people in it.
    """
    if "person_name" in known.values() and not set(known.values()) & {"title", "stage", "value_amount"}:
        return "contact"
    for record_type, targets in TARGETS_OF.items():
        labels = {target.label for target in targets.values()}
        if len(labels & set(headers)) >= len(labels) * 0.8:
            return record_type
    return record_of(headers, file_name) or FIRST_RECORD


# What people and firms have that the names of leads' columns are known for.
_AS = {
    "contact": {"person_name": "name", "organisation_name": "organisation"},
    "organisation": {"organisation_name": "name"},
}
_FURTHER = {"email": MORE_EMAILS, "phone": MORE_PHONES}


def suggested(
    headers: list[str], rows: list[list[str]], known: Mapping[str, str], record_type: str = FIRST_RECORD
) -> dict[str, str]:
    """A target for every column: what the reader says, our own labels, other names as they are known; the rest kept aside."""
    targets, same = TARGETS_OF[record_type], _AS.get(record_type, {})
    ours = {target.label: name for name, target in targets.items()}
    found = {header: ours[header] for header in headers if header in ours}
    if known:
        found = {header: same.get(target, target) for header, target in known.items()}
        found = {header: target for header, target in found.items() if target in targets or target in {NOTE, IGNORE}}
    elif len(found) < len(ours) // 2:
        kind = {"organisation": "firms", "contact": "people"}.get(record_type)
        names = {header: same.get(name, name) for header, name in suggest(headers, rows, kind).items()}
        found = {header: name for header, name in names.items() if name in targets or name == NOTE}
        found = {**_further(headers, rows, found), **found}
    custom = {
        fold(text): name
        for name, label in custom_targets(record_type).items()
        for text in (name, name.removeprefix("fields."), label)
    }
    for header in headers:
        if (name := custom.get(fold(header))) is not None and name not in found.values():
            found[header] = name
    mapping = {header: found.get(header, OTHER) for header in headers}
    for header in (LINE_COLUMN, REASON_COLUMN):
        if header in mapping:
            mapping[header] = IGNORE
    for header in archived_columns(headers, record_type):
        if mapping[header] == OTHER:
            mapping[header] = IGNORE
    return mapping


def _further(headers: list[str], rows: list[list[str]], found: Mapping[str, str]) -> dict[str, str]:
    """Second and third columns of addresses and numbers."""
    further: dict[str, str] = {}
    while True:
        left = [index for index, header in enumerate(headers) if header not in found and header not in further]
        names = suggest([headers[index] for index in left], [[row[index] for index in left] for row in rows])
        more = {header: _FURTHER[name] for header, name in names.items() if name in _FURTHER}
        if not more:
            return further
        further |= more
