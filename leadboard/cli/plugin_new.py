"""`leadboard plugins new`: a plugin that works, to be changed into the one that is wanted."""

from collections.abc import Iterator
from pathlib import Path
from string import Template

import click

from leadboard.contributions import API_VERSION, NAME, RESERVED
from leadboard.errors import N_, Refused

SKELETON = Path(__file__).parent / "plugin_skeleton"
SUFFIX = ".txt"
"""The files are no Python of ours: they become some when their places are filled."""

PACKAGE_HOW = """\
    pip install -e '.[test]'
    pytest
    leadboard plugins enable $name

After an edit, restart Leadboard. `pip wheel --no-deps .` makes a wheel to give away."""
FOLDER_HOW = """\
    pytest
    mkdir -p INSTANCE/plugins
    cp -r ../$name INSTANCE/plugins/
    leadboard plugins enable $name

`INSTANCE` is the folder of Leadboard's data. After an edit, copy it again and restart Leadboard."""


@click.command()
@click.argument("name")
@click.option("--folder", is_flag=True, help="A folder for INSTANCE/plugins/ in place of a package for pip.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where to write it; here unless told."
)
def new(name: str, folder: bool, into: Path) -> None:
    """Write a plugin NAME that works: a panel, a badge, a setting, a table, a form and tests that pass."""
    target = write_plugin(name, into, is_folder=folder)
    click.echo(f"Wrote {target}. Next:")
    click.echo(f"  cd {target}")
    for line in Template(FOLDER_HOW if folder else PACKAGE_HOW).substitute(name=name).splitlines():
        if line.startswith("    "):
            click.echo(f"  {line.strip()}")


def write_plugin(name: str, into: Path, *, is_folder: bool) -> Path:
    """Write the skeleton; the folder that was made. Raises Refused when there is something already."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise Refused(N_("%(name)s is no name for a plugin: 2 to 40 of a-z, 0-9 and _, a letter first, none of ours."), name=name)
    distribution = f"leadboard-{name.replace('_', '-')}"
    target = into / (name if is_folder else distribution)
    if target.exists():
        raise Refused(N_("%(path)s is there already. Nothing was written."), path=target)
    package = "" if is_folder else f"leadboard_{name}"
    values = {
        "name": name, "title": name.replace("_", " ").capitalize(), "camel": name.title().replace("_", ""), "package": package,
        "distribution": distribution, "api": ".".join(map(str, API_VERSION)),
    }  # fmt: skip
    values["how"] = Template(FOLDER_HOW if is_folder else PACKAGE_HOW).substitute(values)
    for source, path in _files(name, package):
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(source.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
    return target


def _files(name: str, package: str) -> Iterator[tuple[Path, Path]]:
    """(skeleton, its path in what is written)."""
    for source in sorted((SKELETON / "plugin").rglob(f"*{SUFFIX}")):
        yield source, Path(package) / source.relative_to(SKELETON / "plugin").with_suffix("")
    for source in sorted((SKELETON / ("package" if package else "folder")).rglob(f"*{SUFFIX}")):
        yield source, Path(source.name.removesuffix(SUFFIX))
    yield SKELETON / f"test.py{SUFFIX}", Path("tests") / f"test_{name}.py"
    yield SKELETON / f"README.md{SUFFIX}", Path("README.md")
