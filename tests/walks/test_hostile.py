"""Hostile text in every field: no page may turn it into an element, an attribute, a template or a direction."""

import itertools
import re
from urllib.parse import urlsplit

import pytest

from leadboard.db import execute
from leadboard.domain.settings import write_setting
from leadboard.lib.text import clean_line
from tests.walks.walking import visits
from tests.walks.world import build_world

pytestmark = pytest.mark.sqlite_only  # what a page makes of a text is the same on both engines

HOSTILE = (
    '"><pwned onerror=pwned()>',
    "'><pwned onload='pwned()'>",
    "</title></textarea></script><pwned>",
    "<pwned a=`b`>{{ 1337 * 7331 }}{% pwned %}${1337*7331}#{1337*7331}",
    '" autofocus onfocus="pwned()" pwned="',
    "%(pwned)s %s {0.__class__} {pwned}",
    "javascript:pwned()",
    "--><pwned><!--",
    "<svg/onload=pwned()><pwned/>",
    "[x](javascript:pwned()) ![x](https://pwned.example/a.png) <pwned>",
    "\u202epwned\u202c \u2066pwned\u2069 \u200fpwned",
    "&lt;pwned&gt; &#60;pwned&#62; \x00\x1b[31mpwned\r\nSet-Cookie: pwned=1",
    "<pwned>" * 200,
    "ṗẉṅḕḋ🙂" * 300,
)
URL_ATTRIBUTES = {
    "href", "src", "action", "formaction", "hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "poster", "background", "xlink:href",
}  # fmt: skip
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"


def hostile_text():
    """A different attack for each field, as the domain would keep it: cut and cleaned."""
    count = itertools.count()
    attacks = itertools.cycle(HOSTILE)

    def attack(what):
        text = f"{next(count)}{next(attacks)}"
        return clean_line(text[: LIMITS[what]], LIMITS[what]) if what in MADE_DIRECTLY else text[: LIMITS.get(what, 1000)]

    return attack


LIMITS = {
    "title": 200,
    "city": 100,
    "user": 120,
    "stage": 80,
    "pipeline": 80,
    "source": 80,
    "reason": 80,
    "task": 200,
    "lost_to": 120,
}
# The factories write these as they are; the domain's own functions clean them.
MADE_DIRECTLY = {"user", "stage", "pipeline", "source", "reason"}


@pytest.fixture
def hostile_world(app, make):
    found = build_world(app, make, hostile_text())
    write_setting("name", HOSTILE[0])
    # What an earlier version or another program may have left behind our backs.
    execute(
        "update lead set website = 'javascript:pwned()', person_name = ? where id = ?", (HOSTILE[3], found.values["lead_id"][0])
    )
    execute('update "user" set name = ? where id = ?', (HOSTILE[4], found.people["viewer"].id))
    return found


@pytest.mark.parametrize("role, shift", [("admin", 0), ("admin", 1), ("admin", 2), ("viewer", 0)])
def test_hostile_text_stays_text_on_every_page(role, shift, app, make, monkeypatch, request):
    monkeypatch.setattr("tests.walks.test_hostile.HOSTILE", HOSTILE[shift * 5 :] + HOSTILE[: shift * 5])
    world = request.getfixturevalue("hostile_world")
    problems = []
    for visit in visits(world, world.people[role]):
        problems += [f"{visit}: {problem}" for problem in found_in(visit)]

    assert not problems, "\n".join(["", *problems[:40]])


def found_in(visit):
    response = visit.response
    if not response.headers.get("Content-Security-Policy", "").startswith(CSP):
        yield "no content security policy"
    if "pwned" in str(response.headers.get("Set-Cookie", "")).lower().split(";")[0].split("=")[0]:
        yield "a header was injected"
    if response.status_code >= 500:
        yield f"status {response.status_code}"
    if not visit.is_html:
        return
    text = visit.text
    for what, pattern in (
        ("an element", r"<[/!]?\s*pwned"),
        ("a template was evaluated", "9801547"),
        ("an override of the writing direction", "[\u202d\u202e]"),
        ("a control character", r"[\x00-\x08\x0b\x0c\x0e-\x1f]"),
    ):
        if match := re.search(pattern, text):
            yield f"{what}: …{text[max(0, match.start() - 80) : match.end() + 40]!r}"
    yield from injected(visit.tree)


def injected(tree):
    for node in tree.walk():
        if node.tag == "pwned":
            yield f"an element below <{node.parent.tag if node.parent else ''}>"
        for name, value in node.attrs.items():
            if "pwned" in name or re.match(r"on[a-z]", name) or name == "style":
                yield f"an attribute {name} of <{node.tag}>"
            if name in URL_ATTRIBUTES and dangerous(value):
                yield f"{name}={value[:60]!r} of <{node.tag}>"


def dangerous(url):
    return urlsplit(url.strip()).scheme.lower() not in {"", "http", "https", "mailto", "tel", "callto", "sip", "data"} or (
        url.strip().lower().startswith("data:") and not url.strip().lower().startswith("data:image/")
    )
