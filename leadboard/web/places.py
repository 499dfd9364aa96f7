"""Links to pages that may or may not be there."""

from typing import Any

from flask import current_app, url_for


def url_if_known(endpoint: str, **values: Any) -> str | None:
    """The URL of an endpoint, or None when nothing registered it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
