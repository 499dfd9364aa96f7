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


def as_number(text: str) -> int:
    """A whole number of a form, a query or a header. Raises ValueError beyond what a database counts."""
    number = int(text)
    if not abs(number) < 10**18:
        raise ValueError(text)
    return number


def as_id(text: str) -> int:
    """The number of a record. Raises ValueError for what cannot be one."""
    number = as_number(text)
    if number < 0:
        raise ValueError(text)
    return number


def id_or_none(text: str) -> int | None:
    """as_id(), or None."""
    try:
        return as_id(text)
    except ValueError:
        return None
