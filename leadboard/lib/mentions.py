"""Marks @names in the HTML of a note."""

import re
from typing import Final

__all__ = ["mark_mentions"]

# Tags of sanitised HTML: attribute values stand in double quotes and may hold ">".
_TAG: Final = re.compile(r'(<(?:[^>"]|"[^"]*")*>)')
_NAME: Final = re.compile(r"(?<![\w@.+/-])@(\w(?:[\w.\-\u200c]*\w)?)")
_OPAQUE: Final = re.compile(r"<(/?)(?:a|code|pre)[\s>]")


def mark_mentions(html: str) -> str:
    """The same HTML with each @name in a span of class "mention"; links and code stay as they are.

    `html` must come from markdown.render(): what is matched is word characters only, so nothing needs escaping again.
    """
    if "@" not in html:
        return html
    parts = _TAG.split(html)
    depth = 0
    for at, part in enumerate(parts):
        if at % 2:
            if match := _OPAQUE.match(part):
                depth += -1 if match[1] else 1
        elif not depth and "@" in part:
            parts[at] = _NAME.sub(r'<span class="mention">@\1</span>', part)
    return "".join(parts)
