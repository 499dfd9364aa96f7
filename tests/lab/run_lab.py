#!/usr/bin/env python3
"""Real calls through the telephony plugin: SIP, webhook, the agent's screen, the timeline. See README.md."""

import argparse
import importlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

from leadboard import jobs, schema  # noqa: E402
from leadboard.app import create_app  # noqa: E402
from leadboard.config import Settings  # noqa: E402
from leadboard.db import execute, forget_connection, now_ms, open_database, rows  # noqa: E402
from leadboard.domain.plugins import enable, save_settings  # noqa: E402
from leadboard.permissions import SYSTEM  # noqa: E402
from leadboard.testing.factories import Make  # noqa: E402
from leadboard.testing.people import sign_in_directly  # noqa: E402
from tests.support.browser import launch_arguments  # noqa: E402

# A package that Leadboard makes when it is imported.
lists = importlib.import_module("leadboard_plugins.telephony_hook.lists")
TOKEN = "lab" * 12
CALLER = "+48600700800"
SIP, PHONE, WEB = 7520, 7521, 7510
PACKAGES = (
    "kamailio", "kamailio-utils-modules", "sip-tester", "libgsl27", "libgslcblas0", "libpcap0.8", "libsctp1", "libdbus-1-3",
)  # fmt: skip
problems: list[str] = []


def check(what: str, seen: object, wanted: object) -> None:
    print(
        f"  {'ok  ' if seen == wanted else 'FAIL'} {what}: {seen}" + ("" if seen == wanted else f", expected {wanted}"),
        flush=True,
    )
    if seen != wanted:
        problems.append(what)


def unpack(folder: Path) -> Path:
    """The programs, from Debian's packages, without installing them."""
    root = folder / "debroot"
    if not root.is_dir():
        root.mkdir(parents=True)
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, check=True, capture_output=True)
        for package in folder.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
    return root


@contextmanager
def running(command: list[str], log: Path, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, **more) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def wait_until(what: str, is_so: Callable[[], bool], most_s: float = 20) -> None:
    tick = threading.Event()
    for _ in range(round(most_s / 0.2)):
        if is_so():
            return
        tick.wait(0.2)
    problems.append(what)
    print(f"  FAIL {what}: not within {most_s} s", flush=True)


