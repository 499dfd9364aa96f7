"""The routes of plugins: registered once at start, also of those that are off, because Flask takes none later."""

from typing import Any

from flask import Flask

from leadboard.blueprints import PluginBlueprint, plugin_of
from leadboard.pluginhost.boundary import outcome_of
from leadboard.pluginhost.registry import at_start, expect, failed_at_start, loaded_plugin
from leadboard.web.gate import csrf

expect("register_routes", PluginBlueprint)


def register_routes(app: Flask) -> None:
    """Register every blueprint; one that Flask refuses is recorded and left out."""
    for plugin, blueprint in at_start("register_routes"):
        one = loaded_plugin(plugin)
        prefix = one.plugin.public_prefix if one is not None and one.plugin is not None else ""
        _, error = outcome_of(lambda bp=blueprint, prefix=prefix: _register(app, bp, prefix))  # type: ignore[misc]
        if error is not None:
            failed_at_start(plugin, "register_routes", error)


def _register(app: Flask, blueprint: PluginBlueprint, public_prefix: str) -> None:
    app.register_blueprint(blueprint, url_prefix=blueprint.prefix(public_prefix))
    for name, view in blueprint.views.items():
        if getattr(view, "csrf_exempt_reason", ""):
            csrf.exempt(app.view_functions[f"{blueprint.name}.{name}"])


def routes_of(app: Flask, plugin: str) -> list[tuple[str, str, str]]:
    """(address, methods, who may: see _who) of a plugin's routes, for the admin's page."""
    found = []
    for rule in app.url_map.iter_rules():
        if plugin_of(app.blueprints.get(rule.endpoint.partition(".")[0])) == plugin:
            view = app.view_functions[rule.endpoint]
            methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            found.append((rule.rule, methods, _who(view)))
    return sorted(found)


def _who(view: Any) -> str:
    """The permission that a view takes; "token:<scope>" of a view for programs, "" of one for everybody."""
    scope = getattr(view, "scope", None)
    if scope is not None:
        return f"token:{scope}"
    return "" if getattr(view, "is_public", False) else str(getattr(view, "needs", ""))
