"""Mails in a Maildir or an mbox, found without moving, changing or locking anything."""

import hashlib
import logging
import os
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from leadboard.api import N_, Refused

log = logging.getLogger("leadboard.plugins.mail_drop")

# A file that changed just now may still be written to.
QUIET_S = 5.0
HEAD_BYTES = 65_536
LONGEST_LINE = 1_000_000


@dataclass(frozen=True)
class Found:
    """One mail. `place` and `done` are what to remember when it was taken; `is_cut` when only its beginning was read."""

    place: str
    done: int
    head: str
    data: bytes
    size: int
    is_cut: bool
    changed_at: int


def check_folder(text: str) -> Path:
    """The Maildir or mbox that a setting names. Raises Refused, which says what is there instead."""
    path = Path(text.strip())
    if not path.is_absolute():
        raise Refused(N_("Give the whole path, e.g. /var/mail/crm."), field="folder")
    try:
        if _is_mbox(path) or (path / "cur").is_dir() or (path / "new").is_dir():
            if not os.access(path, os.R_OK):
                raise Refused(N_("The server may not read %(path)s."), field="folder", path=path)
            return path
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise Refused(N_("The server may not read %(path)s."), field="folder", path=path) from error
    raise Refused(N_("%(path)s is no Maildir (a folder with cur and new) and no mbox file."), field="folder", path=path)


def _is_mbox(path: Path) -> bool:
    """Whether the file is an mbox or empty: what else the server may read is not shown to whoever sets up the folder."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(200).lstrip(b"\r\n")[:5] in {b"From ", b""}


def mails_in(path: Path, *, most_bytes: int, done: Callable[[Collection[str]], dict[str, tuple[int, str]]]) -> Iterator[Found]:
    """Those that were not read before, the oldest first. `done` tells how far places were read."""
    if path.is_file():
        yield from _mbox(path, most_bytes, done)
    else:
        yield from _maildir(path, most_bytes, done)


def _maildir(path: Path, most_bytes: int, done: Callable[[Collection[str]], dict[str, tuple[int, str]]]) -> Iterator[Found]:
    files: list[tuple[float, str, Path]] = []
    for part in ("new", "cur"):
        folder = path / part
        if folder.is_dir():
            for entry in os.scandir(folder):
                # A link could lead anywhere, and whoever delivers mails is not the server's own user.
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith("."):
                    # What follows the colon are marks of mail programs, which change.
                    changed = entry.stat(follow_symlinks=False).st_mtime
                    files.append((changed, entry.name.partition(":")[0], Path(entry.path)))
    known = done([_place(path, name) for _, name, _ in files])
    for changed, name, file in sorted(files):
        if _place(path, name) in known or time.time() - changed < QUIET_S:
            continue
        try:
            with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
                size = os.fstat(opened.fileno()).st_size
                data = opened.read(most_bytes if size <= most_bytes else HEAD_BYTES)
        except OSError as error:
            # A mail program moved it from new to cur: the next run finds it there. One that may not be read holds up no other.
            if not isinstance(error, FileNotFoundError):
                log.warning("the mail %s cannot be read: %s", file, error)
            continue
        yield Found(_place(path, name), 1, "", data, size, size > most_bytes, round(changed * 1000))


def _place(path: Path, name: str) -> str:
    text = f"{path.name}/{os.fsencode(name).decode('utf-8', 'backslashreplace')}"
    return text if len(text) <= 400 else hashlib.sha256(text.encode()).hexdigest()


def _mbox(path: Path, most_bytes: int, done: Callable[[Collection[str]], dict[str, tuple[int, str]]]) -> Iterator[Found]:
    place = str(path)[-500:]
    if path.with_name(path.name + ".lock").exists() or time.time() - path.stat().st_mtime < QUIET_S:
        return
    changed_at = round(path.stat().st_mtime * 1000)
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(200)).hexdigest()
        start, known_head = done([place]).get(place, (0, ""))
        # A box that another program has rewritten is read again; mails are known by their Message-ID.
        if known_head != head or start > path.stat().st_size:
            start = 0
        file.seek(start)
        pieces: list[bytes] = []
        size, end, before = 0, start, b"\n"
        while line := file.readline(LONGEST_LINE):
            if line.startswith(b"From ") and before in {b"\n", b"\r\n"}:
                if size:
                    yield _one(place, end, head, pieces, size, most_bytes, changed_at)
                pieces, size = [], 0
            else:
                plain = line[1:] if line.startswith((b">From ", b">>From ")) else line
                if size <= most_bytes:
                    pieces.append(plain)
                size += len(plain)
            end += len(line)
            before = line
        if size:
            yield _one(place, end, head, pieces, size, most_bytes, changed_at)


def _one(place: str, end: int, head: str, pieces: list[bytes], size: int, most_bytes: int, changed_at: int) -> Found:
    is_cut = size > most_bytes
    data = b"".join(pieces)
    return Found(place, end, head, data[:HEAD_BYTES] if is_cut else data, size, is_cut, changed_at)
