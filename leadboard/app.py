"""The whole assembly, on one screen."""

import logging
from typing import Any

from flask import Flask
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from leadboard import http, paths
from leadboard.config import Settings, load_settings, make_instance_folder, secret_key
from leadboard.db import open_database
from leadboard.domain.passwords import use_cheap_hashes
from leadboard.i18n import install_gettext, make_babel
from leadboard.web import API_BLUEPRINTS, API_PREFIX, BLUEPRINTS, panels, plugin_parts
from leadboard.web.access_log import init_access_log
from leadboard.web.addresses import HouseFlask
from leadboard.web.backup_age import init_backup_age
from leadboard.web.errors import init_errors
from leadboard.web.gate import csrf, init_gate
from leadboard.web.house_templates import init_templates
from leadboard.web.id_converter import IdConverter
from leadboard.web.plugin_alarm import init_plugin_alarm
from leadboard.web.plugin_routes import register_routes
from leadboard.web.proxy_hints import init_proxy_hints
from leadboard.web.shell import shell_values
from leadboard.wiring import connect_jobs, connect_plugins

YEAR_S = 31_536_000
MAX_FORM_BYTES = 2_000_000


def create_app(settings: Settings | None = None, *, has_plugins: bool = False) -> Flask:
    """A Flask application on an instance folder, whose schema is there; `has_plugins` when its plugins are loaded already."""
    settings = settings or load_settings()
    make_instance_folder(settings.instance)
    logging.getLogger("leadboard").setLevel(settings.log_level)
    open_database(settings)
    connect_jobs(settings)
    if not has_plugins:
        connect_plugins(settings)
    use_cheap_hashes(settings.testing)

    app = HouseFlask("leadboard", template_folder=str(paths.TEMPLATES), static_folder=None, instance_path=str(settings.instance))
    app.config.update(
        LEADBOARD=settings,
        TESTING=settings.testing,
        SECRET_KEY=secret_key(settings),
        SESSION_COOKIE_NAME="__Host-leadboard" if settings.is_https else "leadboard",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a board stays open for days
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.converters["int"] = IdConverter
    init_templates(app, settings.instance)
    app.jinja_env.globals.update(http.TEMPLATE_GLOBALS | plugin_parts.TEMPLATE_GLOBALS | panels.TEMPLATE_GLOBALS)
    if settings.testing:
        app.jinja_env.undefined = StrictUndefined
    Htmx(app)
    babel = make_babel()
    babel.init_app(app)
    install_gettext(app.jinja_env, babel.domain_instance)
    init_errors(app)
    init_gate(app, settings)
    init_backup_age()
    init_proxy_hints()
    init_plugin_alarm()
    init_access_log(app)
    app.context_processor(http.template_values)
    app.context_processor(shell_values)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for blueprint in API_BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=API_PREFIX)
        csrf.exempt(blueprint)
    register_routes(app)

    wsgi: Any = app.wsgi_app
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        wsgi = ProxyFix(wsgi, x_for=count, x_proto=count, x_host=count)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        wsgi, root=str(paths.STATIC), prefix="static/", max_age=YEAR_S, add_headers_function=_static_headers,
    )  # fmt: skip
    return app


def _static_headers(headers: Any, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'"
