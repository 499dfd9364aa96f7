"""Every popular name of the world is found: by itself, without its accents and capitals, and by a piece of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from acceptance import Product

# Runs on the instance: {way: names that are not found so}, and how many names there are.
PROGRAM = """
import csv, json, os, sys
from pathlib import Path
from leadboard.cli.instance import open_instance
from leadboard.domain.leads import create_lead
from leadboard.lib.text import clean_line, fold
from leadboard.permissions import SYSTEM
from leadboard.queries.search import search, search_page

open_instance()
names = {}
for path in sorted(Path(sys.argv[1]).glob("common-*names-by-country.csv")):
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            for name in (row["Localized Name"], row["Romanized Name"]):
                if name := clean_line(name, 200):
                    names[name] = None
ids = {name: create_lead({"title": name}, actor=SYSTEM).lead_id for name in names}

def ranked(text):
    return {hit.id for hit in search(text, SYSTEM, most=50, kinds=["lead"]).hits.get("lead", ())}

pages = {}
def anywhere(text):
    if text not in pages:
        pages[text] = {hit.id for hit in search_page("lead", text, SYSTEM, most=len(ids)).hits}
    return pages[text]

def piece(name):
    folded = fold(name)
    return folded[1:] if len(folded.split()[-1]) > 3 else folded

missed = {
    "itself": [name for name in names if ids[name] not in ranked(name)],
    "folded": [name for name in names if ids[name] not in ranked(fold(name).upper())],
    "piece": [name for name in names if ids[name] not in anywhere(piece(name))],
}
print(json.dumps({"names": len(names), "missed": missed}))
"""


def every_name_is_found(product: Product) -> None:
    """Popular names of 106 countries, as they are written there and romanised."""
    found = json.loads(product.python(PROGRAM, product.data / "names-by-country"))
    product.expect("names", found["names"] > 4000, True)
    for way, missed in found["missed"].items():
        product.expect(f"not found by {way}", missed, [])
