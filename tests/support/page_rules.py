"""What holds for every template, style sheet and script that we wrote."""

import re
from collections.abc import Iterator

MAX_TEMPLATE = 150
MAX_ASSET = 400

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

FORBIDDEN_IN_TEMPLATES = (
    (re.compile(r"\|\s*safe\b"), "|safe: only lib/markdown.py makes markup"),
    (re.compile(r"(?<![\w.])_\((?!\s*['\"])"), "_() takes a text of our own, which counts as markup; said() any other"),
    (re.compile(r"\{%-?\s*autoescape\s+false|\bMarkup\("), "escaping stays on"),
    (re.compile(r"\sstyle\s*=", re.IGNORECASE), "an inline style: the content security policy forbids it"),
    (re.compile(r"<style\b", re.IGNORECASE), "an inline style sheet: the content security policy forbids it"),
    (re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE), "an inline script: the content security policy forbids it"),
    (re.compile(r"[\s\"']on[a-z]+\s*=", re.IGNORECASE), "an event attribute: the content security policy forbids it"),
    (re.compile(r"\bhx-on\b", re.IGNORECASE), "hx-on needs eval"),
    (re.compile(r"[\"'=]\s*(?:js|javascript):", re.IGNORECASE), "js: values need eval"),
)
FORBIDDEN_IN_SCRIPTS = (
    (re.compile(r"\beval\s*\(|\bnew Function\b"), "eval"),
    (re.compile(r"\bdocument\.write\b|\.(?:inner|outer)HTML\s*=|\binsertAdjacentHTML\b"), "HTML put together from text"),
    (re.compile(r"\.style\.(?:left|right|marginLeft|marginRight|cssText)\b"), "a physical side"),
    (re.compile(r"\bdebugger\b|\bconsole\.log\b"), "left over from debugging"),
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")

_SIDE = r"(?:left|right)"
PHYSICAL = (
    re.compile(rf"^(?:scroll-)?(?:margin|padding)-{_SIDE}$"),
    re.compile(rf"^border-{_SIDE}(?:-(?:width|style|color))?$"),
    re.compile(rf"^border-(?:top|bottom)-{_SIDE}-radius$"),
    re.compile(rf"^{_SIDE}$"),
)
PHYSICAL_VALUES = {"text-align", "float", "clear", "justify-content", "justify-items", "justify-self", "caption-side"}
_DECLARATION = re.compile(r"(?:^|[{;])\s*([a-z-]+)\s*:\s*([^;{}]+)", re.IGNORECASE)


def _lines_with(text: str, rules: tuple[tuple[re.Pattern[str], str], ...]) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in rules:
            if pattern.search(line):
                yield f"{number}: {what}"


def template_problems(text: str) -> Iterator[str]:
    if len(text.splitlines()) > MAX_TEMPLATE:
        yield f"{len(text.splitlines())} lines; at most {MAX_TEMPLATE}"
    yield from _lines_with(_blank(_COMMENT, text), FORBIDDEN_IN_TEMPLATES)


def script_problems(text: str) -> Iterator[str]:
    if len(text.splitlines()) > MAX_ASSET:
        yield f"{len(text.splitlines())} lines; at most {MAX_ASSET}"
    yield from _lines_with(text, FORBIDDEN_IN_SCRIPTS)


def style_problems(text: str) -> Iterator[str]:
    """Right-to-left pages mirror by themselves only when no side is called left or right."""
    if len(text.splitlines()) > MAX_ASSET:
        yield f"{len(text.splitlines())} lines; at most {MAX_ASSET}"
    plain = _blank(_CSS_COMMENT, text)
    for found in _DECLARATION.finditer(plain):
        name, value = found[1].lower(), found[2].strip()
        number = plain.count("\n", 0, found.start(1)) + 1
        if any(pattern.match(name) for pattern in PHYSICAL):
            yield f"{number}: {name} names a side; use its logical property"
        if name in PHYSICAL_VALUES and re.search(rf"\b{_SIDE}\b", value):
            yield f"{number}: {name}: {value} names a side; use start or end"


def unfinished(text: str) -> Iterator[str]:
    yield from _lines_with(text, ((UNFINISHED, "left for later"),))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """The text without the matches, lines kept."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n"), text)
