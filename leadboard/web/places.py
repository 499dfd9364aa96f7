"""Addresses: links to pages that may or may not be there, ids that a database can hold."""

from typing import Any

from flask import current_app, url_for
from werkzeug.routing import IntegerConverter


def url_if_known(endpoint: str, **values: Any) -> str | None:
    """The URL of an endpoint, or None when nothing registered it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


class IdConverter(IntegerConverter):
    """The `int` of a route, as far as a database counts: a longer number is no address of ours."""

    regex = r"\d{1,18}"


def as_id(text: str) -> int:
    """A number of a form or a query. Raises ValueError beyond what a database counts."""
    number = int(text)
    if not 0 <= number < 10**18:
        raise ValueError(text)
    return number
