"""JSON from strangers: one meaning for every text, and nothing in it that a database or a reader trips over."""

import json
from collections import Counter
from typing import Any

MAX_DEPTH = 32
MAX_DIGITS = 18
_EXACT = 2**53


class JsonError(ValueError):
    """The text is no JSON that we take; the message says why."""


def read_json(data: bytes) -> Any:
    """The value of a JSON text. Raises JsonError.

    Refused beyond the standard: doubled names (readers differ about which one counts), NaN and Infinity, numbers of
    more than 18 digits, nesting deeper than 32, NUL characters and halves of surrogate pairs. 1.0 is the whole number 1.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"the text is not UTF-8: byte {error.start} is wrong") from error
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_whole, parse_float=_number,
        )  # fmt: skip
    except json.JSONDecodeError as error:
        raise JsonError(f"{error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise JsonError("it is nested too deeply") from error
    _check(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        double = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise JsonError(f"the name {_shown(double)} is there twice")
    return found


def _constant(text: str) -> Any:
    raise JsonError(f"{text} is not a number in JSON")


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise JsonError(f"the number {text[:20]} is too large")
    return int(text)


def _number(text: str) -> float | int:
    value = float(text)
    if abs(value) > 10**MAX_DIGITS:
        raise JsonError(f"the number {text[:20]} is too large")
    return int(value) if value.is_integer() and abs(value) < _EXACT else value


def _check(value: Any) -> None:
    """Depth and texts, without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict):
                for name in one:
                    _check_text(name)
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        if not below:
            return
        level = below
    raise JsonError("it is nested too deeply")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise JsonError(f"the text {_shown(text)} holds a NUL character")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise JsonError(f"the text {_shown(text)} holds half of a surrogate pair") from error


def _shown(text: str) -> str:
    """The beginning of a text, in ASCII: an answer must not fail for what it complains about."""
    return json.dumps(text[:40])
