"""The steps of acceptance.py about people and organisations."""

import csv
import io
import json
import re
import time
from pathlib import Path
from typing import Any

# Merges every pair of FEBRL, splits them again; prints how many.
MERGE_AND_SPLIT = """
import json, sys
from leadboard.cli.instance import open_instance
from leadboard.db import rows
from leadboard.domain.merging import merge_records
from leadboard.domain.undo import undo_change
from leadboard.permissions import SYSTEM
open_instance()
ids = {number: record_id for number, record_id in rows("select external_id, id from contact where external_id is not null")}
pairs = [(ids[one], ids[other]) for one, other in json.loads(sys.argv[1])]
if sys.argv[2] == "merge":
    print(json.dumps([merge_records("contact", keep, other, actor=SYSTEM).change_set_id for keep, other in pairs]))
else:
    kept = [undo_change(change_set_id, actor=SYSTEM).kept for change_set_id in reversed(json.loads(sys.argv[2]))]
    print(json.dumps([len(kept), sum(kept)]))
"""
LINKS = """
import json
from leadboard.cli.instance import open_instance
from leadboard.db import rows
open_instance()
print(json.dumps([
    rows("select l.external_id, l.organisation_name, coalesce(o.name, '') from lead l left join organisation o on o.id = l.organisation_id"),
    rows("select o.name, coalesce(p.name, '') from organisation o left join organisation p on p.id = o.parent_id order by o.id"),
]))
"""


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def accounts_and_their_deals(product: Any) -> None:
    """The 85 accounts as organisations, each under its parent; the 499 deals are linked to them, and undone."""
    folder = product.data / "maven-crm-slice"
    accounts = records((folder / "accounts.csv").read_text(encoding="utf-8"))
    answer = product.answer("import", folder / "accounts.csv", "--as", "organisations", "--map", "office_location=country")
    # One office is in the "Philipines", which is kept under Other columns.
    product.expect("created, rejected, warnings", [answer[name] for name in ("created", "rejected", "warnings")], [85, 0, 1])
    deals = product.answer("import", folder / "sales_pipeline_499.csv", "--create", "stages,owners", "--people", "known")
    product.expect("deals created, linked", (deals["created"], deals["linked"]), (499, 499 - 55))
    linked, parents = json.loads(product.python(LINKS))
    product.expect("deals at another organisation than their account", [row for row in linked if row[1] != row[2]], [])
    wanted = [(one["account"], one["subsidiary_of"]) for one in accounts]
    product.expect("organisations under another parent", [tuple(row) for row in parents if tuple(row) not in wanted], [])
    before = product.export("organisations")
    product.expect("organisations exported", len(records(before)), 85)
    product.leadboard("import", "--undo", deals["import"])
    product.leadboard("import", "--undo", answer["import"])
    product.expect("organisations left", len(records(product.export("organisations"))), 0)
    back = product.folder / "organisations.csv"
    back.write_bytes(before.encode())
    again = product.answer("import", back, "--as", "organisations", "--keep-apostrophes")
    product.expect("the second export is the first, byte for byte", product.export("organisations") == before, True)
    product.leadboard("import", "--undo", again["import"])


