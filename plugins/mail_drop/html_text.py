"""The text of an HTML mail, as a plain one would have it."""

import re
from html.parser import HTMLParser

_SILENT = {"script", "style", "head", "title", "template"}
_BLOCKS = {
    "p", "div", "br", "tr", "table", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "section", "article", "header",
    "footer",
}  # fmt: skip
# Marks in the running text: a quotation begins, ends.
_OPEN, _CLOSE = "\x02", "\x03"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        if tag in _BLOCKS:
            self.pieces.append("\n")
        if tag == "li":
            self.pieces.append("- ")
        if tag == "blockquote":
            self.pieces.append(f"{_OPEN}\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        if tag == "blockquote":
            self.pieces.append(f"\n{_CLOSE}")
        if tag in _BLOCKS or tag == "p":
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(re.sub(r"\s+", " ", data.replace(_OPEN, "").replace(_CLOSE, "")))


def text_of_html(text: str) -> str:
    """Paragraphs as lines, quotations with "> " in front; scripts and styles are left out."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    lines, depth = [], 0
    for line in "".join(reader.pieces).split("\n"):
        depth += line.count(_OPEN) - line.count(_CLOSE)
        plain = line.replace(_OPEN, "").replace(_CLOSE, "").strip()
        lines.append(f"> {plain}" if depth > 0 and plain else plain)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
