"""A plugin that raises in every hook: every page must answer beside it."""

from collections.abc import Callable
from typing import Any

from leadboard import hookspecs
from leadboard.api import Plugin, hookimpl

PLUGIN = Plugin(name="broken_plugin", title="Broken plugin", version="1.0", description="Raises in every hook.")


class BrokenOnPurposeError(Exception):
    """What it raises."""


def _broken(name: str) -> Callable[[], Any]:
    def hook() -> Any:
        raise BrokenOnPurposeError(name)

    hook.__name__ = name
    return hook


for _name in hookspecs.FAMILY:
    globals()[_name] = hookimpl(_broken(_name))
