"""A small reader over an answer's HTML: enough CSS to say what a test means."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_PART = re.compile(
    r"(?P<tag>^[a-zA-Z][\w-]*)|#(?P<id>[\w-]+)|\.(?P<cls>[\w-]+)|\[(?P<attr>[\w:-]+)(?:=(?P<quote>[\"']?)(?P<value>[^\]\"']*)(?P=quote))?\]"
)


@dataclass
class Node:
    tag: str
    attrs: dict[str, str]
    parent: "Node | None" = None
    children: list["Node | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text below, white space folded."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> list[str]:
        out: list[str] = []
        for child in self.children:
            out += (
                [child]
                if isinstance(child, str)
                else [*child._texts(), " " if child.tag in {"p", "div", "li", "td", "th", "dt", "dd", "option"} else ""]
            )
        return out

    def walk(self) -> "list[Node]":
        found: list[Node] = []
        for child in self.children:
            # What stands in a <template> is not part of the page.
            if isinstance(child, Node) and child.tag != "template":
                found += [child, *child.walk()]
        return found

    def all(self, selector: str) -> "list[Node]":
        """Nodes below that match a selector such as `form.add input[name=title]`, in document order."""
        wanted = selector.split()
        return [node for node in self.walk() if node._matches(wanted)]

    def one(self, selector: str) -> "Node":
        """The only match; an AssertionError tells how many there were."""
        found = self.all(selector)
        assert len(found) == 1, f"{len(found)} elements match {selector!r}"
        return found[0]

    def texts(self, selector: str) -> list[str]:
        return [node.text for node in self.all(selector)]

    def _matches(self, wanted: list[str]) -> bool:
        if not self._is(wanted[-1]):
            return False
        rest, node = wanted[:-1], self.parent
        while rest and node is not None:
            if node._is(rest[-1]):
                rest = rest[:-1]
            node = node.parent
        return not rest

    def _is(self, simple: str) -> bool:
        position = 0
        while position < len(simple):
            part = _PART.match(simple, position)
            assert part is not None, f"this reader does not know {simple!r}"
            got: dict[str, Any] = part.groupdict()
            if got["tag"] and self.tag != got["tag"]:
                return False
            if got["id"] and self.attrs.get("id") != got["id"]:
                return False
            if got["cls"] and got["cls"] not in self.attrs.get("class", "").split():
                return False
            if got["attr"] and (
                got["attr"] not in self.attrs or (got["value"] is not None and self.attrs[got["attr"]] != got["value"])
            ):
                return False
            position = part.end()
        return True


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Node("#document", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self.here
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.here = node.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def read_html(source: Any) -> Node:
    """The tree of an answer (anything with get_data) or of text."""
    text = source if isinstance(source, str) else source.get_data(as_text=True)
    reader = _Reader()
    reader.feed(text)
    return reader.root
