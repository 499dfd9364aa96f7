"""Where templates come from: the instance, plugins that are on, then ours. What a plugin replaces may fail: then ours is shown."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import markupsafe
from flask import Flask
from jinja2 import BaseLoader, Environment, Template, TemplateNotFound
from jinja2.loaders import split_template_path
from jinja2.runtime import Context, Macro, new_context
from jinja2.utils import internalcode
from markupsafe import Markup, escape

from leadboard import paths
from leadboard.pluginhost import health
from leadboard.pluginhost.boundary import outcome_of
from leadboard.pluginhost.registry import loaded_plugin, registry

_as_ours: ContextVar[bool] = ContextVar("templates without what plugins replace", default=False)


class HouseLoader(BaseLoader):
    """Templates by name: the instance's own, then overrides of plugins that are on, then ours.

    `core/…` is always ours, so that an override can extend what it replaces; `plugins/<name>/…` is that plugin's folder.
    """

    def __init__(self, instance: Path) -> None:
        self._instance = instance / "templates"

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        revision, as_ours = registry().revision, _as_ours.get()
        for plugin, path in self._places(template):
            if not path.is_file():
                continue
            text = path.read_text(encoding="utf-8")
            if plugin and not _compiles(environment, plugin, template, text):
                continue
            return text, str(path), lambda: (registry().revision, _as_ours.get()) == (revision, as_ours)
        raise TemplateNotFound(template)

    def _places(self, template: str) -> list[tuple[str, Path]]:
        """(plugin that replaces ours, or "", file), the first that is there counts."""
        parts = split_template_path(template)  # refuses ".."
        if parts[0] == "core":
            return [("", paths.TEMPLATES.joinpath(*parts[1:]))]
        if parts[0] == "plugins" and len(parts) > 2:
            folder = folder_of(parts[1])
            return [("", folder.joinpath("templates", *parts[2:]))] if folder is not None else []
        tripped = registry().tripped
        replaced = [
            (name, folder.joinpath(*parts))
            for name, folder in overriding()
            if not _as_ours.get() and (name, place_of(template)) not in tripped
        ]
        return [("", self._instance.joinpath(*parts)), *replaced, ("", paths.TEMPLATES.joinpath(*parts))]


def _compiles(environment: Environment, plugin: str, template: str, text: str) -> bool:
    """Whether what a plugin puts in place of a template of ours is one; else it is recorded and ours is taken."""
    _, error = outcome_of(lambda: environment.compile(text, template))
    if error is None:
        return True
    if registry().raises:
        raise error
    health.record(plugin, place_of(template), error)
    return False


# The part of MarkupSafe's escape() that replaces the five characters. A page writes its answer down at once, so that it need
# not become a Markup first; where a later release has no such part, escape() itself does the same.
_escape_text: Callable[[str], str] = getattr(markupsafe, "_escape_inner", escape)


def _escape(value: Any) -> str:
    """As MarkupSafe's, which makes a new Markup of every value: a page has 2,000, and most are one or plain text already."""
    kind = type(value)
    if kind is Markup:
        return cast(str, value)
    return _escape_text(value) if kind is str else escape(value)


class HouseContext(Context):
    """Calls macros, of which a page has hundreds, without asking first what kind of callable they are."""

    @internalcode
    def call(__self, __obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        if type(__obj) is not Macro:
            return Context.call(__self, __obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(__self.eval_ctx, *args, **kwargs)


class HouseTemplate(Template):
    """A page that fails in a template with which a plugin replaces ours is drawn again with ours."""

    @classmethod
    def from_code(cls, environment: Environment, code: Any, globals: Any, uptodate: Any = None) -> Template:  # noqa: A002 - Jinja's name
        namespace = {"environment": environment, "__file__": code.co_filename}
        exec(code, namespace)  # noqa: S102 - as Jinja's own: code that it compiled
        namespace["escape"] = _escape
        template = cls._from_namespace(environment, namespace, globals)
        template._uptodate = uptodate
        return template

    @cached_property
    def _plain_globals(self) -> dict[str, Any]:
        """Jinja's own is a chain of mappings, which it copies for every part that is drawn: ten times as slow as a dict."""
        return dict(self.globals)

    def new_context(self, vars: Any = None, shared: bool = False, locals: Any = None) -> Context:  # noqa: A002 - Jinja's names
        if shared or locals:
            return new_context(self.environment, self.name, self.blocks, vars, shared, self._plain_globals, locals)
        return self.environment.context_class(self.environment, {**self._plain_globals, **(vars or {})}, self.name, self.blocks)

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        """The macros of this template, made once. Jinja compares the names of two contexts at each import to see whether
        somebody gave a template globals of its own; nobody does."""
        if self._module is None:
            self._module = self.make_module()
        return self._module

    def render(self, *args: Any, **values: Any) -> str:
        if _as_ours.get() or registry().raises or not overriding():
            return super().render(*args, **values)
        text, error = outcome_of(lambda: super(HouseTemplate, self).render(*args, **values))
        if error is None:
            return str(text)
        blamed = _blamed(error)
        if blamed is None:
            raise error
        health.record(*blamed, error)
        with _only_ours():
            return self.environment.get_template(str(self.name)).render(*args, **values)


def part_of(context: Context, name: str, values: Mapping[str, Any]) -> Markup:
    """A template of ours drawn inside the page that calls for it: an include that brings values along."""
    template = context.environment.get_template(name)
    inner = template.new_context(context.get_all(), shared=True, locals=values)
    return Markup("".join(template.root_render_func(inner)))  # noqa: S704 - rendered by Jinja with escaping on


def overriding() -> list[tuple[str, Path]]:
    """(plugin, folder) of the plugins that are on and replace some of our templates, in their order; looked for once a registry."""
    global _overriding
    known = registry()
    if _overriding[0] is not known:
        found = [(name, folder / "overrides") for name in known.order if (folder := folder_of(name)) is not None]
        _overriding = (known, [(name, folder) for name, folder in found if folder.is_dir()])
    return _overriding[1]


_overriding: tuple[object, list[tuple[str, Path]]] = (None, [])


def place_of(template: str) -> str:
    """Under which a failure of a replaced template is recorded, and given up."""
    return f"override {template}"[:80]


def _blamed(error: BaseException) -> tuple[str, str] | None:
    """(plugin, place) of the innermost replaced template that the error came out of."""
    for name in reversed([frame.filename for frame in traceback.extract_tb(error.__traceback__)]):
        for plugin, folder in overriding():
            if Path(name).is_relative_to(folder):
                return plugin, place_of(Path(name).relative_to(folder).as_posix())
    return None


@contextmanager
def _only_ours() -> Iterator[None]:
    token = _as_ours.set(True)
    try:
        yield
    finally:
        _as_ours.reset(token)


def folder_of(name: str) -> Path | None:
    """Where a usable plugin's templates and files are."""
    one = loaded_plugin(name)
    return one.folder if one is not None else None


def init_templates(app: Flask, instance: Path) -> None:
    """Let this application draw by the classes above. Must come before anything touches its loader."""
    app.jinja_loader = HouseLoader(instance)
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.template_class = HouseTemplate
    environment.context_class = HouseContext
    environment.auto_reload = True  # asks the loader, which compares two numbers
