"""pytest fixtures: an app on a fresh database of the engine under test, people, factories, a statement counter."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from leadboard import jobs
from leadboard.app import create_app
from leadboard.config import Settings
from leadboard.db import database
from leadboard.delivery import deliver_all
from leadboard.permissions import SYSTEM
from leadboard.pluginhost.registry import refresh
from leadboard.pluginhost.state import read_revision
from leadboard.queries.custom_fields import custom_fields
from leadboard.queries.tags import known_tags
from leadboard.queries.views import views_of
from leadboard.testing.factories import Make
from leadboard.testing.html import Node, read_html
from leadboard.testing.people import Person, sign_in_directly


class _KeptTemplates(BytecodeCache):
    """What templates compiled to, for the whole run: compiling anew for each test was a third of its time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


_kept_templates = _KeptTemplates()


@pytest.fixture
def app(settings: Settings) -> Flask:
    """The application on a fresh, migrated, set-up database. `settings` comes from the suite's conftest."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = _kept_templates
    Make().set_up()
    return app


@pytest.fixture
def make(app: Flask) -> Make:
    return Make()


@pytest.fixture
def person(app: Flask, make: Make) -> Callable[..., Person]:
    """person("Dora", role="viewer"): a user with a signed-in client."""

    def build(name: str, role: str = "member") -> Person:
        user = make.user(name, role=role)
        return Person(user, sign_in_directly(app, user))

    return build


@pytest.fixture
def anna(person: Callable[..., Person]) -> Person:
    """The owner: a member."""
    return person("Anna Kowalska")


@pytest.fixture
def ben(person: Callable[..., Person]) -> Person:
    """The teammate: a member."""
    return person("Ben Carter")


@pytest.fixture
def carla(app: Flask) -> Person:
    """The stranger: nobody is signed in."""
    return Person(user=None, client=app.test_client())  # type: ignore[arg-type]


@pytest.fixture
def mona(person: Callable[..., Person]) -> Person:
    """A manager."""
    return person("Mona Haddad", "manager")


@pytest.fixture
def ada(person: Callable[..., Person]) -> Person:
    """An admin."""
    return person("Ada Admin", "admin")


@pytest.fixture
def vera(person: Callable[..., Person]) -> Person:
    """A viewer."""
    return person("Vera Viewer", "viewer")


@dataclass
class Statements:
    texts: list[str] = field(default_factory=list)


@pytest.fixture
def queries() -> Callable[..., Any]:
    """with queries(at_most=7): … fails when more statements run; `as seen` gives their texts."""

    @contextmanager
    def count(at_most: int) -> Iterator[Statements]:
        seen = Statements()

        def note(event: Any, *_: Any) -> None:
            text = getattr(event, "sql", None) or str(event)
            if not text.upper().startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "SET TRANSACTION")):
                seen.texts.append(text)

        # As in any process but on the first request after an admin changed something.
        refresh(read_revision())
        known_tags()
        custom_fields()
        views_of(SYSTEM)
        database.obj.query_hooks.append(note)
        try:
            yield seen
        finally:
            database.obj.query_hooks.remove(note)
        assert len(seen.texts) <= at_most, f"{len(seen.texts)} statements:\n" + "\n".join(text[:300] for text in seen.texts)

    return count


@pytest.fixture
def html() -> Callable[[Any], Node]:
    return read_html


@pytest.fixture
def run_jobs() -> Callable[[], int]:
    """Run everything that is due and tell listeners of it, as the worker does; how many jobs ran."""

    def run() -> int:
        deliver_all()
        count = jobs.run_due()
        while deliver_all():
            count += jobs.run_due()
        return count

    return run
