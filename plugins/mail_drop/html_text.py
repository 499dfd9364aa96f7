"""The text of an HTML mail, as a plain one would have it.

Not by html.parser: for a mail that opens comments or tags and never ends them it takes quadratic time, a minute for 200 kB.
"""

import re
from collections.abc import Iterator
from html import unescape

_SILENT = {"script", "style", "head", "title", "template"}
_BLOCKS = {
    "p", "div", "br", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "section", "article", "header",
    "footer",
}  # fmt: skip
# Marks in the running text: a quotation begins, ends.
_OPEN, _CLOSE = "\x02", "\x03"

_SIGN = re.compile(r"<(?:(?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]{0,40})|!--|[!?])")
_ATTRIBUTES = re.compile(r"""[^"'>]*(?:"[^"]*"[^"'>]*|'[^']*'[^"'>]*)*>""")
# How far the end of a tag is looked for behind quoted attributes that may hold a ">".
_LONGEST_TAG = 1000
_RAW = {name: re.compile(rf"</{name}[\s/>]", re.IGNORECASE) for name in ("script", "style")}


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """("text", …), ("open", tag) and ("close", tag). Every step goes on behind what it looked at."""
    at, last, last_comment = 0, text.rfind(">"), text.rfind("-->")
    while (sign := _SIGN.search(text, at)) is not None and sign.start() < last:
        yield "text", unescape(text[at : sign.start()])
        name = (sign["name"] or "").lower()
        if not name:
            is_comment = sign[0] == "<!--" and sign.end() <= last_comment
            at = text.index("-->", sign.end()) + 3 if is_comment else text.index(">", sign.start()) + 1
            continue
        whole = _ATTRIBUTES.match(text, sign.end(), sign.end() + _LONGEST_TAG)
        at = whole.end() if whole else text.index(">", sign.start()) + 1
        if sign["slash"]:
            yield "close", name
            continue
        yield "open", name
        if text[at - 2] == "/":
            yield "close", name
        elif name in _RAW:
            end = _RAW[name].search(text, at)
            if end is None:
                return
            at = end.start()
    yield "text", unescape(text[at:])


def _pieces(text: str) -> Iterator[str]:
    silent = 0
    for kind, value in _tokens(text):
        if kind == "text":
            if not silent:
                yield re.sub(r"\s+", " ", value.replace(_OPEN, "").replace(_CLOSE, ""))
            continue
        is_open = kind == "open"
        if value in _SILENT:
            silent = silent + 1 if is_open else max(0, silent - 1)
        if value == "blockquote" and not is_open:
            yield f"\n{_CLOSE}"
        if value in _BLOCKS:
            yield "\n"
        if is_open:
            yield {"li": "- ", "blockquote": f"{_OPEN}\n"}.get(value, "")


def text_of_html(text: str) -> str:
    """Paragraphs as lines, quotations with "> " in front; scripts and styles are left out."""
    lines, depth = [], 0
    for line in "".join(_pieces(text)).split("\n"):
        depth += line.count(_OPEN) - line.count(_CLOSE)
        plain = line.replace(_OPEN, "").replace(_CLOSE, "").strip()
        lines.append(f"> {plain}" if depth > 0 and plain else plain)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
