"""Text as people type it: folding for search, cleaning for storage, initials, slugs.

Two forms of a text exist. What was typed is kept (cleaned by `clean_line` or `clean_text`) and shown. `fold` makes the
form that is searched and matched, `sort_key` the form that lists are sorted by.
"""

import re
import unicodedata
from typing import Final

from leadboard.lib.collation import sort_key
from leadboard.lib.folding import fold, to_ascii_digits

__all__ = [
    "TextError",
    "clean_line",
    "clean_text",
    "fold",
    "initials",
    "search_fragments",
    "slug",
    "sort_key",
    "to_ascii_digits",
]


class TextError(ValueError):
    """The text cannot be taken as it is; the message says what to do."""


# Everything that turns the reading direction of what follows. Between names on one line these can make a text read as
# another ("gnp.exe"); the plain marks U+200E, U+200F and U+061C cannot, and Persian and Arabic texts need them.
_OVERRIDES: Final = "\u202d\u202e"
_DIRECTIONS: Final = "\u202a\u202b\u202c\u2066\u2067\u2068\u2069" + _OVERRIDES
_INVISIBLE: Final = "\u00ad\u200b\u2060\ufeff"
_CONTROLS: Final = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
_LINE_TABLE: Final[dict[int, str | None]] = {
    **dict.fromkeys(map(ord, _CONTROLS + _DIRECTIONS + _INVISIBLE)),
    **dict.fromkeys(map(ord, "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"), " "),
}
_TEXT_TABLE: Final[dict[int, str | None]] = {
    **dict.fromkeys(map(ord, _CONTROLS + _OVERRIDES + "\ufeff")),
    **dict.fromkeys((0x0A, 0x85, 0x2028, 0x2029), "\n"),
    0x09: "\t",
}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _within(text: str, limit: int) -> str:
    if len(text) > limit:
        raise TextError(f"This is {len(text):,} characters long; at most {limit:,} fit. Shorten it.")
    return text


def clean_line(text: str, limit: int) -> str:
    """One line fit to be stored: NFC, single spaces, nothing invisible that could harm. Zero-width joiners stay.

    :raises TextError: when more than `limit` characters are left
    """
    if not text.isprintable():
        # Of what is printable the table holds nothing. A lone surrogate (JSON can bring one) cannot be stored as UTF-8.
        text = _SURROGATE.sub("\ufffd", text).translate(_LINE_TABLE)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _within(" ".join(text.split()), limit)


def clean_text(text: str, limit: int) -> str:
    r"""Several lines fit to be stored: NFC, "\n" line ends, no control characters, no space at line ends.

    Indents and blank lines stay, they mean something in Markdown; blank lines around the text go.

    :raises TextError: when more than `limit` characters are left
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATE.sub("\ufffd", text).translate(_TEXT_TABLE)
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", text).split("\n")]
    return _within("\n".join(lines).strip("\n").rstrip(), limit)


_JOINED_SCRIPTS: Final = ("ARABIC", "SYRIAC", "NKO")
_ONE_LETTER_SCRIPTS: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


def _first_letter(word: str) -> str:
    """The first letter or digit with the marks that belong to it, in capitals where there are any."""
    start = next((at for at, char in enumerate(word) if char.isalnum()), None)
    if start is None:
        return ""
    end = start + 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    letter = word[start:end]
    capital = letter.upper()
    return capital if len(capital) == len(letter) else letter


def initials(name: str) -> str:
    """One or two letters for an avatar; "?" when the name has no letter.

    First and last word; one character for Chinese, Japanese and Korean names, whose first character is the family name.
    Letters of joining scripts are kept apart by a zero-width non-joiner.
    """
    letters = [letter for word in unicodedata.normalize("NFC", name).split() if (letter := _first_letter(word))]
    if not letters:
        return "?"
    script = unicodedata.name(letters[0][0], "")
    if len(letters) == 1 or script.startswith(_ONE_LETTER_SCRIPTS):
        return letters[0]
    joint = "\u200c" if script.startswith(_JOINED_SCRIPTS) else ""
    return letters[0] + joint + letters[-1]


_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


def slug(text: str, *, fallback: str = "item", limit: int = 60) -> str:
    """Lower-case ASCII words joined by "-", for file names, keys and fragments of a URL.

    A text without one Latin letter or digit gives `fallback`: a made-up romanisation would be read by nobody.
    """
    words = _NOT_SLUG.sub("-", fold(text).replace("'", "")).strip("-")
    return words[:limit].strip("-") or fallback


_FRAGMENT: Final = re.compile(r'"([^"]*)"?|([^\s"]+)')


def search_fragments(text: str, limit: int = 8) -> tuple[str, ...]:
    """What a search line asks for: folded words and "quoted phrases", each once, at most `limit`.

    A fragment that is part of another one is left out: it asks for nothing more.
    """
    found = dict.fromkeys(fold(phrase or word) for phrase, word in _FRAGMENT.findall(fold(text)))
    found.pop("", None)
    kept = [one for one in found if not any(one != other and one in other for other in found)]
    return tuple(kept[:limit])
