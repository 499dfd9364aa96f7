"""Links to pages that may or may not be there."""

from flask import current_app, url_for


def url_if_known(endpoint: str) -> str | None:
    """The URL of an endpoint without arguments, or None when nothing registered it."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None
