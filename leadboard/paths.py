"""Where the templates, static files and the instance folder are, in a checkout and in a wheel."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
# A wheel carries templates/, static/ and plugins/ inside the package; a checkout has them beside it.
ROOT = PACKAGE / "_app" if (PACKAGE / "_app").is_dir() else PACKAGE.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
PLUGINS = ROOT / "plugins"
MIGRATIONS = PACKAGE / "migrations"
TRANSLATIONS = PACKAGE / "translations"


def instance_folder() -> Path:
    """The folder with the data: LEADBOARD_INSTANCE, else `instance` in the current folder."""
    return Path(os.environ.get("LEADBOARD_INSTANCE") or "instance").resolve()
