"""The file of a backup: a .tar.gz whose first member is a manifest with size and SHA-256 of all others.

Written beside its place and renamed when every byte was read back; read member by member, never unpacked by name.
"""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from leadboard.errors import N_, DatabaseProblem

FORMAT = 1
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
CHUNK = 1024 * 1024
COMPRESSION = 3
UPLOADS = "uploads/"
KNOWN = {"database.sqlite", "database.pgdump", "leadboard.toml", "secret_key"}
_PART = re.compile(r"[^/\\\0]{1,255}\Z")


@dataclass(frozen=True)
class Manifest:
    """What is in a backup. `members` maps names to [size, sha256]; `counts` rows by table; `schema` lists migrations."""

    version: str
    engine: str
    created_at: str
    schema: list[str]
    counts: dict[str, int]
    has_secret: bool
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def total_bytes(self) -> int:
        return sum(size for size, _ in self.members.values())


def damaged(reason: str) -> DatabaseProblem:
    return DatabaseProblem(N_("This backup cannot be used: %(reason)s. Take another one."), reason=reason)


# ---------------------------------------------------------------------------------------------- writing


def write_archive(target: Path, files: Mapping[str, Path], manifest: Manifest) -> Manifest:
    """Write, read back, then rename into place with mode 600. `files` maps member names to what they hold."""
    members = {name: (path.stat().st_size, _hash_file(path)) for name, path in files.items()}
    complete = Manifest(**{**asdict(manifest), "members": members})
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=COMPRESSION) as packed:
                _write_members(packed, files, complete)
            raw.flush()
            os.fsync(raw.fileno())
        with open_archive(part) as (found, read):
            if found != complete:
                raise damaged("its manifest was not written as meant")
            read(None)
        os.replace(part, target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return complete


def _write_members(packed: gzip.GzipFile, files: Mapping[str, Path], manifest: Manifest) -> None:
    with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        text = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()
        archive.addfile(_header(MANIFEST, len(text), time.time()), io.BytesIO(text))
        for name, path in files.items():
            with path.open("rb") as source:
                archive.addfile(_header(name, manifest.members[name][0], path.stat().st_mtime), source)


def _header(name: str, size: int, modified_at: float) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode, header.mtime = size, 0o600, int(modified_at)
    return header


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where folders can be synced."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# ---------------------------------------------------------------------------------------------- reading

Sink = Callable[[str], IO[bytes]]


@contextmanager
def open_archive(path: Path) -> Iterator[tuple[Manifest, Callable[[Sink | None], None]]]:
    """The manifest, and a function that reads all members once, checks them and hands each to `sink(name)`.

    Raises DatabaseProblem for whatever is not as the manifest says: a member too many, too few, too long, changed.
    """
    try:
        with gzip.open(path, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as archive:
            manifest = _read_manifest(archive)
            yield manifest, lambda sink: _read_members(archive, manifest, sink)
    except (gzip.BadGzipFile, zlib.error, tarfile.TarError, EOFError) as error:
        raise damaged(f"{path.name} is cut off or not a backup of Leadboard ({error})") from error
    except OSError as error:
        raise DatabaseProblem(N_("%(path)s: %(reason)s"), path=path, reason=error.strerror or error) from error


def _read_manifest(archive: tarfile.TarFile) -> Manifest:
    header = archive.next()
    if header is None or header.name != MANIFEST or not header.isreg() or header.size > MAX_MANIFEST_BYTES:
        raise damaged("it does not begin with a manifest")
    source = archive.extractfile(header)
    assert source is not None
    try:
        values: dict[str, Any] = json.loads(source.read())
        if values.get("format") != FORMAT:
            raise damaged(f"its format is {values.get('format')}, this Leadboard knows {FORMAT}")
        members = {str(name): (int(size), str(digest)) for name, (size, digest) in values.pop("members").items()}
        manifest = Manifest(**values, members=members)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(f"its manifest is damaged ({error})") from error
    for name, (size, _) in manifest.members.items():
        if not is_known(name) or size < 0:
            raise damaged(f"it has a member {name!r:.80}")
    return manifest


def is_known(name: str) -> bool:
    """True for the names that a backup may hold: our own files, and paths below uploads/ that stay there."""
    if name in KNOWN:
        return True
    parts = name.removeprefix(UPLOADS).split("/")
    return name.startswith(UPLOADS) and all(_PART.match(part) and part not in {".", ".."} for part in parts)


def _read_members(archive: tarfile.TarFile, manifest: Manifest, sink: Sink | None) -> None:
    missing = dict(manifest.members)
    while (header := archive.next()) is not None:
        expected = missing.pop(header.name, None)
        if expected is None or not header.isreg() or header.size != expected[0]:
            raise damaged(f"its member {header.name!r:.80} is not the one that the manifest names")
        source = archive.extractfile(header)
        assert source is not None
        digest = hashlib.sha256()
        target = sink(header.name) if sink is not None else None
        try:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                if target is not None:
                    target.write(chunk)
        finally:
            if target is not None:
                target.close()
        if digest.hexdigest() != expected[1]:
            raise damaged(f"its member {header.name} was changed")
    if missing:
        raise damaged(f"its member {min(missing)} is missing")
