"""Several addresses or numbers in one cell, checked."""

from typing import NamedTuple

from leadboard.domain.points import LABEL_LIMIT, MOST_POINTS
from leadboard.errors import N_, Refused
from leadboard.lib import point_cells
from leadboard.lib.emails import email_key, find_emails
from leadboard.lib.text import clean_line
from leadboard.models.contact_points import PointKind

TEXT_LIMIT = 254


class PointText(NamedTuple):
    kind: PointKind
    text: str
    label: str


def read_points(cell: str, kind: PointKind, column: str = "") -> tuple[list[PointText], Refused | None]:
    """The addresses or numbers of a cell, and why one of them is none.

    What the column's name says ("email_home") is their label where they have none. Raises Refused for too many.
    """
    found: list[PointText] = []
    wrong: Refused | None = None
    for text, label in point_cells.read_points(cell, kind):
        try:
            found.append(_point(text, label, kind, column))
        except Refused as refusal:
            wrong = refusal
    if len(found) > MOST_POINTS:
        raise Refused(N_("At most %(most)d addresses and numbers fit."), most=MOST_POINTS)
    return found, wrong


def _point(text: str, label: str, kind: PointKind, column: str) -> PointText:
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
    return PointText(kind, text, label or point_cells.label_of(column)[:LABEL_LIMIT])
