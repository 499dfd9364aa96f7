"""Several addresses or numbers in one cell: as our exports write them, and as other programs do."""

import json
import re
from typing import NamedTuple

from leadboard.domain.points import LABEL_LIMIT, MOST_POINTS
from leadboard.errors import N_, Refused
from leadboard.lib.emails import email_key, find_emails
from leadboard.lib.text import clean_line, fold
from leadboard.models.contact_points import PointKind

TEXT_LIMIT = 254
_LABELLED = re.compile(r"(?P<text>.*\S) \((?P<label>[^()]*)\)")
# Other programs put several into one cell so; a comma is also between a number and its extension.
_BETWEEN = {PointKind.EMAIL: re.compile(r" ::: |[;,]"), PointKind.PHONE: re.compile(r" ::: |;|,\s*(?=[+(\d])")}
# What a column's name says beside what the number is for.
_SAYS_NOTHING = re.compile(
    r"\b(?:e-?mails?|mails?|address(?:es)?|phones?|telephones?|tel|numbers?|value|person|contact|company|further|other|more|telefon\w*|adres\w*)\b|[\W_\d]+"
)


class PointText(NamedTuple):
    kind: PointKind
    text: str
    label: str


def write_point(text: str, label: str, kind: PointKind) -> str:
    """One line of a cell: the text with what it is for in brackets; as JSON when it could not be read back from that."""
    line = f"{text} ({label})" if label else text
    is_clear = read_labelled(line) == (text, label) and not line.startswith("[") and not _BETWEEN[kind].search(line)
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


def read_points(text: str, kind: PointKind, column: str = "") -> list[PointText]:
    """The addresses or numbers of a cell. What the column's name says ("email_home") is their label where they have none.

    Raises Refused.
    """
    lines = text.splitlines()
    if len(lines) == 1 and not text.startswith("["):
        lines = _BETWEEN[kind].split(text)
    found = [_point(line, kind, column) for line in map(str.strip, lines) if line]
    if len(found) > MOST_POINTS:
        raise Refused(N_("At most %(most)d addresses and numbers fit."), most=MOST_POINTS)
    return found


def _point(line: str, kind: PointKind, column: str) -> PointText:
    text, label = read_labelled(line)
    try:
        text, label = clean_line(text, TEXT_LIMIT), clean_line(label, LABEL_LIMIT)
    except ValueError as error:
        raise Refused(N_("An address, a number or its label is too long.")) from error
    if kind is PointKind.EMAIL and email_key(text) is None:
        inside = find_emails(text)
        if not inside:
            raise Refused(
                N_("%(text)s is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."),
                text=text[:60],
            )
        text = inside[0]
    return PointText(kind, text, label or label_of(column))


def label_of(column: str) -> str:
    """ "email_home" and "Home Phone" are for home; "E-mail 2 - Value" says nothing."""
    return " ".join(_SAYS_NOTHING.sub(" ", fold(column).replace("_", " ")).split())[:LABEL_LIMIT]
