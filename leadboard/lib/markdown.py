"""Notes written in Markdown: safe HTML for pages, plain text for previews, the people mentioned.

Two fences, each enough alone: the parser has raw HTML switched off, and what it makes passes an allow-list of tags,
attributes and URL schemes. Pictures become links: a note must not make the reader's browser call a stranger's server.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

__all__ = ["mentions", "plain", "render"]

_TAGS: Final = "p br hr em strong s code pre blockquote ul ol li h1 h2 h3 h4 h5 h6 a table thead tbody tr th td"
_ALIGNMENTS: Final = {"text-align:left": "align-left", "text-align:center": "align-center", "text-align:right": "align-right"}
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS.split()),
    clean_content_tags={"script", "style"},
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    allowed_classes={"th": set(_ALIGNMENTS.values()), "td": set(_ALIGNMENTS.values())},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    strip_comments=True,
)
# Looking for the end of a link takes quadratic time in the number of brackets: 1.5 s for 100,000 of them.
_MOST_BRACKETS: Final = 3000
_LONGEST_CACHED: Final = 4000


class _Renderer(RendererHTML):
    """Pictures as links to them, alignment as a class (the content security policy knows no inline style)."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        source = str(token.attrs.get("src", ""))
        text = self.renderInlineAsText(token.children or [], options, env) or source
        link = Token("link_open", "a", 1, attrs={"href": source})
        return f"<a{self.renderAttrs(link)}>{_escape(text)}</a>"

    def _aligned(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        alignment = _ALIGNMENTS.get(str(token.attrs.pop("style", "")))
        if alignment:
            token.attrSet("class", alignment)
        return self.renderToken(tokens, idx, options, env)

    th_open = _aligned
    td_open = _aligned


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _parser(**options: Any) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True, **options}, renderer_cls=_Renderer)
    return parser.enable(["linkify", "strikethrough", "table"]).disable(["html_block", "html_inline"])


_FULL: Final = _parser()
_WITHOUT_LINKS: Final = _parser().disable(["link", "image", "reference"])


def _parser_for(text: str) -> MarkdownIt:
    return _FULL if text.count("[") <= _MOST_BRACKETS else _WITHOUT_LINKS


def _html(text: str) -> str:
    return _CLEANER.clean(_parser_for(text).render(text)).strip()


_html_of_short = lru_cache(maxsize=1024)(_html)


def render(text: str) -> str:
    """Safe HTML of a note: the one output in Leadboard that a template may show unescaped.

    Single line breaks stay breaks; addresses become links, which open in a new tab and tell nobody where they came from.
    0.3 ms for a usual note, cached; under a second for 100 kB.
    """
    return _html_of_short(text) if len(text) <= _LONGEST_CACHED else _html(text)


def _words_of(token: Token, *, code: bool, links: bool) -> Iterator[str]:
    """Texts inside an inline token, a break as a line break; nothing else marks where a text ends."""
    depth = 0
    for child in token.children or []:
        depth += child.nesting if child.type in ("link_open", "link_close") else 0
        if child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type == "code_inline":
            yield child.content if code else " "
        elif child.type in ("text", "image") and (links or (child.type == "text" and not depth)):
            yield child.content


def _blocks(text: str, *, code: bool, links: bool) -> Iterator[str]:
    """The text of each paragraph, heading, list item, cell and (with `code`) code block."""
    for token in _parser_for(text).parse(text):
        if token.type == "inline":
            yield "".join(_words_of(token, code=code, links=links))
        elif token.type in ("fence", "code_block") and code:
            yield token.content


# Without any of these a text is its own preview.
_MARKUP: Final = re.compile(r"[*_`~\[\]<>&\\#|=+]|^\s*(?:-|\d+[.)])|://", re.MULTILINE)


def plain(text: str, limit: int) -> str:
    """The beginning of a note without markup, on one line, cut at a word with "…" when it has more than `limit` characters."""
    # Markup seldom makes a text five times as long; a preview need not read a book.
    beginning = text[: limit * 5 + 200]
    texts = _blocks(beginning, code=True, links=True) if _MARKUP.search(beginning) else [beginning]
    words = " ".join(" ".join(texts).split())
    if len(words) <= limit and len(beginning) == len(text):
        return words
    cut = words[: limit - 1]
    at_word, _, rest = cut.rpartition(" ")
    return (at_word if at_word and len(rest) < 25 and len(words) >= limit else cut).rstrip() + "…"


_MENTION: Final = re.compile(r"(?<![\w@.+/-])@(\w[\w.\-\u200c]*\w|\w)")


def mentions(text: str) -> list[str]:
    """Names after @ in the order of the note, each once; not those in code, links and e-mail addresses."""
    if "@" not in text:
        return []
    found = (match[1] for block in _blocks(text, code=False, links=False) for match in _MENTION.finditer(block))
    return list(dict.fromkeys(found))
