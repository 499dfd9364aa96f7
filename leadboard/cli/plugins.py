"""`leadboard plugins`: what there is, on and off, and a look at a plugin before it is installed."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from leadboard.cli.instance import open_instance, upgrade
from leadboard.cli.plugin_check import check_apart
from leadboard.cli.plugin_new import new
from leadboard.domain.plugins import disable, enable
from leadboard.permissions import SYSTEM
from leadboard.queries.plugins import PluginInfo, plugins


@click.group("plugins")
def plugins_() -> None:
    """List plugins, turn them on and off, write one, check one."""


plugins_.add_command(new)


@plugins_.command("list")
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def list_plugins(wants_json: bool) -> None:
    """Every plugin with its state, version, and where it comes from."""
    upgrade(open_instance())
    found = [info for info in plugins() if not info.is_builtin]
    if wants_json:
        click.echo(json.dumps([_as_json(info) for info in found], ensure_ascii=False, indent=2))
        return
    for info in found:
        about = info.loaded.plugin
        click.echo(f"{info.name}\t{info.state}\t{about.version if about else '-'}\t{info.loaded.found.origin}\t{info.title}")
        if problem := _problem(info):
            click.echo(f"  {problem}", err=True)


@plugins_.command("enable")
@click.argument("name")
def turn_on(name: str) -> None:
    """Make the plugin's tables and turn it on; a running server follows with its next request."""
    upgrade(open_instance())
    enable(name, actor=SYSTEM)
    click.echo(f"{name} is on.")


@plugins_.command("disable")
@click.argument("name")
def turn_off(name: str) -> None:
    """Turn the plugin off; its data stays. A running server follows with its next request."""
    upgrade(open_instance())
    disable(name, actor=SYSTEM)
    click.echo(f"{name} is off. Its data stays.")


@plugins_.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "wants_json", is_flag=True, help="Print JSON.")
def check(path: Path, wants_json: bool) -> None:
    """Look at the plugin in PATH, in a process and on a database of its own: it is loaded, its migrations run.

    Prints what it is and adds, then one line a problem; exit code 1 when there is one.
    """
    report = check_apart(path)
    if wants_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        for line in report.facts:
            click.echo(line)
        for problem in report.problems:
            click.echo(f"problem: {problem}")
        if not report.problems:
            click.echo("No problem found.")
    if report.problems:
        sys.exit(1)


def _problem(info: PluginInfo) -> str:
    return info.loaded.problem % info.loaded.params if info.loaded.params else info.loaded.problem


def _as_json(info: PluginInfo) -> dict[str, Any]:
    about = info.loaded.plugin
    return {
        "name": info.name, "title": info.title, "version": about.version if about else None, "state": str(info.state),
        "origin": str(info.loaded.found.origin), "where": info.loaded.found.where, "problem": _problem(info),
        "failures": [{"place": row.place, "message": row.message, "count": row.count} for row in info.failures],
    }  # fmt: skip
