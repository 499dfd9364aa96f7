"""The readable form of a filter: stage:meeting owner:me value>=5000 next_step:none "baltic".

Words and "phrases" are looked for; `key:value` names a field. What stands side by side must all be true; `or` stands between
alternatives, parentheses keep them together, a minus sign before a part turns it round. `city:berlin,paris` is either of the
two, `value:100..500` a range. Which keys and values there are is not known here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Group", "Node", "Not", "QueryError", "Term", "Value", "Words", "parse_query", "query_text"]

LONGEST: Final = 2000
MOST_PARTS: Final = 60
DEEPEST: Final = 8
OPERATORS: Final = (">=", "<=", "!=", ":", "=", ">", "<")

_SPACE: Final = re.compile(r"\s*")
_KEY: Final = re.compile(r"([^\W\d][\w.-]*)(>=|<=|!=|[:=<>])")
_BARE: Final = re.compile(r"[^\s(),\"]+")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WORD: Final = re.compile(r"[^\s()\"]+")
_JOINERS: Final = {"or": "any", "and": "all"}
_RANGE: Final = ".."


class QueryError(ValueError):
    """The text cannot be read at `start` (in characters from 0); `code` says why, `found` what stands there."""

    def __init__(self, code: str, start: int, end: int, found: str = "") -> None:
        super().__init__(f"{code} at {start}: {found}")
        self.code, self.start, self.end, self.found = code, start, end, found


@dataclass(frozen=True)
class Value:
    """One value of a term; `last` is the end of a range. A quoted one is never a word with a meaning, such as none or today."""

    text: str
    last: str | None = None
    is_quoted: bool = False
    start: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Words:
    """What is looked for in the texts of a record; a phrase as it stands."""

    text: str
    is_phrase: bool = False
    start: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Term:
    """A condition on one field: true when any of the values is. `start` is where its key stands."""

    key: str
    operator: str
    values: tuple[Value, ...]
    start: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    part: "Node"


@dataclass(frozen=True)
class Group:
    """`kind` is all or any."""

    kind: str
    parts: tuple["Node", ...]


Node = Words | Term | Not | Group


def parse_query(text: str) -> tuple[Node, ...]:
    """The parts that must all be true. Raises QueryError."""
    if len(text) > LONGEST:
        raise QueryError("too_long", LONGEST, len(text), str(LONGEST))
    reader = _Reader(text)
    found = reader.alternatives(0)
    if reader.at < len(text):
        raise QueryError("not_opened", reader.at, reader.at + 1, ")")
    if isinstance(found, Group) and found.kind == "all":
        return found.parts
    return () if found is None else (found,)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.parts = text, 0, 0
        self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def alternatives(self, depth: int) -> Node | None:
        """Parts with `or` between them, up to the end or a closing parenthesis."""
        if depth > DEEPEST:
            raise QueryError("too_deep", self.at, self.at + 1, str(DEEPEST))
        groups: list[list[Node]] = [[]]
        joined_at = -1
        while self.at < len(self.text) and self.text[self.at] != ")":
            start = self.at
            joiner = self._joiner()
            if joiner == "any":
                if not groups[-1]:
                    raise QueryError("empty_side", start, start + 2, "or")
                joined_at = start
                groups.append([])
            elif joiner is None:
                groups[-1].append(self._part(depth))
                self._skip()
        if len(groups) > 1 and not groups[-1]:
            raise QueryError("empty_side", joined_at, joined_at + 2, "or")
        sides = [_joined("all", one) for one in groups if one]
        return _joined("any", sides) if sides else None

    def _joiner(self) -> str | None:
        """An `or` or `and` that stands here, read."""
        match = _WORD.match(self.text, self.at)
        word = match[0].lower() if match else ""
        if match is None or word not in _JOINERS:
            return None
        self.at = match.end()
        self._skip()
        return _JOINERS[word]

    def _part(self, depth: int) -> Node:
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise QueryError("too_many", self.at, self.at + 1, str(MOST_PARTS))
        start, sign = self.at, self.text[self.at]
        if sign == "-" and self.at + 1 < len(self.text) and not self.text[self.at + 1].isspace():
            self.at += 1
            if self.text[self.at] == ")":
                raise QueryError("empty_side", start, self.at, "-")
            return Not(self._part(depth))
        if sign == "(":
            self.at += 1
            self._skip()
            found = self.alternatives(depth + 1)
            if self.at >= len(self.text):
                raise QueryError("not_closed", start, start + 1, "(")
            self.at += 1
            if found is None:
                raise QueryError("empty_group", start, self.at, "()")
            return found
        key = _KEY.match(self.text, self.at)
        if key is not None and not self.text.startswith("//", key.end()):
            self.at = key.end()
            return Term(key[1].lower(), key[2], tuple(self._values(start)), start)
        if sign == '"':
            return Words(self._quoted(), is_phrase=True, start=start)
        match = _WORD.match(self.text, self.at)
        assert match is not None
        self.at = match.end()
        return Words(match[0], is_phrase=not _is_plain_word(match[0]), start=start)

    def _values(self, term_start: int) -> Iterable[Value]:
        while True:
            yield self._value(term_start)
            if not self.text.startswith(",", self.at):
                return
            self.at += 1

    def _value(self, term_start: int) -> Value:
        start = self.at
        if self.text.startswith('"', start):
            return Value(self._quoted(), is_quoted=True, start=start)
        match = _BARE.match(self.text, start)
        if match is None:
            raise QueryError("no_value", term_start, self.at, self.text[term_start : self.at])
        self.at = match.end()
        first, dots, last = match[0].partition(_RANGE)
        return Value(first, last if dots else None, start=start)

    def _quoted(self) -> str:
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            raise QueryError("not_closed", self.at, self.at + 1, '"')
        self.at = match.end()
        return re.sub(r"\\(.)", r"\1", match[1])


def _joined(kind: str, parts: list[Node]) -> Node:
    """One part, or a group of several; a group inside one of its own kind is taken apart."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Group) and part.kind == kind else (part,)
    return Group(kind, tuple(flat))


# ---------------------------------------------------------------------------------------------- writing


def query_text(parts: Iterable[Node]) -> str:
    """The text that parse_query() reads as these parts."""
    return " ".join(_text_of(part, inside="all") for part in parts)


def _text_of(part: Node, inside: str) -> str:
    if isinstance(part, Words):
        return _quote(part.text) if part.is_phrase or not _is_plain_word(part.text) else part.text
    if isinstance(part, Term):
        return part.key + part.operator + ",".join(_value_text(value) for value in part.values)
    if isinstance(part, Not):
        return f"-{_text_of(part.part, inside='not')}"
    between = " or " if part.kind == "any" else " "
    text = between.join(_text_of(one, inside=part.kind) for one in part.parts)
    return f"({text})" if inside == "not" or part.kind == "any" else text


def _value_text(value: Value) -> str:
    if value.last is not None:
        return f"{value.text}{_RANGE}{value.last}"
    is_plain = not value.is_quoted and _BARE.fullmatch(value.text) and _RANGE not in value.text
    return value.text if is_plain else _quote(value.text)


def _is_plain_word(text: str) -> bool:
    if not _WORD.fullmatch(text) or text.lower() in _JOINERS or text.startswith("-"):
        return False
    key = _KEY.match(text)
    return key is None or text.startswith("//", key.end())


def _quote(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
