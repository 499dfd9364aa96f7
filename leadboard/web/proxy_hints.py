"""Tells admins which setting is missing when a proxy with TLS stands in front: all works without, only less safely."""

from flask import current_app, g, request
from flask_babel import gettext

from leadboard.config import Settings
from leadboard.permissions import Permission
from leadboard.web.gate import is_unknown_tls
from leadboard.web.shell import BANNERS, Banner


def missing_setting() -> Banner | None:
    actor = g.get("actor")
    if actor is None or not actor.may(Permission.SETTINGS):
        return None
    settings: Settings = current_app.config["LEADBOARD"]
    if is_unknown_tls() and not settings.trusted_proxies:
        return Banner(
            gettext(
                "A proxy stands in front of Leadboard, so all visitors seem to come from one address. "
                "Set LEADBOARD_TRUSTED_PROXIES=1 (more if there are more proxies), then restart."
            )
        )
    if is_unknown_tls():
        return Banner(
            gettext(
                "The proxy in front does not tell Leadboard that this page is encrypted. Let it send X-Forwarded-Proto, then reload it."
            )
        )
    if request.is_secure and not settings.is_https:
        return Banner(
            gettext(
                "Cookies could still travel unencrypted. Set LEADBOARD_BASE_URL=%(url)s, then restart.",
                url=request.host_url.rstrip("/"),
            )
        )
    return None


def init_proxy_hints() -> None:
    if missing_setting not in BANNERS:
        BANNERS.append(missing_setting)
