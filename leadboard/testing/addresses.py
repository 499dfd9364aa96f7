"""The addresses of an application with real values in them, and what their answers say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from flask import Flask
from werkzeug.routing import AnyConverter, FloatConverter, IntegerConverter, Rule, UUIDConverter

from leadboard.blueprints import plugin_of
from leadboard.rest import takes_tokens
from leadboard.testing.people import Person

TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Address:
    """A route with its method, and who may open it: somebody with the permission `needs`, everybody, or programs."""

    method: str
    url: str
    arguments: frozenset[str]
    needs: str
    is_public: bool
    takes_tokens: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


def addresses(app: Flask, *, plugin: str | None, values: Mapping[str, Any]) -> list[Address]:
    """Every route of a plugin, or with None of the core, once for each of its methods."""
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint == "static" or plugin_of(app.blueprints.get(rule.endpoint.partition(".")[0])) != plugin:
            continue
        view = app.view_functions[rule.endpoint]
        needs, is_public = str(getattr(view, "needs", "") or ""), bool(getattr(view, "is_public", False))
        by_token = takes_tokens(view)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append(Address(method, _url(app, rule, method, values), frozenset(rule.arguments), needs, is_public, by_token))
    return found


def pages(app: Flask, values: Mapping[str, Any]) -> Iterator[str]:
    """Every address of the core that answers GET."""
    yield from (address.url for address in addresses(app, plugin=None, values=values) if address.method == "GET")


def _url(app: Flask, rule: Rule, method: str, values: Mapping[str, Any]) -> str:
    filled = {name: values.get(name, _some_value(rule._converters[name])) for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, filled, method))


def _some_value(converter: Any) -> Any:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    if isinstance(converter, IntegerConverter | FloatConverter):
        return 1
    return "00000000-0000-4000-8000-000000000000" if isinstance(converter, UUIDConverter) else "x"


def visit(person: Person, address: Address, *, token: str = "") -> Any:
    """Open it, with a CSRF token where one is asked for; with `token`, which is the person's, what is for programs as one of them."""
    if token and address.takes_tokens:
        return person.client.open(address.url, method=address.method, headers={"Authorization": f"Bearer {token}"})
    headers = {} if address.method == "GET" else {"X-CSRFToken": person.csrf()}
    return person.client.open(address.url, method=address.method, headers=headers)


def plain(answer: Any) -> list[str]:
    """The status, and of a page the texts that a person reads."""
    text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
    return [f"{answer.status_code} {answer.mimetype}", *(piece.strip() for piece in TAG.split(text) if piece.strip())]


def changes(url: str, before: list[str], after: list[str]) -> list[str]:
    """What differs between two answers, text by text."""
    lines = unified_diff(before, after, lineterm="", n=0)
    return [f"{url}: {line}" for line in lines if not line.startswith(("---", "+++", "@@"))]
