"""Signed-in people to test with: an owner, a teammate, a stranger."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from leadboard.lib.tokens import token_hash
from leadboard.models import Session, User
from leadboard.permissions import Actor
from leadboard.testing.factories import actor_for


@dataclass
class Person:
    """A user with a browser: anna.get("/leads/1"), anna.post(...) with a CSRF token, anna.htmx(...) as htmx sends it."""

    user: User
    client: FlaskClient

    @property
    def id(self) -> int:
        return int(self.user.id)

    @property
    def actor(self) -> Actor:
        return actor_for(self.user)

    def get(self, url: str, **kwargs: Any) -> Any:
        return self.client.get(url, **kwargs)

    def post(self, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        headers = {"X-CSRFToken": self.csrf(), **kwargs.pop("headers", {})}
        return self.client.post(url, data=data or {}, headers=headers, **kwargs)

    def htmx(self, url: str, data: dict[str, Any] | None = None, *, method: str = "POST", **kwargs: Any) -> Any:
        headers = {
            "HX-Request": "true",
            "HX-Request-Type": "partial",
            "HX-Current-URL": "http://localhost/",
            **kwargs.pop("headers", {}),
        }
        if method == "GET":
            return self.client.get(url, query_string=data, headers=headers, **kwargs)
        return self.client.open(url, method=method, data=data or {}, headers={"X-CSRFToken": self.csrf(), **headers}, **kwargs)

    def csrf(self) -> str:
        """A token for this client's session, made as Flask-WTF makes it."""
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        signer = URLSafeTimedSerializer(str(self.client.application.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(raw))


def sign_in_directly(app: Flask, user: User) -> FlaskClient:
    """A client with a session of this user, without going through the form."""
    token = secrets.token_urlsafe(32)
    Session.create(token_hash=token_hash(token), user=user)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = token
    return client
