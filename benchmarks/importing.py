"""An import of 100,000 rows with matching, events, undo data and search words against bare executemany with four indexes and FTS."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import FOLDER, HERE, Data, data, leadboard, options, say, tell, write_rows

BAR = 1 / 8
ROWS = 100_000
FIRST = ["Anna", "Jón", "Maria", "Sara", "Tom", "Ewa", "Guðrún", "Nikos", "Priya", "Lukas", "Chloé", "Omar"]
LAST = ["Nowak", "Þórsson", "Papadaki", "Ahmadi", "Ellis", "Zielińska", "Ioannou", "Nair", "Brandt"]


def source(rows: int) -> str:
    path = FOLDER / f"import-{rows}.csv"
    if not path.is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        rnd = random.Random(5)
        write_rows(path, ["name", "company", "email", "phone"], [
            (f"{rnd.choice(FIRST)} {rnd.choice(LAST)}", f"Firm {i % 9000}", f"import{i}@firm{i % 9000}.example", f"+4822{5_000_000 + i}")
            for i in range(rows)
        ])  # fmt: skip
    return str(path)


def copy_of(found: Data, folder: Path) -> None:
    """The instance once more: no server runs on it, so its file can be copied once the log is in it."""
    with sqlite3.connect(found.database) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    folder.mkdir()
    shutil.copy(found.database, folder / "leadboard.db")


def main() -> None:
    args = options(__doc__)
    rows = source(ROWS)
    results = []
    for leads in args.leads:
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            folder = Path(scratch)
            say(f"importing into {leads:,} leads …")
            copy_of(data(leads), folder / "instance")
            begun = time.monotonic()
            answer = json.loads(leadboard(
                folder / "instance", "import", rows, "--map", "name=person_name", "--map", "company=organisation_name", "--map", "email=email",
                "--map", "phone=phone", "--match", "email", "--json",
            ))  # fmt: skip
            seconds = time.monotonic() - begun
            bare = subprocess.run(
                [sys.executable, str(HERE / "floor.py"), str(folder / "floor.db"), "--import", rows],
                capture_output=True,
                text=True,
                check=True,
            )
            floor_speed = json.loads(bare.stdout)["rows_per_s"]
            results.append({
                "leads": leads, "rows_per_s": round(ROWS / seconds), "floor_rows_per_s": floor_speed,
                "ratio": round(ROWS / seconds / floor_speed, 3), "answer": answer.get("counts", answer),
            })  # fmt: skip
    tell("import", "100,000 rows at >= 1/8 of the floor", results, all(result["ratio"] >= BAR for result in results))


if __name__ == "__main__":
    main()