def product(folder: Path) -> tuple[Any, str, int]:
    """Leadboard with a lead of the caller's and Anna at extension 201: the app, her cookie, the lead's id."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leadboard.db").unlink(missing_ok=True)
    settings = Settings(instance=folder, secret_key="l" * 40, testing=True, plugin_errors="raise")
    open_database(settings)
    schema.upgrade(settings)
    app = create_app(settings)
    make = Make()
    make.set_up(country="PL", phone_region="PL")
    anna = make.user("Anna Kowalska")
    lead = make.lead("Jan z Krakowa", phone="600 700 800")
    enable("telephony_hook", actor=SYSTEM)
    save_settings("telephony_hook", {}, {"token": TOKEN}, actor=SYSTEM)
    lists.save_extensions({anna.id: "201"}, actor=SYSTEM)
    cookie = sign_in_directly(app, anna).get_cookie("leadboard")
    assert cookie is not None
    return app, cookie.value, lead.id


def sipp(root: Path, environment: dict[str, str], scenario: str, *more: str) -> list[str]:
    return [str(root / "usr/bin/sipp"), *more, "-sf", str(HERE / scenario), "-m", "1", "-i", "127.0.0.1"]


def calls(page: Page, root: Path, folder: Path, environment: dict[str, str], lead_id: int) -> None:
    """One call that is answered, one to nobody."""
    at = f"127.0.0.1:{SIP}"
    quiet: dict[str, Any] = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(sipp(root, environment, "reg.xml", at, "-p", "7522", "-timeout", "5"), check=True, **quiet)
    phone = subprocess.Popen(sipp(root, environment, "uas.xml", "-p", str(PHONE), "-timeout", "30"), **quiet)
    caller = subprocess.Popen(sipp(root, environment, "uac.xml", at, "-s", "201", "-p", "7523", "-timeout", "30"), **quiet)
    box = page.locator("#telephony")
    expect(box).to_contain_text("Jan z Krakowa", timeout=10_000)
    for words in ("Incoming call", "On the phone", "Call ended"):
        expect(box).to_contain_text(words, timeout=15_000)
        print(f"       on Anna's screen: {' '.join(box.inner_text().split())}", flush=True)
        page.screenshot(path=folder / f"{words.split()[0].lower()}.png")
    check("the caller's and the phone's side went well", (caller.wait(), phone.wait()), (0, 0))
    wait_until("the call is over", lambda: bool(rows("select 1 from p_telephony_hook_call where state = 'ended'")))
    wait_until("it is on the timeline", lambda: bool(rows("select 1 from activity where duration_seconds is not null")))
    entry = rows("select lead_id, direction, outcome, duration_seconds, author_id from activity")
    check("entries of the timeline", [row[:3] for row in entry], [(lead_id, "incoming", "reached")])
    page.goto(f"/leads/{lead_id}")
    print(f"       on the timeline: {' '.join(page.locator('ol.tl').inner_text().split())[:120]}")
    subprocess.run(sipp(root, environment, "uac.xml", at, "-s", "999", "-p", "7524", "-timeout", "4"), check=False, **quiet)
    check("states", [row[0] for row in rows("select state from p_telephony_hook_call order by id")], ["ended", "ringing"])
    execute("update p_telephony_hook_call set rang_at = ? where state = 'ringing'", (now_ms() - 121_000,))
    wait_until(
        "a call that only rang is closed by the job",
        lambda: [row[0] for row in rows("select state from p_telephony_hook_call order by id")] == ["ended", "missed"],
        most_s=60,
    )
    wait_until("and logged", lambda: len(rows("select 1 from activity where outcome = 'no_answer'")) == 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    root = unpack(folder)
    app, cookie, lead_id = product(folder / "instance")
    libraries = [
        root / part for part in ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/kamailio")
    ]
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))}
    text = (HERE / "kamailio.cfg").read_text(encoding="utf-8")
    config = folder / "kamailio.cfg"
    config.write_text(text.replace("@URL@", f"http://127.0.0.1:{WEB}/in/telephony").replace("@TOKEN@", TOKEN), encoding="utf-8")
    forget_connection()
    worker = jobs.Worker()
    server = make_server("127.0.0.1", WEB, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    worker.start()
    kamailio = [
        str(root / "usr/sbin/kamailio"), "-DD", "-E", "-f", str(config), "-L", str(libraries[2] / "modules"), "-Y", str(folder), "-w", str(folder),
    ]  # fmt: skip
    log = folder / "kamailio.log"
    with ExitStack() as stack:
        stack.enter_context(running(kamailio, log, env=environment, cwd=folder))
        browser = stack.enter_context(sync_playwright()).chromium.launch(**launch_arguments())
        context = browser.new_context(base_url=f"http://127.0.0.1:{WEB}")
        context.add_cookies([{"name": "leadboard", "value": cookie, "url": f"http://127.0.0.1:{WEB}"}])
        page = context.new_page()
        page.goto("/leads")
        calls(page, root, folder, environment, lead_id)
        browser.close()
    worker.stop()
    told = [line.split("TOLD ", 1)[1] for line in log.read_text(errors="replace").splitlines() if "TOLD " in line]
    for line in told:
        print(f"       told: {line}")
    check("events that came again and were dropped", sum('"duplicate":true' in line for line in told) > 0, True)
    check(
        "events kept",
        len(rows("select 1 from p_telephony_hook_event")),
        len(told) - sum('"duplicate":true' in line for line in told),
    )
    check("jobs that failed", rows("select kind, error from job where error is not null"), [])
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
