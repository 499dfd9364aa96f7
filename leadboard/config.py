"""The settings of one installation: defaults < instance/leadboard.toml < LEADBOARD_* environment."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from leadboard.errors import SettingsProblem
from leadboard.paths import instance_folder

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PLUGIN_ERRORS = ("record", "raise")
MIN_SECRET_LENGTH = 32
TEXTS = {"database_url", "base_url", "secret_key", "log_level", "plugin_errors"}
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Settings:
    """Read once at start. Each field is a key of leadboard.toml and, in capitals, LEADBOARD_<KEY>."""

    instance: Path
    database_url: str = ""
    base_url: str = ""
    secret_key: str = field(default="", repr=False)
    log_level: str = "INFO"
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: int = 0
    outbound_hosts: tuple[str, ...] = ()
    """host:port that plugins may reach although they are not on the internet, or not at port 80 or 443."""
    import_max_mb: int = 50
    import_max_rows: int = 200_000
    safe_mode: bool = False
    """Loads no plugin but those that come with Leadboard."""
    block_plugins: tuple[str, ...] = ()
    """Plugins that are not even imported, by name."""
    plugin_errors: str = "record"
    """"record" keeps what a plugin raises and goes on; "raise" lets it through, for whoever writes one."""
    testing: bool = False
    """Cheap password hashes and loud template errors; never set from the environment."""

    @property
    def sqlite_path(self) -> Path | None:
        """The database file, or None on PostgreSQL."""
        url = self.database_url
        if not url:
            return self.instance / "leadboard.db"
        return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


KEYS = {f.name for f in fields(Settings)} - {"instance", "testing"}


def load_settings(instance: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check the settings. Raises SettingsProblem that names the setting and the way out."""
    folder = (instance or instance_folder()).resolve()
    values = _read_file(folder / "leadboard.toml")
    for name in KEYS:
        if text := environ.get(f"LEADBOARD_{name.upper()}"):
            values[name] = text
    settings = Settings(instance=folder, **cast("dict[str, Any]", _typed(values)))
    _check(settings)
    return settings


def _read_file(source: Path) -> dict[str, object]:
    try:
        values = tomllib.loads(source.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise SettingsProblem(
            "%(file)s cannot be read: %(reason)s. Give this user the right to read it.", file=source, reason=error.strerror
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsProblem("%(file)s is not valid TOML: %(error)s", file=source, error=error) from error
    if unknown := sorted(set(values) - KEYS):
        raise SettingsProblem(
            "%(file)s has an unknown key %(key)s. Known keys: %(known)s.",
            file=source, key=unknown[0], known=", ".join(sorted(KEYS)),
        )  # fmt: skip
    for name in TEXTS.intersection(values):
        if not isinstance(values[name], str):
            raise SettingsProblem('%(file)s: %(name)s is a text. Write it in quotes: %(name)s = "…".', file=source, name=name)
    return values


def _typed(values: dict[str, object]) -> dict[str, object]:
    out = dict(values)
    for name in ("trusted_hosts", "block_plugins", "outbound_hosts"):
        if isinstance(listed := out.get(name), str):
            out[name] = tuple(entry.strip() for entry in listed.split(",") if entry.strip())
        elif isinstance(listed, list):
            out[name] = tuple(str(entry) for entry in listed)
    if "safe_mode" in out:
        out["safe_mode"] = _yes_or_no("safe_mode", out["safe_mode"])
    for name in ("trusted_proxies", "import_max_mb", "import_max_rows"):
        if name in out:
            try:
                out[name] = int(str(out[name]))
            except ValueError as error:
                raise SettingsProblem("LEADBOARD_%(name)s must be a whole number such as 1.", name=name.upper()) from error
    if "log_level" in out:
        out["log_level"] = str(out["log_level"]).upper()
    if out.get("base_url"):
        out["base_url"] = _origin(str(out["base_url"]))
    return out


def _yes_or_no(name: str, value: object) -> bool:
    text = str(value).strip().lower()
    if text not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise SettingsProblem("LEADBOARD_%(name)s must be 1 or 0.", name=name.upper())
    return text in {"1", "true", "yes", "on"}


def _origin(url: str) -> str:
    """A base URL as browsers write origins: lower case, without the port that goes without saying."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise SettingsProblem(
            "LEADBOARD_BASE_URL is %(value)s. Give the whole address, e.g. https://crm.example.org.", value=repr(url)
        )
    if rest := urlunsplit(("", "", parts.path.rstrip("/"), parts.query, parts.fragment)):
        raise SettingsProblem(
            "LEADBOARD_BASE_URL is %(value)s. Leadboard needs a host name or a port of its own: leave %(rest)s out.",
            value=repr(url), rest=rest,
        )  # fmt: skip
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, DEFAULT_PORTS[parts.scheme]) else "")


def _check(settings: Settings) -> None:
    if settings.log_level not in LOG_LEVELS:
        raise SettingsProblem(
            "LEADBOARD_LOG_LEVEL is %(value)s. Use one of %(known)s.", value=repr(settings.log_level), known=", ".join(LOG_LEVELS)
        )
    if settings.plugin_errors not in PLUGIN_ERRORS:
        raise SettingsProblem(
            "LEADBOARD_PLUGIN_ERRORS is %(value)s. Use one of %(known)s.",
            value=repr(settings.plugin_errors), known=", ".join(PLUGIN_ERRORS),
        )  # fmt: skip
    if settings.secret_key and len(settings.secret_key) < MIN_SECRET_LENGTH:
        raise SettingsProblem(
            "LEADBOARD_SECRET_KEY has %(length)d characters. Use at least %(least)d, e.g. the output of: openssl rand -hex 32.",
            length=len(settings.secret_key), least=MIN_SECRET_LENGTH,
        )  # fmt: skip
    url = settings.database_url
    if url and not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise SettingsProblem(
            "LEADBOARD_DATABASE_URL starts with %(scheme)s. Use sqlite:///path/file.db or postgresql://user:password@host/name.",
            scheme=repr(url.split(":", 1)[0]),
        )
    if not 0 <= settings.trusted_proxies <= 5:
        raise SettingsProblem("LEADBOARD_TRUSTED_PROXIES must be between 0 and 5: the number of proxies in front.")
    for name in ("import_max_mb", "import_max_rows"):
        if getattr(settings, name) < 1:
            raise SettingsProblem("LEADBOARD_%(name)s must be at least 1.", name=name.upper())


def make_instance_folder(folder: Path) -> None:
    """Make the folder when there is none, for its owner only: personal data and password hashes are in it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def secret_key(settings: Settings) -> str:
    """The key that signs cookies: from the settings, else a file made at the first start with mode 600."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.instance / "secret_key"
    if path.is_file():
        text = path.read_text(encoding="ascii", errors="replace").strip()
        if len(text) < MIN_SECRET_LENGTH:
            raise SettingsProblem(
                "%(file)s is damaged. Restore it from a backup, or delete it: everybody then signs in again.", file=path
            )
        return text
    text = secrets.token_hex(32)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(text + "\n")
    except FileExistsError:  # another process was first
        return secret_key(settings)
    except OSError as error:
        raise SettingsProblem(
            "The folder %(folder)s cannot be written: %(reason)s. Give this user the right to write there.",
            folder=settings.instance, reason=error.strerror,
        ) from error  # fmt: skip
    return text
