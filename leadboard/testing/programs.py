"""Programs to test with: api(anna, "leads:read").get("/leads")."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from leadboard.domain.tokens import add_token
from leadboard.permissions import SYSTEM, Scope
from leadboard.testing.people import Person
from leadboard.web import API_PREFIX


@dataclass
class Program:
    """A program with a token of somebody. `json` is the body; a path of the API may be given without /api/v1."""

    client: FlaskClient
    token: str
    token_id: int

    def open(self, method: str, path: str, json: Any = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        url = path if path.startswith(("/api/", "/in/", "/p/")) else f"{API_PREFIX}{path}"
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
def api(app: Flask) -> Callable[..., Program]:
    """api(person, scope, …): a program with a new token; without scopes it has all."""

    def build(person: Person, *scopes: str, days: int | None = None) -> Program:
        made = add_token(person.id, name="Program", scopes=scopes or [str(scope) for scope in Scope], days=days, actor=SYSTEM)
        return Program(app.test_client(), made.text, made.id)

    return build
