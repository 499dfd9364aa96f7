"""Ids in addresses and forms: as large as a database can hold them."""

from werkzeug.routing import IntegerConverter


class IdConverter(IntegerConverter):
    """The `int` of a route, as far as a database counts: a longer number is no address of ours."""

    regex = r"\d{1,18}"
