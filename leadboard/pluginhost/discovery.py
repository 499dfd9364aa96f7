"""Finding plugins: those that come with Leadboard, those dropped into the instance, those that pip installed.

Bundled ones are packages of `leadboard_plugins`, dropped-in ones of `leadboard_dropins`: two packages whose path is a
folder, so that a plugin is imported alike from a checkout, a wheel and an instance.
"""

import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

from leadboard import paths
from leadboard.pluginhost.boundary import storable

log = logging.getLogger("leadboard.plugins")

ENTRY_POINTS = "leadboard.plugins"
BUNDLED_PACKAGE = "leadboard_plugins"
DROPIN_PACKAGE = "leadboard_dropins"


class Origin(StrEnum):
    BUILTIN = "builtin"
    BUNDLED = "bundled"
    DROPIN = "dropin"
    PACKAGE = "package"


@dataclass(frozen=True)
class Found:
    """A plugin that is there, not imported yet. `module` is what to import, `where` what an admin is told."""

    name: str
    origin: Origin
    module: str
    where: str


def find_plugins(instance: Path, *, safe_mode: bool = False) -> list[Found]:
    """Everything that could be loaded, in the order in which it is: two of one name are both listed."""
    found = list(_in_folder(paths.PLUGINS, BUNDLED_PACKAGE, Origin.BUNDLED))
    if safe_mode:
        return found
    found += _in_folder(instance / "plugins", DROPIN_PACKAGE, Origin.DROPIN)
    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value))
    return found + list(filter(None, map(_of_package, points)))


def _in_folder(folder: Path, package: str, origin: Origin) -> Iterator[Found]:
    """Packages and single files; what begins with a dot or an underscore is none."""
    _make_package(package, folder)
    if not folder.is_dir():
        return
    try:
        paths_there = sorted(folder.iterdir())
    except OSError as error:
        log.error("plugins in %s cannot be looked for: %s", folder, error)
        return
    for path in paths_there:
        name = path.stem if path.suffix == ".py" else path.name
        if not name.startswith((".", "_")) and _is_plugin(path):
            yield Found(storable(name), origin, f"{package}.{name}", storable(str(path)))


def _is_plugin(path: Path) -> bool:
    """A pipe or a device would never end to be read; a folder that may not be looked into is left out, and told."""
    try:
        return path.is_file() if path.suffix == ".py" else (path / "__init__.py").is_file()
    except OSError as error:
        log.error("the plugin %s cannot be looked into: %s", storable(str(path)), error)
        return False


def _of_package(point: EntryPoint) -> Found | None:
    """What a wheel offers; None for a line that names no module."""
    module = point.value.partition(":")[0].partition("[")[0].strip()
    if not all(part.isidentifier() for part in module.split(".")):
        log.error("the entry point %s = %s names no module", point.name, point.value)
        return None
    return Found(point.name, Origin.PACKAGE, module, _distribution(point))


def _make_package(name: str, folder: Path) -> None:
    """A package whose modules are looked for in `folder`; of another instance's folder nothing stays imported."""
    known = sys.modules.get(name)
    if known is not None and list(known.__path__) == [str(folder)]:
        return
    for module in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
        del sys.modules[module]
    package = ModuleType(name, "Plugins, one package or module each.")
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value


# Tests of a bundled plugin import it by name before any application is made.
_make_package(BUNDLED_PACKAGE, paths.PLUGINS)
