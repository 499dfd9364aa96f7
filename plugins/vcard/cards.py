"""The cards of a file, one by one; a malformed one is a problem with its line, and the next is read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from leadboard.api import RowProblem

from .lines import SKIPPED, BadLine, Line, Physical, logical_lines, name_of, parse

MOST_LINES = 5_000  # of one card
VERSIONS = ("2.1", "3.0", "4.0")


@dataclass
class Card:
    """One card: its properties in their order, and the line it begins in."""

    number: int
    lines: list[Line] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        """The properties of a name that hold something, preferred ones first."""
        return sorted((line for line in self.lines if line.name == name and line.text.strip(" ;")), key=lambda line: line.rank)

    def first(self, name: str) -> str:
        found = self.all(name)
        return found[0].text if found else ""


def read_cards(source: Iterable[bytes], charset: str) -> Iterator[Card | RowProblem]:
    """Every card of a file, whole or told why not."""
    gathered: list[Physical] | None = None
    depth = 0  # cards inside a card (AGENT), which are left out
    last_stray = -2
    try:
        for physical in logical_lines(source):
            text = physical.text.strip()
            mark = text.upper().replace(b" ", b"")
            if gathered is None:
                if mark == b"BEGIN:VCARD":
                    gathered = [physical]
                elif text and not text.startswith(b"\xef\xbb\xbf") and physical.number != last_stray + 1:
                    yield RowProblem(
                        physical.number, "This belongs to no card: it stands before BEGIN:VCARD or behind END:VCARD."
                    )
                    last_stray = physical.number
                elif text:
                    last_stray = physical.number
            elif mark == b"BEGIN:VCARD" and not depth and name_of(gathered[-1].text) != "AGENT":
                yield RowProblem(gathered[0].number, f"This card never ends: the next one begins in line {physical.number:,}.")
                gathered = [physical]
            elif mark == b"BEGIN:VCARD":
                depth += 1
            elif mark == b"END:VCARD" and depth:
                depth -= 1
            elif mark == b"END:VCARD":
                yield _card(gathered, charset)
                gathered = None
            elif not depth and len(gathered) <= MOST_LINES:
                gathered.append(physical)
    except BadLine as problem:
        yield RowProblem(gathered[0].number if gathered else 1, str(problem))
        return
    if gathered is not None:
        yield RowProblem(gathered[0].number, "This card never ends: the file breaks off. Export it again.")


def _card(gathered: list[Physical], charset: str) -> Card | RowProblem:
    start = gathered[0].number
    if len(gathered) > MOST_LINES:
        return RowProblem(start, f"This card has more than {MOST_LINES:,} lines.")
    version = next((_value(one) for one in gathered if name_of(one.text) == "VERSION"), "3.0")
    if version not in VERSIONS:
        return RowProblem(start, f"This card is of version {version[:10]}; {', '.join(VERSIONS)} are read.")
    card = Card(start)
    is_after_skipped = False
    for physical in gathered[1:]:
        name = name_of(physical.text)
        if name in SKIPPED or (not name and is_after_skipped) or not physical.text.strip():
            # Base64 of 2.1 is not always indented.
            is_after_skipped = is_after_skipped or name in SKIPPED
            continue
        is_after_skipped = False
        try:
            card.lines.append(parse(physical, version, charset))
        except BadLine as problem:
            return RowProblem(start, f"Line {physical.number:,} of this card: {problem}")
    return card


def _value(physical: Physical) -> str:
    return physical.text.partition(b":")[2].decode("ascii", "replace").strip()
