"""The pages that lists link to, where another part of the program brings them."""

import pytest


@pytest.fixture(autouse=True)
def pages_of_others(app):
    for name in ("contacts", "organisations"):
        if f"{name}.new" not in app.view_functions:
            app.add_url_rule(f"/{name}/new", f"{name}.new", lambda: "")
