"""Backups: by hand, every night, and before each upgrade of the schema."""

import logging
import re
import shutil
import tempfile
import time
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from leadboard import __version__, schema
from leadboard.config import Settings
from leadboard.db import is_sqlite, now_ms, one
from leadboard.domain.archive import UPLOADS, Manifest, is_known, write_archive
from leadboard.domain.dumps import dump
from leadboard.errors import N_, DatabaseProblem

log = logging.getLogger("leadboard.backups")

NIGHTLY_JOB = "backup.nightly"
# A file that is empty: its time is the time of the newest backup.
LAST_BACKUP = "last_backup"
DAYS, WEEKS, MONTHS, UPGRADES = 7, 4, 12, 5
_NIGHTLY = re.compile(r"nightly-(\d{8})-\d{6}\.tar\.gz\Z")
_WORK = ".backup-"
_LEFT_OVER_S = 86_400


def write_backup(settings: Settings, target: Path, *, with_secret: bool = False) -> Manifest:
    """Write a verified backup of database, uploads and settings. Raises DatabaseProblem; then nothing is left behind.

    Without `with_secret` no secret leaves the instance: neither the key that signs cookies nor passwords in the settings.
    """
    target = target.absolute()
    try:
        with tempfile.TemporaryDirectory(prefix=_WORK, dir=target.parent) as name:
            folder = Path(name)
            _check_room(settings, folder)
            copy = folder / "database"
            counts = dump(settings, copy)
            files = {f"database.{'sqlite' if is_sqlite() else 'pgdump'}": copy}
            files.update(_settings_files(settings, folder, with_secret=with_secret))
            files.update(_uploads(settings))
            manifest = Manifest(
                version=__version__, engine="sqlite" if is_sqlite() else "postgresql",
                created_at=datetime.now(UTC).isoformat(timespec="seconds"), schema=sorted(schema.applied()), counts=counts,
                has_secret="secret_key" in files,
            )  # fmt: skip
            written = write_archive(target, files, manifest)
    except OSError as error:
        raise DatabaseProblem(
            N_("The backup %(path)s cannot be written: %(reason)s."), path=target, reason=error.strerror or error
        ) from error
    _wind_clock(settings)
    return written


def start_clock(settings: Settings) -> None:
    """A new instance counts the days without a backup from its first start."""
    if not (settings.instance / LAST_BACKUP).exists():
        _wind_clock(settings)


def days_without_backup(settings: Settings) -> int:
    """Whole days since the newest backup, wherever it was written to."""
    try:
        last = (settings.instance / LAST_BACKUP).stat().st_mtime
    except FileNotFoundError:
        return 0
    return int((time.time() - last) // 86_400)


def _wind_clock(settings: Settings) -> None:
    try:
        (settings.instance / LAST_BACKUP).touch()
    except OSError as error:  # a full disk: all the better that there is a backup elsewhere
        log.warning("the time of the backup could not be kept: %s", error)


def _check_room(settings: Settings, folder: Path) -> None:
    """Refuse before filling the disk of the running database."""
    if settings.sqlite_path is not None:
        pages, size = one("pragma page_count"), one("pragma page_size")
        needed = int(pages[0]) * int(size[0]) * 3 // 2 if pages and size else 0
    else:
        found = one("select pg_database_size(current_database())")
        needed = int(found[0]) if found else 0
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DatabaseProblem(
            N_("A backup needs about %(needed)d MB in %(folder)s, and %(free)d MB are free. Make room or choose another disk."),
            needed=needed // 1_000_000 + 1, free=free // 1_000_000, folder=folder.parent,
        )  # fmt: skip


def _settings_files(settings: Settings, folder: Path, *, with_secret: bool) -> dict[str, Path]:
    files: dict[str, Path] = {}
    toml, key = settings.instance / "leadboard.toml", settings.instance / "secret_key"
    if toml.is_file():
        files["leadboard.toml"] = toml
        if not with_secret:
            plain = folder / "leadboard.toml"
            plain.write_text(_without_secrets(toml.read_text(encoding="utf-8")), encoding="utf-8")
            files["leadboard.toml"] = plain
    if with_secret and key.is_file():
        files["secret_key"] = key
    return files


def _without_secrets(text: str) -> str:
    """The settings without secret_key and without a password in database_url. Comments go too."""
    lines = ["# From a backup. Secrets were left out."]
    for name, value in tomllib.loads(text).items():
        if name == "secret_key":
            continue
        if name == "database_url":
            value = re.sub(r"(?<=://)([^/@:]*):[^@]*@", r"\1@", str(value))
        lines.append(f"{name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    escaped = "".join(f"\\u{ord(char):04x}" if ord(char) < 32 or char in '"\\\x7f' else char for char in str(value))
    return f'"{escaped}"'


def _uploads(settings: Settings) -> dict[str, Path]:
    folder = settings.instance / "uploads"
    found = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) if folder.is_dir() else []
    named = {f"{UPLOADS}{path.relative_to(folder).as_posix()}": path for path in found}
    return {name: path for name, path in named.items() if is_known(name)}


# ---------------------------------------------------------------------------------------------- kept by the instance


def backup_folder(settings: Settings) -> Path:
    folder = settings.instance / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def backup_before_upgrade(settings: Settings) -> Path:
    """The backup that schema.upgrade makes first; the newest five of these are kept."""
    pending = schema.check(settings)
    target = backup_folder(settings) / f"before-{pending[0]}-{_stamp()}.tar.gz"
    write_backup(settings, target)
    for path in sorted(target.parent.glob("before-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)[UPGRADES:]:
        path.unlink()
    return target


def nightly_backup(settings: Settings) -> None:
    """The periodic job: a backup of a database in use, then the rotation."""
    if one('select 1 from "user" limit 1') is None and one("select 1 from lead limit 1") is None:
        return
    folder = backup_folder(settings)
    target = folder / f"nightly-{_stamp()}.tar.gz"
    write_backup(settings, target)
    log.info("backup written: %s", target.name)
    names = [path.name for path in folder.iterdir()]
    for name in set(filter(_NIGHTLY.match, names)) - kept(names):
        (folder / name).unlink(missing_ok=True)
    _sweep(folder)


def kept(names: Iterable[str]) -> set[str]:
    """The nightly backups that stay: the newest of each of 7 days, 4 weeks and 12 months that have one."""
    newest_first = sorted(filter(_NIGHTLY.match, names), reverse=True)
    stay: set[str] = set()
    for part, most in (("%Y%m%d", DAYS), ("%G-%V", WEEKS), ("%Y%m", MONTHS)):
        by_slot: dict[str, str] = {}
        for name in newest_first:
            found = _NIGHTLY.match(name)
            assert found is not None
            slot = datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).strftime(part)
            by_slot.setdefault(slot, name)
        stay.update(list(by_slot.values())[:most])
    return stay


def _sweep(folder: Path) -> None:
    """Remove what a killed backup left behind."""
    for path in (*folder.glob(f"{_WORK}*"), *folder.glob(".*.tar.gz.*")):
        if now_ms() / 1000 - path.stat().st_mtime > _LEFT_OVER_S:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
