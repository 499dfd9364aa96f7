"""Plugins of others in tests: found as pip would have installed them, without a network."""

import os
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """What a process needs to find this Leadboard; nothing of the instance of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LEADBOARD_", "PYTEST_"))}
    kept |= {name: value for name, value in os.environ.items() if name == "LEADBOARD_TEST_DATABASE_URL"}
    return {**kept, "PYTHONPATH": str(ROOT)}


def install(project: Path, site: Path) -> str:
    """What `pip install -e` does: the project is importable and its entry points are known. The PYTHONPATH to use."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    folder = site / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    folder.mkdir(parents=True)
    readme = (project / about["readme"]).read_text(encoding="utf-8")
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n\n{readme}")
    lines = [f"[{group}]\n" + "\n".join(f"{key} = {value}" for key, value in points.items())
             for group, points in about["entry-points"].items()]  # fmt: skip
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return os.pathsep.join([str(ROOT), str(project), str(site)])
