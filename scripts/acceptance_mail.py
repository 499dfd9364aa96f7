"""The step of acceptance.py with a folder of real mails."""

import json
import os
from pathlib import Path
from typing import Any

# What an admin does on the plugin's page, and its command: run on the instance that the server serves.
READ_MAILS = """
import sys
from leadboard.cli.instance import open_instance
open_instance()
from leadboard.domain.plugins import enable, save_settings
from leadboard.permissions import SYSTEM
enable("mail_drop", actor=SYSTEM)
save_settings("mail_drop", {"folder": sys.argv[1]}, {}, actor=SYSTEM)
from leadboard_plugins.mail_drop import read
read(["--json"], standalone_mode=False)
"""


def every_mail_is_read(product: Any) -> None:
    """Each mail of the email folder through a Maildir: on the timeline of its lead, kept with a reason, and never twice."""
    files = sorted((product.data / "email").rglob("*.eml"))
    box = product.folder / "Maildir"
    for part in ("new", "cur", "tmp"):
        (box / part).mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(files):
        target = box / "new" / f"17.M{number}.acceptance"
        target.write_bytes(path.read_bytes())
        os.utime(target, (1_700_000_000 + number, 1_700_000_000 + number))
    known = product.folder / "known.csv"
    known.write_text("Deal name,Email\nMikel,mikel@test.lindsaar.net\nJamis,jamis@37signals.com\n", encoding="utf-8")
    leads = product.answer("import", known)

    first, second = read_mails(product, box), read_mails(product, box)
    print(
        f"       {len(files)} files: {first['states']}, {first['again']} with a Message-ID that was there; because of {first['reasons']}"
    )
    product.expect("mails read", first["read"], len(files))
    product.expect("read again", second["read"], 0)
    product.expect("files left as they were", len(list((box / "new").iterdir())), len(files))
    page = product.page
    page.goto(f"{product.url}/p/mail_drop/")
    seen = 0
    for state in ("open", "quiet", "broken", "inner"):
        url: str | None = f"{product.url}/p/mail_drop/?state={state}"
        while url:
            page.goto(url)
            links = page.locator("tbody .wide-cell a").evaluate_all("links => links.map(link => link.href)")
            older = page.locator("a.btn-line", has_text="Older")
            url = str(older.evaluate("link => link.href")) if older.count() else None
            for link in links:
                answer = page.request.get(link)
                seen += answer.status == 200
    # The server's own job may have taken some of them in between: what counts is what is there.
    product.expect("mails of no lead whose page opens", seen, 67)
    page.goto(f"{product.url}/leads?q=mikel@test.lindsaar.net")
    page.get_by_role("link", name="Mikel").first.click()
    page.locator("#panel-mail_drop-mails").wait_for()
    subjects = page.locator("#panel-mail_drop-mails a").all_inner_texts()
    on_timeline = page.locator("ol.tl .tl-i:not(.minor)").all_inner_texts()
    print(f"       Mikel's mails: {subjects}")
    product.expect("each is on the timeline", [text for text in subjects if not any(text in entry for entry in on_timeline)], [])
    product.expect("on Mikel's timeline", len(subjects), 2)
    product.leadboard("import", "--undo", leads["import"])


def read_mails(product: Any, box: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(product.python(READ_MAILS, box))
    return found
