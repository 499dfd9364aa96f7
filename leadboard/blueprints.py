"""Pages of plugins: a blueprint whose views run behind the plugin boundary, below the plugin's own address."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, current_app
from peewee import InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException

from leadboard.contributions import PUBLIC_PREFIXES, Problem
from leadboard.errors import N_, LeadboardError, PluginFailed
from leadboard.pluginhost.calling import isolated

# Answers, not failures: they go to web/errors.py like those of any view.
ANSWERS = (LeadboardError, HTTPException, OperationalError, InterfaceError)
View = TypeVar("View", bound=Callable[..., Any])


def csrf_exempt(*, reason: str) -> Callable[[View], View]:
    """Marks a view that other servers post to; `reason` says how it knows them, e.g. "signed with the hook's secret"."""
    if not reason.strip():
        raise Problem("csrf_exempt() needs the reason why the view is safe without a token")

    def mark(view: View) -> View:
        view.csrf_exempt_reason = reason  # type: ignore[attr-defined]
        return view

    return mark


class PluginBlueprint(Blueprint):
    """Routes below /p/<plugin>/, or with `is_public=True` below the plugin's `public_prefix`.

    A view is marked with @needs(permission), @public, or for programs @operation(…) or @needs_scope(scope); others are refused. Endpoints are
    "p_<plugin>.<function>", or "p_<plugin>_public.<function>".
    """

    def __init__(self, plugin: str, *, is_public: bool = False) -> None:
        super().__init__(f"p_{plugin}{'_public' if is_public else ''}", f"leadboard.plugin.{plugin}", root_path="/")
        self.plugin = plugin
        self.is_public = is_public
        self.views: dict[str, Callable[..., Any]] = {}

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Callable[..., Any] | None = None, *args: Any, **options: Any
    ) -> None:
        if view_func is None:
            raise Problem(f"the route {rule} has no view")
        by_token = getattr(view_func, "scope", None) is not None
        if not (getattr(view_func, "needs", None) or getattr(view_func, "is_public", False) or by_token):
            raise Problem(f"the view {view_func.__name__} has neither @needs(…) nor @public, and no scope")
        if getattr(view_func, "csrf_exempt_reason", "") and not (getattr(view_func, "is_public", False) or by_token):
            raise Problem(f"the view {view_func.__name__} is exempt from CSRF but not @public")
        name = endpoint or view_func.__name__
        self.views[name] = view_func
        super().add_url_rule(rule, name, self._bounded(name, view_func), *args, **options)

    def _bounded(self, name: str, view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def call(*args: Any, **values: Any) -> Any:
            outcome = isolated(
                self.plugin, f"route {name}", lambda: current_app.make_response(view(*args, **values)), through=ANSWERS
            )
            if outcome.is_ok:
                return outcome.value
            if not outcome.was_called:
                raise PluginFailed(
                    N_("This page of a plugin failed several times and is switched off. Ask an admin to try it again.")
                )
            raise PluginFailed(N_("A plugin could not make this page (%(ref)s). An admin sees why."), ref=outcome.reference)

        return call

    def prefix(self, public_prefix: str) -> str:
        """The address that everything here is below."""
        if not self.is_public:
            return f"/p/{self.plugin}"
        if public_prefix.partition("/")[0] not in PUBLIC_PREFIXES:
            raise Problem(f"{self.plugin} has public routes, but its PLUGIN claims no public_prefix")
        return f"/{public_prefix}"


def _refuse(name: str) -> Callable[..., Any]:
    def refuse(self: PluginBlueprint, *_args: Any, **_options: Any) -> Any:
        raise Problem(
            f"{name}() reaches beyond the pages of the plugin {self.plugin}: Leadboard's own pages are not its to change"
        )

    return refuse


# Flask runs these for every page of the application, also while the plugin is off, and nothing would stand between.
for _name in (
    "before_app_request", "after_app_request", "teardown_app_request", "app_context_processor", "app_errorhandler", "app_url_defaults",
    "app_url_value_preprocessor", "add_app_template_filter", "add_app_template_global", "add_app_template_test", "register_blueprint",
):  # fmt: skip
    setattr(PluginBlueprint, _name, _refuse(_name))


def plugin_of(blueprint: object) -> str | None:
    """Whose blueprint this is; None for our own."""
    return cast("str | None", getattr(blueprint, "plugin", None))
