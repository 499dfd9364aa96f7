"""The instance's own settings, read once and kept until an admin changes them."""

import json
from dataclasses import dataclass, fields

from leadboard.db import database, one, rows


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


def instance(revision: int | None = None) -> Instance:
    """The settings. With the `revision` that came with the session, a cached copy is used while it is current."""
    global _cache
    source = database.obj
    if _cache is not None and _cache[0] is source:
        current = settings_revision() if revision is None else revision
        if _cache[1].revision == current:
            return _cache[1]
    values = {key: json.loads(value) for key, value in rows("select key, value from setting") if key in _KNOWN}
    found = Instance(**values)
    _cache = (source, found)
    return found


def settings_revision() -> int:
    """Rises with every change of a setting; 0 before the set-up."""
    found = one("select value from setting where key = 'revision'")
    return int(found[0]) if found else 0


def read_setting(key: str) -> object:
    """The value of any setting row, or None."""
    found = one("select value from setting where key = ?", (key,))
    return json.loads(found[0]) if found else None


def forget() -> None:
    """Drop the cached settings: the database behind them is another one now."""
    global _cache
    _cache = None
