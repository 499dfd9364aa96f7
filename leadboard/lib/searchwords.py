"""Words as the search index keeps them: folded, apart from each other by spaces, alike on every engine.

Chinese and Japanese are written without spaces: each of their characters is a word, and a name of several is a phrase.
"""

import unicodedata
from typing import Final

from leadboard.lib.folding import fold

__all__ = ["has_single_characters", "is_single_character", "phrase_of", "words_text"]

# A longer run of letters is no word of anybody's; indexes do not take one of any length.
LONGEST: Final = 100
_MEMO_LIMIT: Final = 20_000
_SINGLES: Final = (
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x323AF),
)


def is_single_character(character: str) -> bool:
    """Whether a character is a word by itself."""
    point = ord(character)
    return point > 0x3000 and any(first <= point <= last for first, last in _SINGLES)


class _Memo(dict[int, str]):
    """Characters of folded text by code point: letters, digits and marks stay, the rest parts words."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        if is_single_character(character):
            kept = f" {character} "
        else:
            kept = character if unicodedata.category(character)[0] in "LNM" else " "
        if len(self) < _MEMO_LIMIT:
            self[point] = kept
        return kept


_APART: Final = _Memo()


def phrase_of(folded: str) -> list[str]:
    """The words of a folded text, in its order."""
    return [word[:LONGEST] for word in folded.translate(_APART).split()]


def words_text(*texts: str) -> str:
    """The words of some texts as the index keeps them; "" when there is none. Words of two texts are no phrase."""
    return " | ".join(" ".join(words) for text in texts if (words := phrase_of(fold(text))))


def has_single_characters(text: str) -> bool:
    return not text.isascii() and any(map(is_single_character, text))
