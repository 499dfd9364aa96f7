"""Find a Chromium for the browser tests, or bring one without root.

`python scripts/chromium.py` prints its path. The order: $LEADBOARD_CHROMIUM; chromium or Chrome on PATH; the one in
.venv/chromium, which is unpacked from the npm package @sparticuz/chromium in the version of package-lock.json.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv" / "chromium"
PACKAGE = "@sparticuz/chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LAUNCHER = """#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" FONTCONFIG_FILE="$here/fonts.conf"
exec "$here/chromium" --use-gl=angle --use-angle=swiftshader "$@"
"""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


def works(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find() -> str | None:
    if named := os.environ.get("LEADBOARD_CHROMIUM"):
        if works(named):
            return named
        sys.exit(f"LEADBOARD_CHROMIUM is {named}, which does not start.")
    for name in (*NAMES, str(HOME / "run")):
        if (path := shutil.which(name)) and works(path):
            return path
    return None


def fetch(folder: Path) -> Path:
    """The package's tarball, checked against the lock; nothing that it depends on is needed."""
    sys.path.insert(0, str(ROOT))
    from hatch_build import npm  # noqa: PLC0415  (needs the line above)

    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"][f"node_modules/{PACKAGE}"]
    npm("pack", f"{PACKAGE}@{locked['version']}", "--ignore-scripts", folder=folder)
    (tarball,) = folder.glob("*.tgz")
    algorithm, _, expected = locked["integrity"].partition("-")
    if base64.b64encode(hashlib.new(algorithm, tarball.read_bytes()).digest()).decode() != expected:
        sys.exit(f"{PACKAGE} {locked['version']} is not what package-lock.json says. Nothing was unpacked.")
    return tarball


def unpack(data: bytes, folder: Path) -> None:
    # Debian 12's first Python 3.11 has no extraction filters.
    safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(folder, **safe)  # type: ignore[arg-type]


def bring() -> None:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        sys.exit("No Chromium on PATH. Install it (Debian: apt install chromium), or name one in LEADBOARD_CHROMIUM.")
    import brotli  # noqa: PLC0415  (only here)

    print("Bringing Chromium for the browser tests (70 MB, once).", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(fetch(Path(scratch))) as package:

            def part(name: str) -> bytes:
                member = package.extractfile(f"package/bin/{name}")
                assert member is not None
                return brotli.decompress(member.read())

            HOME.parent.mkdir(exist_ok=True)
            new = Path(tempfile.mkdtemp(prefix="chromium-", dir=HOME.parent))
            new.chmod(0o755)
            (new / "chromium").write_bytes(part("chromium.br"))
            (new / "chromium").chmod(0o755)
            for name in ("al2023", "swiftshader", "fonts"):
                unpack(part(f"{name}.tar.br"), new)
        (new / "fonts.conf").write_text(FONTS)
        (new / "run").write_text(LAUNCHER)
        (new / "run").chmod(0o755)
        shutil.rmtree(HOME, ignore_errors=True)
        new.rename(HOME)


def main() -> None:
    if not (path := find()):
        bring()
        path = find()
    if not path:
        done = subprocess.run([HOME / "run", "--version"], capture_output=True, text=True)
        sys.exit(f"{done.stderr}The Chromium in {HOME} does not start. Install one (Debian: apt install chromium).")
    print(path)


if __name__ == "__main__":
    main()
