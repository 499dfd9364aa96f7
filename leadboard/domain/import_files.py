"""The files of imports: kept in the instance folder by their content, opened, and read into batches."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from leadboard.domain.import_custom import custom_targets
from leadboard.errors import N_, NotFound, Refused
from leadboard.lib.columns import looks_like_header, suggest
from leadboard.lib.csvfiles import (
    Detected,
    FileProblem,
    Row,
    RowProblem,
    Table,
    check_kind,
    detect_file,
    guess_delimiter,
    open_table,
)
from leadboard.lib.text import fold
from leadboard.models.import_fields import IGNORE, OTHER, TARGETS

FOLDER = Path("uploads", "imports")
BATCH = 500
SAMPLE_ROWS = 200
SHOWN_SAMPLES = 3
PREVIEW_LINES = 8
_CHUNK = 1 << 20
_HEAD = 256 * 1024
# What a file of rejected rows has in addition.
LINE_COLUMN, REASON_COLUMN = "Leadboard line", "Leadboard reason"


@dataclass(frozen=True)
class StoredFile:
    path: str  # inside the instance folder
    sha256: str
    size: int


def store(source: IO[bytes], instance_folder: Path, *, most_bytes: int) -> StoredFile:
    """Copy a file into the instance folder piece by piece. Raises Refused when it is too large or no table at all."""
    folder = instance_folder / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    partial = folder / f"{secrets.token_hex(8)}.part"
    try:
        with partial.open("wb") as target:
            while chunk := source.read(_CHUNK):
                if size == 0:
                    _check_kind(chunk)
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
        path = FOLDER / f"{digest.hexdigest()}.csv"
        partial.replace(instance_folder / path)
    finally:
        partial.unlink(missing_ok=True)
    return StoredFile(path.as_posix(), digest.hexdigest(), size)


def _check_kind(head: bytes) -> None:
    try:
        check_kind(head)
    except FileProblem as problem:
        raise Refused("%(text)s", field="file", text=problem.message) from problem


def existing(instance_folder: Path, path: str) -> Path:
    found = instance_folder / path
    if not found.is_file():
        raise NotFound(N_("The uploaded file is no longer there. Upload it again."))
    return found


def detect_encoding(path: Path, languages: tuple[str, ...]) -> Detected:
    return detect_file(path, languages)


def delimiter_of(path: Path, encoding: str) -> str:
    return guess_delimiter(_head(path, encoding))


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(_HEAD)


def preview_lines(path: Path, encoding: str) -> list[str]:
    """The first lines as they read in an encoding, lines with letters beyond ASCII first: those tell which one is right."""
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        lines = [line.rstrip("\n")[:300] for line in islice((line for line in file if line.strip()), 20_000)]
    telling = [line for line in lines[1:] if not line.isascii()]
    return [*lines[:1], *telling[: PREVIEW_LINES - 1]]


def open_file(path: Path, encoding: str, delimiter: str) -> Table:
    """The table behind its header. Raises Refused."""
    try:
        return open_table(path, encoding, delimiter, is_header=looks_like_header)
    except FileProblem as problem:
        raise _refused(problem) from problem
    except LookupError as error:
        raise Refused(
            N_("%(text)s is not an encoding. Use e.g. utf-8 or cp1250."), field="encoding", text=encoding[:40]
        ) from error


def _refused(problem: FileProblem) -> Refused:
    return Refused("%(text)s", field="file", text=problem.message)


def read_rows(table: Table) -> Iterator[Row | RowProblem]:
    """The rows, with a problem of the file as Refused."""
    try:
        yield from table.rows()
    except FileProblem as problem:
        raise _refused(problem) from problem


def batches(table: Table, *, skip: int = 0) -> Iterator[list[Row | RowProblem]]:
    """The rows in batches, the first `skip` left out."""
    rows = islice(read_rows(table), skip, None)
    while batch := list(islice(rows, BATCH)):
        yield batch


@dataclass(frozen=True)
class FileShape:
    """What a look at the beginning of a file tells: its columns, where each probably goes, and what stands in it."""

    headers: list[str]
    mapping: dict[str, str]
    samples: dict[str, list[str]]
    columns_hash: str


def shape_of(path: Path, encoding: str, delimiter: str) -> FileShape:
    """Raises Refused when there is no table or no row in it."""
    table = open_file(path, encoding, delimiter)
    rows: list[list[str]] = []
    for row in read_rows(table):
        if isinstance(row, Row):
            rows.append(row.cells)
        if len(rows) >= SAMPLE_ROWS:
            break
    table.close()
    samples = {
        header: list(islice(dict.fromkeys(cell.strip()[:80] for row in rows if (cell := row[index]).strip()), SHOWN_SAMPLES))
        for index, header in enumerate(table.headers)
    }
    columns_hash = hashlib.sha256(json.dumps(table.headers, ensure_ascii=False).encode()).hexdigest()
    return FileShape(table.headers, suggested(table.headers, rows), samples, columns_hash)


def suggested(headers: list[str], rows: list[list[str]]) -> dict[str, str]:
    """A target for every column: our own labels as they are, other names as they are known, the rest kept aside."""
    ours = {target.label: name for name, target in TARGETS.items()}
    found = {header: ours[header] for header in headers if header in ours}
    if len(found) < len(ours) // 2:
        found = {header: name for header, name in suggest(headers, rows).items() if name in TARGETS or name == "note"}
    custom = {
        fold(text): name for name, label in custom_targets().items() for text in (name, name.removeprefix("fields."), label)
    }
    for header in headers:
        if (name := custom.get(fold(header))) is not None and name not in found.values():
            found[header] = name
    mapping = {header: found.get(header, OTHER) for header in headers}
    for header in (LINE_COLUMN, REASON_COLUMN):
        if header in mapping:
            mapping[header] = IGNORE
    return mapping
