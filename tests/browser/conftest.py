"""The product in Chromium: a live server on a fresh database, and pages that fail on any error in the console."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from leadboard.db import forget_connection
from leadboard.jobs import Worker
from leadboard.testing.people import Person
from tests.support.browser import browser_type_launch_args, prepare

__all__ = ["browser_type_launch_args"]

# What a refused form looks like to the browser's log: meant, and asserted on by the tests that provoke it.
MEANT = re.compile(r"Failed to load resource: the server responded with a status of (400|401|403|404|409|413|422|429) ")

prepare()


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the app, served by threads of this process on the test's own database."""
    forget_connection()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def worker(app: Flask) -> Iterator[Worker]:
    """The thread that runs jobs, as in `leadboard serve`."""
    worker = Worker()
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any], live_server: str) -> dict[str, Any]:
    return {**browser_context_args, "base_url": live_server, "viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}


def watch(page: Page) -> list[str]:
    """Collects what goes wrong on a page: uncaught errors, console errors (broken content policy among them)."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if message.type == "error" and not MEANT.match(message.text) else None,
    )
    return problems


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    problems = watch(page)
    page.set_default_timeout(10_000)
    yield page
    assert problems == []


def carry_session(context: BrowserContext, person: Person, server: str) -> None:
    """Sign a browser in as somebody who is signed in already."""
    cookie = person.client.get_cookie("leadboard")
    assert cookie is not None
    context.add_cookies([{"name": "leadboard", "value": cookie.value, "url": server}])


@pytest.fixture
def as_anna(page: Page, anna: Person, live_server: str) -> Page:
    """Anna's browser, a member's."""
    carry_session(page.context, anna, live_server)
    return page


@pytest.fixture
def as_mona(page: Page, mona: Person, live_server: str) -> Page:
    """Mona's browser, a manager's."""
    carry_session(page.context, mona, live_server)
    return page


@pytest.fixture
def as_ada(page: Page, ada: Person, live_server: str) -> Page:
    """Ada's browser, an admin's."""
    carry_session(page.context, ada, live_server)
    return page


@pytest.fixture(params=["wide", "narrow", "no script"])
def admin(request: Any, page: Page, browser: Browser, ada: Person, live_server: str) -> Any:
    """An admin's browser of three kinds."""
    if request.param == "no script":
        context = browser.new_context(base_url=live_server, java_script_enabled=False, viewport={"width": 1440, "height": 900})
        carry_session(context, ada, live_server)
        found = context.new_page()
        found.set_default_timeout(10_000)
        yield found
        context.close()
        return
    if request.param == "narrow":
        page.set_viewport_size({"width": 360, "height": 740})
    carry_session(page.context, ada, live_server)
    yield page


@pytest.fixture
def second_browser(browser: Any, live_server: str) -> Iterator[Callable[..., Page]]:
    """second_browser(ben): another person's browser beside the first; takes Playwright's context options."""
    opened: list[tuple[BrowserContext, list[str]]] = []

    def open_for(person: Person | None, **options: Any) -> Page:
        context = browser.new_context(
            **{"base_url": live_server, "viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        )
        if person is not None:
            carry_session(context, person, live_server)
        page: Page = context.new_page()
        page.set_default_timeout(10_000)
        opened.append((context, watch(page)))
        return page

    yield open_for
    for context, problems in opened:
        context.close()
        assert problems == []
