"""Several addresses or numbers in one cell: as our exports write them, and as other programs do."""

import json
import re
from collections.abc import Iterable
from typing import Final

from leadboard.lib.folding import fold

__all__ = ["label_of", "read_labelled", "read_points", "write_labelled", "write_points"]

_LABELLED: Final = re.compile(r"(?P<text>.*\S) \((?P<label>[^()]*)\)")
# Other programs put several into one cell so; a comma is also between a number and its extension.
_BETWEEN: Final = {"email": re.compile(r" ::: |[;,]"), "phone": re.compile(r" ::: |;|,\s*(?=[+(\d])")}
# What a column's name says beside what the number is for.
_SAYS_NOTHING: Final = re.compile(
    r"\b(?:e-?mails?|mails?|address(?:es)?|phones?|telephones?|tel|numbers?|value|person|contact|company|further|other|more|telefon\w*|adres\w*)\b|[\W_\d]+"
)


def write_labelled(text: str, label: str) -> str:
    """The text with its label in brackets; as JSON when it could not be read back from that."""
    line = f"{text} ({label})" if label else text
    is_clear = read_labelled(line) == (text, label) and not line.startswith("[")
    return line if is_clear else json.dumps([text, label], ensure_ascii=False)


def read_labelled(line: str) -> tuple[str, str]:
    """(text, what stands in brackets behind it) of a line of a cell."""
    if line.startswith("["):
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if isinstance(found, list) and len(found) == 2 and all(isinstance(one, str) for one in found):
            return found[0], found[1]
    labelled = _LABELLED.fullmatch(line)
    return (labelled["text"], labelled["label"]) if labelled else (line, "")


def write_points(points: Iterable[tuple[str, str]], kind: str) -> str:
    """A cell of (text, label), one a line. `kind` is email or phone."""
    lines = []
    for text, label in points:
        line = write_labelled(text, label)
        lines.append(json.dumps([text, label], ensure_ascii=False) if _BETWEEN[kind].search(line) and line[0] != "[" else line)
    return "\n".join(lines)


def read_points(cell: str, kind: str) -> list[tuple[str, str]]:
    """(text, label) of each address or number of a cell."""
    lines = cell.splitlines()
    if len(lines) == 1 and not cell.startswith("["):
        lines = _BETWEEN[kind].split(cell)
    return [read_labelled(line) for line in map(str.strip, lines) if line]


def label_of(column: str) -> str:
    """ "email_home" and "Home Phone" are for home; "E-mail 2 - Value" says nothing."""
    return " ".join(_SAYS_NOTHING.sub(" ", fold(column).replace("_", " ")).split())
