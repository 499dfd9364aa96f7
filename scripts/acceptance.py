#!/usr/bin/env python3
"""Run the product on real files, as a person and as a shell would, and say what was seen.

    scripts/acceptance.py --data FOLDER [--port 8080] [--only STEP]

Outside the test suite: the files are not part of the repository. Each step is a function with @step; it gets a running
server, a browser signed in as the admin, and the folder of files, and checks by expect(). Exit code 1 when anything was
not as expected.
"""

import argparse
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from acceptance_mail import every_mail_is_read  # noqa: E402
from acceptance_people import accounts_and_their_deals, address_books_come_in_whole, merged_and_split_as_before  # noqa: E402
from acceptance_search import every_name_is_found  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from leadboard.lib.text import TextError, clean_line  # noqa: E402

PASSWORD = "a long enough sentence 7"  # noqa: S105 - of a throw-away instance
EVERYTHING = "stages,owners,sources,reasons"
STEPS: dict[str, Callable[["Product"], None]] = {}


@dataclass
class Product:
    """A server on a fresh instance, its browser, and the files."""

    data: Path
    folder: Path
    url: str
    page: Page
    failures: list[str] = field(default_factory=list)

    def leadboard(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        """A command on the instance that the server serves."""
        return subprocess.run(
            [sys.executable, "-m", "leadboard", *map(str, arguments)],
            capture_output=True, text=True, cwd=ROOT, env=environment(self.folder),
        )  # fmt: skip

    def python(self, source: str, *arguments: object) -> str:
        """What a program prints that works on the instance as our commands do."""
        done = subprocess.run(
            [sys.executable, "-c", source, *map(str, arguments)],
            capture_output=True, text=True, cwd=ROOT, env=environment(self.folder),
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(done.stderr)
        return done.stdout

    def answer(self, *arguments: object) -> dict[str, Any]:
        """The JSON that a command prints."""
        done = self.leadboard(*arguments, "--json")
        if done.returncode:
            raise SystemExit(f"leadboard {' '.join(map(str, arguments))}: {done.stderr}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def leads(self, pipeline: str) -> list[dict[str, str]]:
        """The leads of a pipeline, as the exact export has them."""
        text = self.export()
        return [row for row in csv.DictReader(io.StringIO(text, newline="")) if row["Pipeline"] == pipeline]

    def export(self, of: str = "leads") -> str:
        target = self.folder / "export.csv"
        self.answer("export", "--exact", "--of", of, "-o", target)
        return target.read_bytes().decode("utf-8")

    def expect(self, what: str, seen: object, wanted: object) -> None:
        good = seen == wanted
        print(f"  {'ok  ' if good else 'FAIL'} {what}: {seen}" + ("" if good else f", expected {wanted}"), flush=True)
        if not good:
            self.failures.append(what)


def step(function: Callable[[Product], None]) -> Callable[[Product], None]:
    STEPS[function.__name__] = function
    return function


# ---------------------------------------------------------------------------------------------- deals of a sales team


@step
def maven_by_command(product: Product) -> None:
    """The slice of 499 deals into a pipeline made in the browser, by `leadboard import`."""
    source = product.data / "maven-crm-slice" / "sales_pipeline_499.csv"
    make_pipeline(product, "Maven A")

    answer = product.answer("import", source, "--pipeline", "Maven A", "--create", "owners")
    product.expect("created, rejected", (answer["created"], answer["rejected"]), (499, 0))
    check_maven(product, "Maven A", source)
    again = product.answer("import", source, "--pipeline", "Maven A", "--create", "owners")
    product.expect("second import: created, rejected, already there", counts_of(again), (0, 499, 499))
    undone = product.answer("import", "--undo", answer["import"])
    product.expect("undo: removed, kept", (undone["removed"], undone["kept"]), (499, 0))
    product.expect("leads left", len(product.leads("Maven A")), 0)


@step
def maven_by_wizard(product: Product) -> None:
    """The same through the pages."""
    source, page = product.data / "maven-crm-slice" / "sales_pipeline_499.csv", product.page
    make_pipeline(product, "Maven B")

    upload(page, source)
    page.get_by_label("Pipeline", exact=True).select_option(label="Maven B")
    page.get_by_label("Make missing owners").check()
    page.get_by_role("button", name="Check all rows").click()
    page.locator(".tallies").wait_for()
    product.expect("check", page.locator(".tally").all_inner_texts(), ["499\nnew", "0\nwith a warning", "0\nrejected"])
    page.get_by_role("button", name="Import 499 leads").click()
    page.get_by_text("499 leads are imported.").wait_for(timeout=60_000)
    home = page.url
    check_maven(product, "Maven B", source)

    upload(page, source)
    page.get_by_role("button", name="Check all rows").click()
    page.locator(".tallies").wait_for()
    product.expect("second check", page.locator(".tally").all_inner_texts(), ["0\nnew", "0\nwith a warning", "499\nrejected"])
    product.expect("told", page.get_by_text("499 of the rejected rows are already there.").count(), 1)

    page.goto(home)
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_text("Taken back: 499 leads are removed.").wait_for(timeout=60_000)
    product.expect("leads left", len(product.leads("Maven B")), 0)


def make_pipeline(product: Product, name: str) -> None:
    """Prospecting, Engaging, Won, Lost, on the settings' own page."""
    page = product.page
    page.goto(f"{product.url}/admin/pipelines/new")
    page.get_by_label("Name").fill(name)
    page.locator("textarea[name=open_stages]").fill("Prospecting\nEngaging")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("heading", name="Stages").wait_for()


def upload(page: Page, path: Path) -> None:
    page.goto(f"{page.url.split('/', 3)[0]}//{page.url.split('/', 3)[2]}/imports")
    page.set_input_files("#file", path)
    page.get_by_role("button", name="Upload and look at the columns").click()
    page.locator("table.map").wait_for()


def check_maven(product: Product, pipeline: str, source: Path) -> None:
    """Every deal beside its lead."""
    leads = product.leads(pipeline)
    stages = Counter(lead["Stage"] for lead in leads)
    product.expect("by stage", [stages[name] for name in ("Prospecting", "Engaging", "Won", "Lost")], [0, 88, 331, 80])
    product.expect("sum", sum(float(lead["Value"] or 0) for lead in leads), 686_234.0)
    product.expect("without organisation", sum(not lead["Organisation"] for lead in leads), 55)
    product.expect("owners", len({lead["Owner"] for lead in leads} - {""}), 30)
    with source.open(encoding="utf-8", newline="") as file:
        deals = {deal["opportunity_id"]: deal for deal in csv.DictReader(file)}
    product.expect("external ids are opportunity ids", {lead["External ID"] for lead in leads} == set(deals), True)
    wrong = [lead["External ID"] for lead in leads if not is_deal(lead, deals[lead["External ID"]])]
    product.expect("leads that differ from their deal in title, product, owner, stage or dates", wrong, [])


def is_deal(lead: dict[str, str], deal: dict[str, str]) -> bool:
    other = json.loads(lead["Other columns"])
    same = lead["Title"] == (deal["account"] or deal["opportunity_id"]) and other["product"] == deal["product"]
    same = same and (lead["Owner"], lead["Stage"]) == (deal["sales_agent"], deal["deal_stage"])
    same = same and (not deal["engage_date"] or lead["In stage since"][:10] == deal["engage_date"])
    return same and lead["Closed"][:10] == deal["close_date"]


def counts_of(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["created"], answer["rejected"], answer["already_there"]


# ---------------------------------------------------------------------------------------------- files as programs write them


@step
def every_file_imports_or_says_why(product: Product) -> None:
    """Each CSV of export-headers, csv-torture and crm-exports; questions are answered as a person would."""
    tracebacks, refused, done = [], [], 0
    for folder in ("export-headers", "csv-torture", "crm-exports"):
        for path in sorted((product.data / folder).rglob("*.csv")):
            outcome = import_answering(product, path)
            name = path.relative_to(product.data).as_posix()
            if "Traceback" in outcome.stderr or outcome.returncode not in {0, 1} or outcome.stderr.count("\n") > 1:
                tracebacks.append(name)
            elif outcome.returncode == 1:
                refused.append(f"{name}: {outcome.stderr.strip()}")
            else:
                done += 1
                answer = json.loads(outcome.stdout)
                print(
                    f"       {name}: {answer['created']} created, {answer['rejected']} rejected, {answer['warnings']} warnings",
                    flush=True,
                )
                product.leadboard("import", "--undo", answer["import"])
    for line in refused:
        print(f"       refused {line}")
    print(f"       {done} files imported, {len(refused)} refused with one clear line")
    product.expect("files that ended in a traceback", tracebacks, [])
    product.expect("leads left after all undos", product.export().count("\r\n") - 1, 0)


@step
def every_vcard_imports_or_says_why(product: Product) -> None:
    """Each file of vcards: all its cards come in, or are rejected with their line and the reason."""
    wrong, cards, created, rejected, refused = [], 0, 0, 0, 0
    for path in sorted(one for one in (product.data / "vcards").rglob("*") if one.suffix in {".vcf", ".json", ".xml"}):
        outcome, name = import_answering(product, path), path.relative_to(product.data).as_posix()
        held = len(re.findall(rb"^BEGIN:VCARD", path.read_bytes(), re.MULTILINE | re.IGNORECASE))
        if outcome.returncode == 1 and outcome.stderr.count("\n") == 1 and "Traceback" not in outcome.stderr and not held:
            refused += 1
            print(f"       refused {name}: {outcome.stderr.strip()}")
            continue
        if outcome.returncode:
            wrong.append(f"{name}: {outcome.stderr}")
            continue
        answer = json.loads(outcome.stdout)
        cards, created, rejected = cards + held, created + answer["created"], rejected + answer["rejected"]
        print(
            f"       {name}: {held} cards, {answer['created']} created, {answer['rejected']} rejected, {answer['warnings']} warnings"
        )
        for line in rejected_lines(answer["rejected_file"]):
            print(f"         line {line}")
        if answer["created"] + answer["rejected"] != held:
            wrong.append(f"{name}: {held} cards, {answer['created'] + answer['rejected']} told")
        product.leadboard("import", "--undo", answer["import"])
    print(f"       {cards} cards: {created} created, {rejected} rejected; {refused} files refused with one clear line")
    product.expect("vCard files that did not come in whole or say why", wrong, [])
    product.expect("leads left after all undos", product.export().count("\r\n") - 1, 0)


def rejected_lines(path: str | None) -> list[str]:
    """ "12: why" of each row of a file of rejected rows."""
    if path is None:
        return []
    with open(path, encoding="utf-8-sig", newline="") as file:
        return [f"{row['Leadboard line']}: {row['Leadboard reason']}" for row in csv.DictReader(file)]


def import_answering(product: Product, path: Path) -> subprocess.CompletedProcess[str]:
    """Import a file; what it asks (encoding, day or month, decimal mark, columns) is answered with the first choice."""
    extra: list[str] = []
    while True:
        outcome = product.leadboard("import", path, "--create", EVERYTHING, "--json", *extra)
        likely = re.search(r"Likely: ([\w-]+)", outcome.stderr)
        if likely and "--encoding" not in extra:
            extra += ["--encoding", likely[1]]
        elif "--day-first" in outcome.stderr and "--day-first" not in extra:
            extra.append("--day-first")
        elif "--decimal point" in outcome.stderr and "--decimal" not in extra:
            extra += ["--decimal", "point"]
        else:
            return outcome


@step
def naughty_strings_survive(product: Product) -> None:
    """Names of leads that break programs: in, out, in again, out again."""
    strings = json.loads((product.data / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    kept = {number: line for number, text in enumerate(strings) if (line := one_line(text))}
    source = product.folder / "naughty.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Deal name", "External ID"])
        writer.writerows([strings[number].replace("\0", ""), f"S{number}"] for number in kept)

    first = product.answer("import", source, "--keep-apostrophes")
    product.expect("created, rejected", (first["created"], first["rejected"]), (len(kept), 0))
    before = product.export()
    titles = {row["External ID"]: row["Title"] for row in csv.DictReader(io.StringIO(before, newline=""))}
    product.expect("names that differ", [f"S{number}" for number, line in kept.items() if titles.get(f"S{number}") != line], [])
    product.expect("exactly as typed", sum(strings[number] == titles[f"S{number}"] for number in kept) > len(kept) * 0.9, True)
    product.leadboard("import", "--undo", first["import"])

    again = product.folder / "again.csv"
    again.write_bytes(before.encode("utf-8"))
    second = product.answer("import", again, "--keep-apostrophes")
    product.expect("created from the export", second["created"], len(kept))
    product.expect("the second export is the first, byte for byte", product.export() == before, True)
    product.leadboard("import", "--undo", second["import"])


def one_line(text: str) -> str:
    """A text as a field of one line keeps it; empty for what a file cannot carry or nobody could see."""
    try:
        return clean_line(text.replace("\0", ""), 200)
    except TextError:
        return ""


# ---------------------------------------------------------------------------------------------- the product


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "LEADBOARD_INSTANCE": str(folder), "PYTHONPATH": str(ROOT)}


@contextmanager
def serving(folder: Path, port: int) -> Iterator[tuple[str, str]]:
    """The address of `leadboard serve` on a fresh instance, and the link that makes the first account."""
    server = subprocess.Popen(
        [sys.executable, "-m", "leadboard", "serve", "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment(folder),
    )  # fmt: skip
    assert server.stdout is not None
    try:
        url = link = ""
        while not link:
            line = server.stdout.readline()
            if not line:
                raise SystemExit(f"the server did not start: {server.stderr.read() if server.stderr else ''}")
            if found := re.search(r"is at (\S+)", line):
                url = found[1].rstrip("/")
            if found := re.search(r"(http\S+/setup/\S+)", line):
                link = found[1]
        yield url, link
    finally:
        server.terminate()
        server.communicate(timeout=30)


def set_up(page: Page, link: str) -> None:
    """Name, e-mail, password, country; then an empty board."""
    page.goto(link)
    page.locator("[name=name]").fill("Ada Admin")
    page.locator("[name=team]").fill("Acme")
    page.locator("[name=email]").fill("ada@acme.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=country]").select_option("US")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "/setup/" not in url)


for one in (
    every_mail_is_read,
    accounts_and_their_deals,
    address_books_come_in_whole,
    merged_and_split_as_before,
    every_name_is_found,
):
    step(one)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder of real files")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--only", choices=STEPS, action="append", help="run this step; may be given several times")
    args = parser.parse_args()
    chromium = subprocess.run(
        [sys.executable, ROOT / "scripts" / "chromium.py"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    with (
        tempfile.TemporaryDirectory() as scratch,
        sync_playwright() as playwright,
        serving(Path(scratch), args.port) as (url, link),
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        page = browser.new_page(locale="en-GB")
        page.set_default_timeout(30_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        set_up(page, link)
        product = Product(args.data.resolve(), Path(scratch), url, page)
        for name in args.only or STEPS:
            print(f"{name.replace('_', ' ')}: {(STEPS[name].__doc__ or '').strip()}", flush=True)
            STEPS[name](product)
        product.expect("errors in the browser's console", problems, [])
        browser.close()
    print(f"{len(product.failures)} not as expected" if product.failures else "all as expected")
    return 1 if product.failures else 0


if __name__ == "__main__":
    sys.exit(main())
