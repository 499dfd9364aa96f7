"""The instance's own settings, read once and kept until an admin changes them."""

import json
from contextvars import ContextVar
from dataclasses import dataclass, fields
from datetime import date

from leadboard.db import database, one, rows
from leadboard.lib.dates import today_in
from leadboard.pluginhost.state import read_revision


@dataclass(frozen=True)
class Instance:
    """What the set-up asked. `week_start` 0 is Monday; `member_visibility` is "all" or "own"."""

    is_set_up: bool = False
    name: str = "Leadboard"
    language: str = "en"
    country: str = "US"
    currency: str = "USD"
    time_zone: str = "UTC"
    phone_region: str = "US"
    week_start: int = 0
    member_visibility: str = "all"
    revision: int = 0


_KNOWN = {field.name for field in fields(Instance)}
_cache: tuple[object, Instance] | None = None


# The revision that this request, command or job goes by, once it was read.
_known_revision: ContextVar[int | None] = ContextVar("settings revision", default=None)


def go_by(revision: int | None) -> None:
    """Settle the settings' revision for this request, which got it with its session; None asks the database again."""
    _known_revision.set(revision)


def instance() -> Instance:
    """The settings: a cached copy while its revision is the current one."""
    global _cache
    source = database.obj
    if _cache is not None and _cache[0] is source:
        known = _known_revision.get()
        current = read_revision() if known is None else known
        if _cache[1].revision == current:
            return _cache[1]
    values = {key: json.loads(value) for key, value in rows("select key, value from setting") if key in _KNOWN}
    found = Instance(**values)
    _cache = (source, found)
    return found


def today() -> date:
    """Today, as the instance's clock has it."""
    return today_in(instance().time_zone)


def read_setting(key: str) -> object:
    """The value of any setting row, or None."""
    found = one("select value from setting where key = ?", (key,))
    return json.loads(found[0]) if found else None


def forget() -> None:
    """Drop the cached settings: the database behind them is another one now."""
    global _cache
    _cache = None
    go_by(None)
