"""Runs every benchmark, or those that are named, and writes their parts of docs/operations/performance.md. Ends with 1 when a bar is missed."""

import argparse
import json
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "operations" / "performance.md"
SCRIPTS = (
    "board",
    "move",
    "leads_list",
    "parties",
    "search",
    "lead_page",
    "quick_add",
    "poll",
    "clients",
    "assets",
    "importing",
    "plugins",
    "custom_fields",
    "finding",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", action="append", default=[])
    parser.add_argument("--rounds", default="7")
    parser.add_argument("scripts", nargs="*", default=SCRIPTS)
    args = parser.parse_args()
    sizes = [part for size in args.leads for part in ("--leads", size)]
    results = []
    for name in args.scripts:
        done = subprocess.run(
            [sys.executable, str(HERE / f"{name}.py"), *sizes, "--rounds", args.rounds],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if not done.stdout.strip():
            results.append({"bench": name, "bar": "", "held": False, "results": [], "failed": True})
            continue
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(results[-1], ensure_ascii=False), flush=True)
    PAGE.write_text(page(results, PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""), encoding="utf-8")
    sys.exit(0 if all(result["held"] for result in results) else 1)


def page(results: list[dict[str, Any]], before: str) -> str:
    """The page with the parts of these benchmarks written anew; the other parts stay, each says of which day it is."""
    parts = {part.partition(":")[0]: f"## {part.rstrip()}\n" for part in before.split("\n## ")[1:]}
    parts |= {result["bench"]: section(result) for result in results}
    head = "# Performance\n\nWritten by `make bench`. Ratios are against `benchmarks/floor.py` in the same run; times are medians of rounds on a shared machine.\n"
    return "\n".join([head, *parts.values()])


def section(result: dict[str, Any]) -> str:
    where = (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}"
    )
    lines = [f"## {result['bench']}: {'held' if result['held'] else 'missed'}", "", f"Bar: {result['bar']}. {where}.", ""]
    rows = result["results"]
    names = [name for name in (rows[0] if rows else {}) if not isinstance(rows[0][name], dict | list)]
    if names:
        lines += ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
        lines += [
            "| " + " | ".join(f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for name in names) + " |"
            for row in rows
        ]
        lines.append("")
    for name, told in result.items():
        if name in {"growth", "missed"} and told:
            listed = ", ".join(f"{one} {ratio}" for one, ratio in told.items()) if isinstance(told, dict) else ", ".join(told)
            lines += [f"{name.capitalize()}: {listed}.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
