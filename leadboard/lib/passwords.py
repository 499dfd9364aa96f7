"""How easily a password is guessed. Length is the rule; this finds the long ones that are short in disguise."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from leadboard.lib.text import fold

__all__ = ["MAX_LENGTH", "MIN_LENGTH", "is_guessable"]

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 128
# What has to be left when everything below was taken out.
_OWN_CHARACTERS: Final = 6
_DIFFERENT_CHARACTERS: Final = 5

_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "qweasdzxc",
    "йцукенгшщзхъ",
    "фывапролджэ",
)
_ALL_RUNS: Final = (*_RUNS, *(run[::-1] for run in _RUNS))
_SHORTEST_RUN: Final = 3
_LEET: Final = str.maketrans("013457@$!", "oieastasi")
_REPEATED: Final = re.compile(r"(.+?)\1+")
_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")


def is_guessable(password: str, personal: Iterable[str] = ()) -> bool:
    """Whether little is left of it without common words, keyboard runs, repetitions, numbers and `personal` texts.

    `personal` are names and addresses that anybody who knows the account would try: all their words count.
    """
    text = fold(password)
    if len(set(text)) < _DIFFERENT_CHARACTERS or not {text, _EDGES.sub("", text)}.isdisjoint(_lines("common_passwords.txt")):
        return True
    own = {word for given in personal for word in re.findall(r"[^\W_]{3,}", fold(given))}
    words = sorted({*own, *_lines("password_words.txt")}, key=len, reverse=True)
    return any(_own_characters(variant, words) < _OWN_CHARACTERS for variant in (text, text.translate(_LEET)))


@lru_cache(maxsize=2)
def _lines(name: str) -> frozenset[str]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _own_characters(text: str, words: list[str]) -> int:
    """How many characters are nobody else's."""
    for word in words:
        text = text.replace(word, " ")
    text = _without_runs(text)
    text = _REPEATED.sub(r"\1", text)
    digits = sum(character.isdigit() for character in text)
    # A digit is worth half a letter: numbers people choose are years, days and counts.
    return sum(character.isalnum() for character in text) - (digits + 1) // 2


def _without_runs(text: str) -> str:
    """The text without pieces of the alphabet, of rows and of columns of a keyboard."""
    out, position = [], 0
    while position < len(text):
        length = _run_length(text, position)
        if length < _SHORTEST_RUN:
            out.append(text[position])
            length = 1
        position += length
    return "".join(out)


def _run_length(text: str, start: int) -> int:
    length = 1
    while start + length < len(text) and any(text[start : start + length + 1] in run for run in _ALL_RUNS):
        length += 1
    return length
