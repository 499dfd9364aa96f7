"""Tells admins when the newest backup is old: one that silently stopped is else found out on the day it is needed."""

from flask import current_app, g
from flask_babel import ngettext

from leadboard.domain.backups import days_without_backup
from leadboard.permissions import Permission
from leadboard.web.shell import BANNERS, Banner

OLD_DAYS = 3


def old_backup() -> Banner | None:
    """Costs one look at a file, for admins only."""
    actor = g.get("actor")
    if actor is None or not actor.may(Permission.SETTINGS):
        return None
    days = days_without_backup(current_app.config["LEADBOARD"])
    if days < OLD_DAYS:
        return None
    return Banner(
        ngettext(
            "No backup for %(num)s day. The log of the server says why; the command leadboard backup makes one now.",
            "No backup for %(num)s days. The log of the server says why; the command leadboard backup makes one now.",
            days,
        )
    )


def init_backup_age() -> None:
    if old_backup not in BANNERS:
        BANNERS.append(old_backup)
