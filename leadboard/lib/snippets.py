"""Where the words that were searched for stand in a text: the text in pieces, those that were found marked.

What is searched is folded ("lodz" finds Łódź), what is shown is the text as it was written: the places are led back.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from leadboard.lib.folding import fold, fold_with_places
from leadboard.lib.phones import phone_fragment
from leadboard.lib.searchwords import is_single_character

__all__ = ["Pieces", "marked", "marked_number", "snippet"]

Pieces = list[tuple[str, bool]]
"""A text in its order: (part, whether it was searched for). Together the parts are the whole text."""

# A text is looked through in parts of this length, so that a long one costs no more than it must.
_PART: Final = 600
_BEFORE: Final = 50
_ELLIPSIS: Final = "…"


def marked(text: str, fragments: Iterable[str], *, words: bool = False) -> Pieces:
    """The text with every place of the folded fragments marked; with `words` only where a word begins so.

    A fragment that begins no word of the text is marked wherever it is.
    """
    if not text:
        return []
    folded, places = fold_with_places(text)
    spans: list[tuple[int, int]] = []
    for fragment in fragments:
        found = list(_all_at(folded, fragment))
        at_words = [at for at in found if _begins_word(folded, at)] if words else []
        spans += [(places[at][0], places[at + len(fragment) - 1][1]) for at in at_words or found]
    return _pieces(text, _joined(spans))


def marked_number(text: str, asked: str) -> Pieces:
    """A telephone number with the digits marked that were asked for, whatever signs stand between them."""
    wanted = (phone_fragment(asked) or "")[::-1]
    digits = [(at, char) for at, char in enumerate(text) if char.isdecimal()]
    start = fold("".join(char for _, char in digits)).find(wanted) if wanted else -1
    if start < 0:
        return [(text, False)] if text else []
    return _pieces(text, [(digits[start][0], digits[start + len(wanted) - 1][0] + 1)])


def snippet(text: str, fragments: Sequence[str], *, most: int = 160) -> Pieces:
    """About `most` characters of a long text around the first word that begins with a fragment, in one line, marked.

    Without any such word the beginning of the text.
    """
    plain = " ".join(text.split())
    start = _first_place(plain, fragments)
    begin = _word_start(plain, start - _BEFORE) if start > _BEFORE + 10 else 0
    end = _word_end(plain, begin + most)
    pieces = marked(plain[begin:end], fragments, words=True)
    before = [(_ELLIPSIS, False)] if begin else []
    after = [(_ELLIPSIS, False)] if end < len(plain) else []
    return [*before, *pieces, *after]


# ---------------------------------------------------------------------------------------------- places


def _all_at(folded: str, fragment: str) -> Iterator[int]:
    at = folded.find(fragment) if fragment else -1
    while at >= 0:
        yield at
        at = folded.find(fragment, at + len(fragment))


def _begins_word(folded: str, at: int) -> bool:
    if at == 0 or is_single_character(folded[at]) or is_single_character(folded[at - 1]):
        return True
    return unicodedata.category(folded[at - 1])[0] not in "LNM"


def _first_place(plain: str, fragments: Sequence[str]) -> int:
    """Where in the text the first word with a fragment stands, else the first fragment; 0 when there is none."""
    anywhere = -1
    for start, part in _parts(plain):
        if not any(fragment in fold(part) for fragment in fragments):
            continue
        folded, places = fold_with_places(part)
        found = sorted({at for fragment in fragments for at in _all_at(folded, fragment)})
        at_words = [at for at in found if _begins_word(folded, at)]
        if at_words:
            return start + places[at_words[0]][0]
        if found and anywhere < 0:
            anywhere = start + places[found[0]][0]
    return max(anywhere, 0)


def _parts(plain: str) -> Iterator[tuple[int, str]]:
    """Pieces that end between words and overlap, for phrases on the border."""
    start = 0
    while start < len(plain):
        yield start, plain[start : start + _PART + 100]
        start = _word_start(plain, start + _PART) if start + _PART < len(plain) else len(plain)


def _word_start(plain: str, near: int) -> int:
    """The beginning of the word that stands there; in a run without spaces the place itself."""
    found = plain.rfind(" ", max(0, near - 30), near + 1)
    return found + 1 if found >= 0 else _not_within(plain, max(0, near))


def _word_end(plain: str, near: int) -> int:
    if near >= len(plain):
        return len(plain)
    found = plain.rfind(" ", near - 30, near + 1)
    return found if found > 0 else _not_within(plain, near)


def _not_within(plain: str, at: int) -> int:
    """The place, or the next one that does not part a letter from its marks."""
    while at < len(plain) and unicodedata.category(plain[at])[0] in "MC":
        at += 1
    return at


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans in their order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> Pieces:
    pieces: Pieces = []
    last = 0
    for start, end in spans:
        if start > last:
            pieces.append((text[last:start], False))
        pieces.append((text[start:end], True))
        last = end
    if last < len(text):
        pieces.append((text[last:], False))
    return pieces
