"""Programs to test with: api(anna, "leads:read").get("/leads")."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from leadboard.domain.tokens import add_token
from leadboard.permissions import SYSTEM, Scope


@dataclass
class Program:
    """A program with a token of somebody: paths are below /api/v1, `json` is the body."""

    client: FlaskClient
    token: str
    token_id: int

    def open(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        url = path if path.startswith(("/api/", "/in/", "/p/")) else f"/api/v1{path}"
        body = {} if json is None else {"json": json}
        return self.client.open(url, method=method, headers=headers, **body, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.open("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.open("POST", path, json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> Any:
        return self.open("PATCH", path, json, **options)

    def delete(self, path: str, **options: Any) -> Any:
        return self.open("DELETE", path, **options)


@pytest.fixture
def api(app):
    """api(person, scope, …): a program with a new token; without scopes it has all."""

    def build(person, *scopes, days=None):
        wanted = scopes or [str(scope) for scope in Scope]
        made = add_token(person.id, name="Program", scopes=wanted, days=days, actor=SYSTEM)
        return Program(app.test_client(), made.text, made.id)

    return build


def fields_of(answer):
    """{field: message} of an error, checked to have the one shape."""
    error = answer.json["error"]
    assert set(error) == {"code", "message", "fields", "request_id"}
    assert error["request_id"] == answer.headers["X-Request-Id"]
    assert answer.mimetype == "application/json"
    return {name: found["message"] for name, found in error["fields"].items()}
