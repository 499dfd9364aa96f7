"""Every plugin that comes with Leadboard holds what the suite for authors asks."""

from leadboard import paths
from leadboard.testing.conformance import PluginConformance

BUNDLED = sorted(path.parent.name for path in paths.PLUGINS.glob("[a-z]*/__init__.py"))
# What a form needs beside its defaults.
SETTINGS = {"telephony_hook": {"secret": "whsec_" + "QUJD" * 8}}


for _name in BUNDLED:
    globals()[f"Test_{_name}"] = type(
        f"Test_{_name}", (PluginConformance,), {"plugin_name": _name, "settings": SETTINGS.get(_name, {})}
    )


def test_every_plugin_is_under_test():
    assert {"duplicates", "visit_plan"} <= set(BUNDLED)
