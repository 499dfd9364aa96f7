"""What a User-Agent header says to a person: "Firefox on Windows"."""

import re
from typing import Final

__all__ = ["browser_and_system"]

# The first that matches wins: every browser also claims to be the ones after it.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PROGRAM: Final = re.compile(r"[A-Za-z][\w.-]{0,30}")


def browser_and_system(agent: str) -> tuple[str, str]:
    """Names of browser and system, each empty when unknown; other programs by the word they start with."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if not browser and (match := _PROGRAM.match(agent)) and match.group() != "Mozilla":
        browser = match.group()
    return browser, system
