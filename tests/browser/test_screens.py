"""Every screen looked at: light, dark, right to left, wide and narrow; axe finds nothing serious, nothing overflows.

Pictures go to test-artifacts/screens/. With LEADBOARD_PICTURES=1 the board's also becomes the README's.
"""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from leadboard.domain.demo import add_sample_data
from leadboard.models import Lead

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "test-artifacts" / "screens"
SCREENS = {
    "board": "/",
    "list": "/leads",
    "filtered-list": "/leads?closed=won&sort=-value",
    "new-lead": "/leads/new",
    "lead": "/leads/{lead}",
    "lead-edit": "/leads/{lead}/edit",
    "move": "/leads/{lead}/move",
    "bin": "/bin",
    "imports": "/imports",
    "account": "/account",
    "settings": "/admin",
    "people": "/admin/people",
    "pipelines": "/admin/pipelines",
    "sample-data": "/admin/sample",
    "not-found": "/leads/999999",
}
# name: (width, height, colour scheme, language)
LOOKS = {
    "wide-light": (1440, 900, "light", "en"),
    "wide-dark": (1440, 900, "dark", "en"),
    "phone-light": (360, 740, "light", "en"),
    "phone-dark-rtl": (360, 740, "dark", "x-rtl"),
    "wide-rtl": (1440, 900, "light", "x-rtl"),
}


@pytest.fixture
def world(app, make, ada):
    """Sample data: the same names and values at every run."""
    add_sample_data(120, 1, user_id=ada.id)
    return {"lead": Lead.select().where(Lead.closed_at.is_null()).order_by(Lead.id.desc()).first().id}


@pytest.mark.parametrize("look", LOOKS)
def test_every_screen_is_sound(look, make, ada, world, second_browser):
    width, height, scheme, language = LOOKS[look]
    make.set_up(language=language)
    page = second_browser(ada, viewport={"width": width, "height": height}, color_scheme=scheme)
    problems = []
    for name, url in SCREENS.items():
        page.goto(url.format(**world), wait_until="networkidle")
        problems += [f"{name}: {problem}" for problem in (*serious(page), *overflow(page, width))]
        keep(page, f"{name}-{look}")

    assert problems == []


def serious(page: Page) -> list[str]:
    """What axe calls serious or critical, with the first place of each, once nothing fades in any more: that has less contrast."""
    page.evaluate(
        "Promise.all(document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getTiming().iterations !== Infinity)"
        ".map((one) => one.finished.catch(() => null))).then(() => true)"
    )
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found if one["impact"] in {"serious", "critical"}]


def overflow(page: Page, width: int) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth")
    return [f"the page is {wide} px wide in a window of {width}"] if wide > width else []


def keep(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
    if os.environ.get("LEADBOARD_PICTURES") and name == "board-wide-light":
        target = ROOT / "docs" / "images" / "board.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target)
