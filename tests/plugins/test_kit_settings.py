"""The fixture `plugin` sets settings for a test, and the suite says which setting it cannot do without."""

import pytest

from leadboard.db import one
from leadboard.testing.conformance import PluginConformance

FORM = """
from leadboard.api import *
PLUGIN = Plugin(name="meters", title="Meters", version="1.0", description="Reads meters.")

class Settings(SettingsForm):
    days = fields.IntegerField("Days", default=14)
    unit = fields.SelectField("Unit", choices=[fields.SelectChoice("kwh", "kWh"), fields.SelectChoice("m3", "m³")]{more})
    key = SecretField("Key")

@hookimpl
def register_settings_form():
    return [Settings]
"""
DEFAULT = ", default='kwh'"


def test_settings_of_a_test_are_kept_as_an_admin_would(drop_in, request):
    drop_in("meters", FORM.format(more=DEFAULT))
    plugin = request.getfixturevalue("plugin")
    assert vars(plugin("meters", days=3, key="sesame")) == {"days": 3, "unit": "kwh", "key": "sesame"}
    assert vars(plugin("meters", unit="m3")) == {"days": 3, "unit": "m3", "key": "sesame"}
    kept = one("select settings, secrets from plugin_state where name = 'meters'")
    assert kept is not None
    assert "sesame" not in f"{kept[0]}{kept[1]}"


def test_a_setting_that_is_not_there_is_a_mistake(drop_in, request):
    drop_in("meters", FORM.format(more=DEFAULT))
    with pytest.raises(AssertionError, match="meters has no setting dyas"):
        request.getfixturevalue("plugin")("meters", dyas=3)


def test_the_suite_names_the_setting_that_has_no_default(drop_in, request):
    drop_in("meters", FORM.format(more=""))
    request.getfixturevalue("plugin")("meters")
    suite = PluginConformance()
    suite.plugin_name = "meters"
    with pytest.raises(AssertionError, match="unit: Not a valid choice"):
        suite.test_its_settings_are_kept_and_its_secrets_are_not_shown(request.getfixturevalue("ada"))
