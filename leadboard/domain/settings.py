"""Changing the instance's settings."""

import json
from typing import Any

from leadboard.db import after_commit
from leadboard.errors import N_, Refused
from leadboard.events import EventKind, change
from leadboard.lib.countries import COUNTRIES, phone_regions, time_zones
from leadboard.lib.money import is_currency
from leadboard.models.settings import Setting
from leadboard.permissions import Actor, Permission, require
from leadboard.pluginhost.registry import refresh
from leadboard.pluginhost.state import bump_revision, read_revision
from leadboard.queries.settings import go_by, read_setting


def change_settings(*, actor: Actor, **values: Any) -> None:
    """Write settings by name. Raises NotAllowed."""
    require(actor, Permission.SETTINGS)
    with change(actor, "settings.change") as step:
        changed = {key: (read_setting(key), value) for key, value in values.items() if read_setting(key) != value}
        if not changed:
            return
        for key, (_, value) in changed.items():
            write_setting(key, value)
        announce()
        step.record(EventKind.SETTING_CHANGED, "setting", 0, values=changed)


def write_setting(key: str, value: Any) -> None:
    """Write one row, inside the caller's change."""
    go_by(None)
    Setting.insert(key=key, value=json.dumps(value)).on_conflict(
        conflict_target=[Setting.key], update={Setting.value: json.dumps(value)}
    ).execute()


def announce() -> None:
    """Every process reads settings, fields and plugins again from its next request; this one as soon as it is committed."""
    bump_revision()
    go_by(None)
    after_commit(lambda: refresh(read_revision()))


def check_regional(*, country: str, currency: str, time_zone: str, phone_region: str, week_start: int) -> None:
    """Raises Refused naming the field."""
    if country not in COUNTRIES:
        raise Refused(N_("Choose a country."), field="country")
    if not is_currency(currency):
        raise Refused(N_("Choose a currency."), field="currency")
    if time_zone not in time_zones():
        raise Refused(N_("Choose a time zone."), field="time_zone")
    if phone_region not in phone_regions():
        raise Refused(N_("Choose a country for telephone numbers."), field="phone_region")
    if not 0 <= week_start <= 6:
        raise Refused(N_("Choose the first day of the week."), field="week_start")
