"""Every word on every page went through translation, and the page runs from right to left: the pseudo-language shows it.

The world's data is written without Latin letters, so a Latin word outside ⟦…⟧ is one of ours that nobody can translate.
"""

import re

import pytest

from leadboard.domain.settings import announce, write_setting
from leadboard.i18n import PSEUDO
from tests.walks.walking import visits

pytestmark = pytest.mark.sqlite_only  # what a page says is the same on both engines

# What is the same in every language.
NAMES = {"Leadboard", "CSV", "pwned"}  # the last one is what the walk searches for
# What the locale's own data says (Babel has no pseudo-language): months, days, relative days, currencies, a country.
OF_THE_LOCALE = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)[a-z]*\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
    r"|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\b\d+\s(?:second|minute|hour|day|week|month|year)s?\b|\b[AP]M\b|\b[A-Z]{3}\b|\d[kmbn]+\b|\bGermany\b"
)
# Addresses and numbers of the world, its imported file (its name, its encoding, a heading), and what programs call things.
OF_THE_DATA = re.compile(
    r"\b[a-z]+\.[a-z_]+\b|\bwebhook-id\b|\bmsg_\w+|\.csv\b|\butf-8\b|^E-mail: |\S+@\S+|https?://\S+|\bexample\.org\S*|\bb\.?d?@|\+49[\d ]+"
)
BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
SHOWN_ATTRIBUTES = ("aria-label", "title", "placeholder", "alt", "data-confirm", "aria-description", "label", "aria-valuetext")
# Lists that come from the locale's data as a whole.
LOCALE_SELECTS = re.compile(r"country|currency|time_zone|language|phone_region|week_start|encoding|delimiter")
NOT_SHOWN = {"script", "style", "template", "code", "kbd", "samp", "noscript"}


@pytest.fixture
def mirrored(world):
    write_setting("language", PSEUDO)
    write_setting("name", "Дело")
    announce()
    return world


@pytest.mark.parametrize("role", ["nobody", "viewer", "admin"])
def test_every_word_of_every_page_can_be_translated(role, mirrored):
    problems: dict[str, str] = {}
    for visit in visits(mirrored, mirrored.people[role]):
        if not visit.is_html or visit.response.status_code in range(300, 400):
            continue
        tree = visit.tree
        for page in tree.all("html"):
            if page.attrs.get("dir") != "rtl":
                problems.setdefault("a page runs from left to right", str(visit))
        for where, text in plain_texts(tree):
            problems.setdefault(f"{where}: {text!r}", str(visit))

    found = [f"{problem}, e.g. {where}" for problem, where in sorted(problems.items())]
    assert not found, "\n".join(["", f"{len(found)} texts are not translated", *found[:60]])


def plain_texts(tree):
    """(where, text) of what is shown and was not translated."""
    for node in [tree, *tree.walk()]:
        if is_hidden(node):
            continue
        for name in SHOWN_ATTRIBUTES:
            if is_plain(node.attrs.get(name, "")):
                yield f"{name} of <{node.tag}>", node.attrs[name]
        if (
            node.tag == "input"
            and node.attrs.get("type") in {"submit", "button", "reset"}
            and is_plain(node.attrs.get("value", ""))
        ):
            yield "value of a button", node.attrs["value"]
        if any(not isinstance(child, str) and child.tag == "mark" for child in node.children):
            # A text in which a part is marked is one text.
            if is_plain(node.text):
                yield f"<{node.tag}>", node.text
            continue
        for child in node.children:
            if isinstance(child, str) and is_plain(child):
                yield f"<{node.tag}>", " ".join(child.split())


def is_hidden(node):
    while node is not None:
        if node.tag in NOT_SHOWN or node.attrs.get("translate") == "no":
            return True
        if node.tag == "select" and LOCALE_SELECTS.search(node.attrs.get("name", "")):
            return True
        node = node.parent
    return False


def is_plain(text):
    rest, found = text, 1
    while found:  # a translated text may stand inside another one
        rest, found = BRACKETED.subn(" ", rest)
    for pattern in (OF_THE_DATA, OF_THE_LOCALE):
        rest = pattern.sub(" ", rest)
    return any(word not in NAMES for word in re.findall(r"[A-Za-zÀ-ʯ]{2,}", rest))


@pytest.mark.parametrize("text", ["Save", "⟦Šàvé⟧ now", "3 leads", "Tasks: ⟦ñöñé⟧"])
def test_the_walk_sees_what_was_not_translated(text):
    assert is_plain(text)


@pytest.mark.parametrize(
    "text", ["⟦Šàvé⟧", "Дело 7", "20 Nov", "€9,800", "a.b@example.org", "Leadboard", "3 days", "USD", "+49 30 901820"]
)
def test_the_walk_lets_data_and_formats_pass(text):
    assert not is_plain(text)
