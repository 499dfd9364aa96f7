"""`leadboard plugins new`: what it writes works, and says where it goes."""

import subprocess
import sys

import pytest

from leadboard.cli.plugin_check import check_apart
from tests.support.plugin_projects import environment, install

PYTEST = (sys.executable, "-m", "pytest", "-p", "leadboard.testing.pytest_plugin", "-p", "no:cacheprovider", "-q")


def run_tests_of(folder, engine, **env):
    """The plugin's own tests, as its author runs them: exit code and output."""
    done = subprocess.run([*PYTEST, "--engine", engine], cwd=folder, env={**environment(), **env}, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_new_folder_works_and_its_tests_pass(shell, tmp_path, engine):
    code, out, _ = shell("plugins", "new", "stale_leads", "--folder", "--into", tmp_path / "here")
    folder = tmp_path / "here" / "stale_leads"
    assert (code, out.splitlines()[0]) == (0, f"Wrote {folder}. Next:")
    code, said = run_tests_of(folder, engine)
    assert code == 0, said
    report = check_apart(folder)
    assert (report.problems, report.facts[0]) == ([], "Stale leads 0.1 (stale_leads), for plugin interface 0.2")


@pytest.mark.sqlite_only
def test_a_new_package_works_and_its_tests_pass(shell, tmp_path, engine):
    code, out, _ = shell("plugins", "new", "stale_leads", "--into", tmp_path)
    project = tmp_path / "leadboard-stale-leads"
    assert (code, out.splitlines()[0]) == (0, f"Wrote {project}. Next:")
    code, said = run_tests_of(project, engine, PYTHONPATH=install(project, tmp_path / "site"))
    assert code == 0, said
    assert check_apart(project).problems == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["Stale", "stale-leads", "1st", "x", "core", "../up", "ü" * 3, ""])
def test_a_name_that_no_plugin_may_have_is_refused(shell, tmp_path, name):
    code, _, err = shell("plugins", "new", "--into", tmp_path / "here", "--", name)
    assert (code, "is no name for a plugin" in err) == (1, True)
    assert not (tmp_path / "here").exists()


@pytest.mark.sqlite_only
def test_what_is_there_stays(shell, tmp_path):
    (tmp_path / "stale_leads").mkdir()
    code, _, err = shell("plugins", "new", "stale_leads", "--folder", "--into", tmp_path)
    assert (code, err) == (1, f"leadboard: {tmp_path / 'stale_leads'} is there already. Nothing was written.\n")
    assert list((tmp_path / "stale_leads").iterdir()) == []
