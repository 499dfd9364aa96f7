"""Ids in addresses and forms: as large as a database can hold them."""

from werkzeug.routing import IntegerConverter


class IdConverter(IntegerConverter):
    """The `int` of a route, as far as a database counts: a longer number is no address of ours."""

    regex = r"\d{1,18}"


def as_id(text: str) -> int:
    """A number of a form or a query. Raises ValueError for signs, other digits, and beyond what a database counts."""
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValueError(text[:40])
    return int(text)
