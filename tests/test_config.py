"""Settings from the environment and leadboard.toml: what is read, and what is refused with the way out."""

import pytest

from leadboard.config import load_settings
from leadboard.errors import SettingsProblem

pytestmark = pytest.mark.sqlite_only


def test_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / "leadboard.toml").write_text(
        'base_url = "https://file.example"\ntrusted_proxies = 1\ntrusted_hosts = ["a.lan"]\n'
    )

    found = load_settings(tmp_path, {"LEADBOARD_BASE_URL": "https://environment.example"})

    assert (found.base_url, found.trusted_proxies, found.trusted_hosts) == ("https://environment.example", 1, ("a.lan",))


@pytest.mark.parametrize(
    "given, kept",
    [
        ("https://CRM.Example.org/", "https://crm.example.org"),
        ("HTTP://crm.lan:8000", "http://crm.lan:8000"),
        ("https://crm.example.org:443", "https://crm.example.org"),
        ("http://crm.lan:80/", "http://crm.lan"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_a_base_url_is_kept_as_browsers_write_origins(given, kept, tmp_path):
    assert load_settings(tmp_path, {"LEADBOARD_BASE_URL": given}).base_url == kept


@pytest.mark.parametrize(
    "given, told",
    [
        ("crm.example.org", "Give the whole address, e.g. https://crm.example.org."),
        ("https://", "Give the whole address, e.g. https://crm.example.org."),
        ("https://[", "Give the whole address, e.g. https://crm.example.org."),
        ("https://crm.example.org:port", "Give the whole address, e.g. https://crm.example.org."),
        ("https://example.org/crm", "Leadboard needs a host name or a port of its own: leave /crm out."),
        ("https://example.org?x=1", "Leadboard needs a host name or a port of its own: leave ?x=1 out."),
    ],
)
def test_an_address_that_would_not_work_is_refused(given, told, tmp_path):
    with pytest.raises(SettingsProblem, match=told.replace("?", r"\?")) as caught:
        load_settings(tmp_path, {"LEADBOARD_BASE_URL": given})

    assert str(caught.value).startswith("LEADBOARD_BASE_URL is ")


@pytest.mark.parametrize(
    "line", ["secret_key = 12345678901234567890123456789012345", "database_url = 5", 'base_url = ["x"]', "log_level = 5"]
)
def test_a_number_or_list_where_a_text_belongs_is_named(line, tmp_path):
    name = line.partition(" ")[0]
    (tmp_path / "leadboard.toml").write_text(line)

    with pytest.raises(SettingsProblem) as caught:
        load_settings(tmp_path, {})

    assert str(caught.value) == f'{tmp_path / "leadboard.toml"}: {name} is a text. Write it in quotes: {name} = "…".'


@pytest.mark.parametrize("line", ["trusted_proxies = true", 'trusted_proxies = "nginx"', "import_max_mb = 1.5"])
def test_a_number_is_whole(line, tmp_path):
    (tmp_path / "leadboard.toml").write_text(line)

    with pytest.raises(SettingsProblem, match="must be a whole number such as 1"):
        load_settings(tmp_path, {})


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    (tmp_path / "leadboard.toml").write_text("")

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("leadboard.config.Path.read_text", refuse)

    with pytest.raises(SettingsProblem) as caught:
        load_settings(tmp_path, {})

    assert (
        str(caught.value)
        == f"{tmp_path / 'leadboard.toml'} cannot be read: Permission denied. Give this user the right to read it."
    )
