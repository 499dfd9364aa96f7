"""A plugin of a third party from wheel to wheel: only Leadboard's wheel in a fresh environment, only the docs to go by."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.support.processes import ROOT, served

pytestmark = pytest.mark.soak

EMAIL, PASSWORD = "ada@team.example", "correct horse battery staple"
NAME = "colour_field"
OPEN_ALL = "document.querySelectorAll('details').forEach(part => { part.open = true })"


def recipe():
    """The field type of the recipes, without its PLUGIN: the skeleton has one."""
    page = (ROOT / "docs" / "plugins" / "recipes.md").read_text(encoding="utf-8")
    text = next(block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if f'"{NAME}"' in block)
    return re.sub(r"^PLUGIN = .*\n", "", text, flags=re.MULTILINE)


def run(*command, cwd, env=None, stdin=""):
    done = subprocess.run([*map(str, command)], cwd=cwd, env=env, input=stdin, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def house(tmp_path):
    """house("leadboard", …) runs a command of an environment that holds nothing but the wheel and what it asks for."""
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path]
    run(*wheel, ".", cwd=ROOT, env={**os.environ, "LEADBOARD_SKIP_ASSETS": "1"})
    folder = tmp_path / "house"
    venv.create(folder, with_pip=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LEADBOARD_", "PYTHON"))}
    env = {**kept, "LEADBOARD_INSTANCE": str(tmp_path / "instance"), "PYTHONUNBUFFERED": "1"}

    def call(command, *arguments, cwd=tmp_path, stdin=""):
        return run(folder / "bin" / command, *arguments, cwd=cwd, env=env, stdin=stdin)

    call("pip", "install", "--quiet", next(tmp_path.glob("leadboard-*.whl")))
    call.env, call.wheel, call.python = env, wheel, folder / "bin" / "python"
    return call


@pytest.fixture
def installed(house, tmp_path):
    """The plugin is written by the docs, made a wheel and installed."""
    house("leadboard", "plugins", "new", NAME)
    project = tmp_path / "leadboard-colour-field"
    package = project / "leadboard_colour_field"
    (package / "colours.py").write_text(recipe(), encoding="utf-8")
    with (package / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("\n\nfrom .colours import register_field_types  # noqa: E402, F401 - a hook\n")
    assert "No problem found." in house("leadboard", "plugins", "check", project)
    run(*house.wheel, ".", cwd=project)
    house("pip", "install", "--quiet", next(tmp_path.glob("leadboard_colour_field-*.whl")))
    return project


def test_a_plugin_from_its_wheel_is_switched_on_used_and_switched_off(house, installed, tmp_path):
    house("leadboard", "db", "upgrade")
    house("leadboard", "user", "add", EMAIL, "--name", "Ada", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    listed = house("leadboard", "plugins", "list")
    assert "visit_plan\toff\t1.0\tbundled" in listed
    assert f"{NAME}\toff\t0.1\tpackage" in listed
    command = [str(house.python), "-m", "leadboard", "serve", "--port", "0"]
    with served(command, {**house.env}) as server, sync_playwright() as playwright:
        chromium = "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None
        page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page()
        sign_in(page, server.url)
        switch(page, server.url, "On")
        house("leadboard", "field", "add", "Colour", f"{NAME}.colour", "--in-list")
        use(page, server.url)
        leave_and_come_back(house, tmp_path)
        page.goto(f"{server.url}/leads?f.colour={quote('#00ff00')}")
        expect(page.locator("main")).to_contain_text("Green gate")
        switch(page, server.url, "Off")
        assert page.request.post(f"{server.url}/p/{NAME}/leads/1/mark").status == 404
    assert "#00ff00" in kept_values(house)
    house("leadboard", "plugins", "enable", NAME)
    assert "#00ff00" in house("leadboard", "export", "-o", "-")


def sign_in(page, url):
    page.goto(f"{url}/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda found: "/login" not in found)


def switch(page, url, to):
    page.goto(f"{url}/admin/plugins/{NAME}")
    page.locator(f"form[action='/admin/plugins/{NAME}/switch'] button").click()
    expect(page.get_by_text("Colour field is on." if to == "On" else "Colour field is off.").first).to_be_visible()


def use(page, url):
    """A lead with a colour that is refused and one that is taken; the list filters and sorts by it; the mark is on its page."""
    page.goto(f"{url}/leads/new")
    page.evaluate(OPEN_ALL)
    page.locator("#title").fill("Red gate")
    page.locator("[name='fields.colour']").fill("red")
    page.get_by_role("button", name="Add lead").click()
    expect(page.locator("main")).to_contain_text("Colour must look like #aabbcc.")
    page.evaluate(OPEN_ALL)
    page.locator("[name='fields.colour']").fill("#FF0000")
    page.get_by_role("button", name="Add lead").click()
    expect(page.locator("main")).to_contain_text("#ff0000")
    page.locator(f"#{NAME}-text").fill("call in May")
    page.locator(f"form[action='/p/{NAME}/leads/1/mark'] button").click()
    page.goto(f"{url}/leads?f.colour={quote('#ff0000')}&sort=f.colour")
    expect(page.locator("main")).to_contain_text("Red gate")
    page.goto(f"{url}/leads?f.colour={quote('#0000ff')}")
    expect(page.locator("main")).not_to_contain_text("Red gate")


def leave_and_come_back(house, tmp_path):
    """Out as a file, changed, in again."""
    house("leadboard", "export", "-o", tmp_path / "out.csv", "--exact")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert "#ff0000" in text
    (tmp_path / "in.csv").write_text("Title,Colour\nGreen gate,#00FF00\nGrey gate,grey\n", encoding="utf-8")
    house(
        "leadboard",
        "import",
        tmp_path / "in.csv",
        "--map",
        "Title=title",
        "--map",
        "Colour=colour",
        "--rejected",
        tmp_path / "rejected.csv",
    )
    assert "Grey gate" in (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig")


def kept_values(house):
    """What the database holds while the plugin is off."""
    look = "import sqlite3, os; print(sqlite3.connect(os.environ['LEADBOARD_INSTANCE'] + '/leadboard.db').execute('select fields from lead').fetchall())"
    return run(house.python, "-c", look, cwd=house.env["LEADBOARD_INSTANCE"], env=house.env)
