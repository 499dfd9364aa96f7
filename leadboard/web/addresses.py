"""Addresses made quickly: a page has a hundred of a few shapes, and werkzeug builds each from its rule anew."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

from flask import Flask, has_request_context, request
from werkzeug.routing import Rule

# None of these numbers stands within another one or in a rule of ours.
_FIRST_MARK = 810_000_000_000_000_001
_MOST_SHAPES = 2_000


class _Shape(NamedTuple):
    """An address with `{}` for each value, and the names of the values in the order in which they stand there."""

    text: str
    names: tuple[str, ...]


class LateRule(Rule):
    """A rule that compiles what makes its addresses when the first is asked for.

    Werkzeug writes and compiles two functions a rule at once, which was half of the time that an application takes to be made.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        made: Callable[..., tuple[str, str]] | None = None

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            nonlocal made
            if made is None:
                made = compile_now(append_unknown)
            return made(rule, **values)

        return build


class HouseFlask(Flask):
    """Flask that remembers the shape of an address whose values are all whole numbers."""

    url_rule_class = LateRule

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._shapes: dict[tuple[Any, ...], _Shape | None] = {}

    def url_for(self, endpoint: str, **values: Any) -> str:
        """As Flask's. Only plain addresses of the running request are remembered."""
        if (
            not has_request_context()
            or endpoint[0] == "."
            or not all(type(value) is int and value >= 0 for value in values.values())
        ):
            return super().url_for(endpoint, **values)
        key = (request.environ.get("SCRIPT_NAME"), endpoint, *values)
        try:
            shape = self._shapes[key]
        except KeyError:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[key] = self._shape_of(endpoint, tuple(values))
        if shape is None:
            return super().url_for(endpoint, **values)
        return shape.text.format(*[values[name] for name in shape.names])

    def _shape_of(self, endpoint: str, names: tuple[str, ...]) -> _Shape | None:
        """None when the address does not just contain each value once, has braces of its own, or depends on more."""
        if any(self.url_default_functions.values()):
            return None  # somebody adds values of the request
        marks = {name: str(_FIRST_MARK + place) for place, name in enumerate(names)}
        text = super().url_for(endpoint, **cast(Any, {name: int(mark) for name, mark in marks.items()}))
        if "{" in text or "}" in text or any(text.count(mark) != 1 for mark in marks.values()):
            return None
        order = tuple(sorted(names, key=lambda name: text.index(marks[name])))
        for mark in marks.values():
            text = text.replace(mark, "{}")
        return _Shape(text, order)