def address_books_come_in_whole(product: Any) -> None:
    """Every card and every row of atomic-crm becomes a contact with all its addresses and numbers, or says why not."""
    wrong, cards, created, rejected = [], 0, 0, 0
    for path in sorted((product.data / "vcards").rglob("*.vcf")):
        held = len(re.findall(rb"^BEGIN:VCARD", path.read_bytes(), re.MULTILINE | re.IGNORECASE))
        answer = import_contacts(product, path)
        if answer is None:
            wrong += [path.name] if held else []
            continue
        cards, created, rejected = cards + held, created + answer["created"], rejected + answer["rejected"]
        if answer["rejected_file"]:
            with open(answer["rejected_file"], encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    print(f"         {path.name} line {row['Leadboard line']}: {row['Leadboard reason']}")
        if answer["created"] + answer["rejected"] != held:
            wrong.append(f"{path.name}: {held} cards, {answer['created'] + answer['rejected']} told")
        product.leadboard("import", "--undo", answer["import"])
    print(f"       {cards} cards: {created} contacts, {rejected} rejected")
    product.expect("address books that did not come in whole or say why", wrong, [])
    for name in ("contacts_export.csv", "contacts_test-data.csv"):
        source = product.data / "crm-exports" / "atomic-crm" / name
        answer = product.answer("import", source, "--as", "contacts", "--create", "organisations,owners")
        people = records(product.export("contacts"))
        lost = [
            row["first_name"] for row, person in zip(records(source.read_text()), people, strict=True) if texts_lost(row, person)
        ]
        product.expect(
            f"{name}: created, rejected, rows that lost a text",
            (answer["created"], answer["rejected"], lost),
            (len(people), 0, []),
        )
        product.leadboard("import", "--undo", answer["import"])
    product.expect("left after all undos", [len(records(product.export(of))) for of in ("contacts", "organisations")], [0, 0])


def texts_lost(row: dict[str, str], person: dict[str, str]) -> list[str]:
    """Cells of a row that stand nowhere in the contact."""
    kept = " ".join(person.values())
    shown = (
        "first_name",
        "last_name",
        "title",
        "company",
        "email_work",
        "email_home",
        "email_other",
        "phone_work",
        "phone_home",
        "phone_other",
        "tags",
    )
    return [row[name] for name in shown if row.get(name) and " ".join(row[name].split()) not in kept]


def import_contacts(product: Any, path: Path) -> dict[str, Any] | None:
    """A file as contacts; None when it is refused with one line. An encoding that is asked for is answered with the likeliest."""
    arguments: list[object] = ["import", path, "--as", "contacts", "--create", "organisations", "--json"]
    outcome = product.leadboard(*arguments)
    if likely := re.search(r"Likely: ([\w-]+)", outcome.stderr):
        outcome = product.leadboard(*arguments, "--encoding", likely[1])
    if outcome.returncode:
        print(f"       refused {path.name}: {outcome.stderr.strip()}")
        return None
    answer: dict[str, Any] = json.loads(outcome.stdout)
    return answer


def merged_and_split_as_before(product: Any) -> None:
    """FEBRL dataset 1: its 500 pairs are merged and split, and the export is the first, byte for byte."""
    source = next((product.data / "febrl-duplicates").glob("*1*.csv"))
    answer = product.answer(
        "import", source, "--as", "contacts", "--map", "rec_id=external_id", "--map", "given_name=given_name", "--map", "surname=family_name",
        "--map", "address_1=street", "--map", "suburb=city", "--map", "postcode=postal_code", "--map", "state=region",
    )  # fmt: skip
    product.expect("created, rejected", (answer["created"], answer["rejected"]), (1000, 0))
    before = product.export("contacts")
    numbers = {row["External ID"] for row in records(before)}
    pairs = [(number, number.replace("-org", "-dup-0")) for number in sorted(numbers) if number.endswith("-org")]
    product.expect("pairs", sum(other in numbers for _, other in pairs), 500)
    begun = time.monotonic()
    merges = product.python(MERGE_AND_SPLIT, json.dumps(pairs), "merge")
    merged = records(product.export("contacts"))
    product.expect("contacts after 500 merges", len(merged), 500)
    split = json.loads(product.python(MERGE_AND_SPLIT, json.dumps(pairs), merges))
    print(f"       merged and split in {time.monotonic() - begun:.0f} s")
    product.expect("splits, values that stayed", split, [500, 0])
    product.expect("the export is the first, byte for byte", product.export("contacts") == before, True)
    product.leadboard("import", "--undo", answer["import"], "--remove-changed")
    product.expect("contacts left", len(records(product.export("contacts"))), 0)
