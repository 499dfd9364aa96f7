"""Which plugins are on, which places are tripped, and their settings: read whole, whenever the revision has moved."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadboard.db import execute, one, rows


@dataclass(frozen=True)
class States:
    """What the database knows. `chosen` holds only plugins that somebody turned on or off."""

    revision: int = 0
    chosen: Mapping[str, bool] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    tripped: frozenset[tuple[str, str]] = frozenset()


def read_states() -> States:
    """The whole state; the revision is read first, so that a change in between is seen the next time."""
    revision = read_revision()
    found = rows("select name, is_on, settings, secrets from plugin_state")
    return States(
        revision,
        {name: bool(is_on) for name, is_on, _, _ in found},
        {name: json.loads(settings) for name, _, settings, _ in found},
        {name: secrets for name, _, _, secrets in found},
        frozenset(
            (plugin, place) for plugin, place in rows("select plugin, place from plugin_failure where tripped_at is not null")
        ),
    )


def read_revision() -> int:
    """The number that rises with every change of a setting, a field or a plugin; 0 before the set-up."""
    found = one("select value from setting where key = 'revision'")
    return int(found[0]) if found else 0


def bump_revision() -> None:
    """Make every process read settings and plugins again. Inside the caller's transaction."""
    execute(
        "insert into setting (key, value) values ('revision', '1')"
        " on conflict (key) do update set value = cast(cast(setting.value as integer) + 1 as text)"
    )
