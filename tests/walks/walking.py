"""Going through the pages as a person and as a search engine would, and telling what changed meanwhile."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from werkzeug.exceptions import HTTPException

from leadboard.db import database, rows
from leadboard.models import ALL_MODELS
from leadboard.models.plugins import PluginTiming
from leadboard.testing.html import Node, read_html
from leadboard.testing.people import Person
from tests.walks.world import World

MOST_PAGES = 1000
PATHS_PER_ROUTE = 12
# Words of the world's texts: what the pages find and show of them.
SEARCHES = tuple(
    f"/search?q={word}{kind}" for word in ("Дело", "pwned", "990") for kind in ("", "&type=lead", "&type=note", "&type=task")
)
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": "http://localhost/"}
# Columns that reading may write: the session's own clock.
CLOCKS = {"session": {"last_seen_at"}}
# How long plugins took is written now and then by whatever request comes along.
MEASURED = {PluginTiming}


@dataclass(frozen=True)
class Visit:
    """One answer; `part` is true when htmx asked for a part of a page."""

    url: str
    part: bool
    response: Any

    @property
    def is_html(self) -> bool:
        return bool(self.response.mimetype == "text/html")

    @property
    def text(self) -> str:
        return str(self.response.get_data(as_text=True))

    @property
    def tree(self) -> Node:
        return read_html(self.response)

    def __str__(self) -> str:
        return f"{'part' if self.part else 'page'} {self.url}"


class Map:
    """Which addresses are worth a visit: up to a dozen of each route, and each new value of a parameter once."""

    def __init__(self, world: World) -> None:
        self.adapter = world.app.url_map.bind("localhost")
        self.paths: dict[str, set[str]] = {}
        self.parameters: set[tuple[str, str, str]] = set()

    def is_new(self, url: str) -> bool:
        parts = urlsplit(url)
        endpoint = self.endpoint(parts.path)
        paths = self.paths.setdefault(endpoint, set())
        query = parse_qsl(parts.query, keep_blank_values=True)
        named = {(endpoint, name, value if len(value) < 12 and not value.isdigit() else "") for name, value in query}
        new = bool(named - self.parameters) or (parts.path not in paths and len(paths) < PATHS_PER_ROUTE)
        paths.add(parts.path)
        self.parameters |= named
        return new

    def endpoint(self, path: str) -> str:
        try:
            return str(self.adapter.match(path, "GET")[0])
        except HTTPException:
            return path


def visit(person: Person, url: str, *, part: bool = False) -> Visit:
    response = person.get(url, headers=HTMX if part else {})
    response.get_data()  # a stream makes its statements, and its mistakes, while it is read
    response.close()
    return Visit(url, part, response)


def visits(world: World, person: Person) -> Iterator[Visit]:
    """Every address of every GET route, and every address that the answers link to, as page and as part."""
    known = Map(world)
    waiting = deque(url for method, rule in world.routes() if method == "GET" for url in world.addresses(rule))
    waiting.extend(SEARCHES)
    for url in waiting:
        known.is_new(url)
    count = 0
    while waiting:
        url = waiting.popleft()
        count += 1
        assert count < MOST_PAGES, f"the pages link to more and more addresses, e.g. {url}"
        page = visit(person, url)
        yield page
        yield visit(person, url, part=True)
        if page.is_html:
            waiting.extend(target for target in links(page) if known.is_new(target))


def links(page: Visit) -> Iterator[str]:
    for node in page.tree.walk():
        for name in ("href", "hx-get"):
            target = node.attrs.get(name, "")
            if target and not target.startswith("#"):
                parts = urlsplit(urljoin(page.url, target))
                if not parts.netloc and parts.scheme == "" and not parts.path.startswith("/static/"):
                    yield parts._replace(fragment="").geturl()


def dump() -> dict[str, list[Any]]:
    """Every row of every table, in order, but for clocks."""
    found = {}
    for model in set(ALL_MODELS) - MEASURED:
        meta = model._meta
        columns = [f'"{field.column_name}"' for field in meta.sorted_fields if field.name not in CLOCKS.get(meta.table_name, ())]
        found[meta.table_name] = sorted(rows(f'select {", ".join(columns)} from "{meta.table_name}"'), key=repr)
    for name in ("lead_text", "contact_text", "organisation_text"):
        found[name] = sorted(rows(f"select rowid, words from {name}"))
    return found


def difference(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> str:
    """What changed, in words; empty when nothing did."""
    changed = [table for table in before if before[table] != after[table]]
    return "; ".join(
        f"{table}: -{[row for row in before[table] if row not in after[table]][:3]} +{[row for row in after[table] if row not in before[table]][:3]}"
        for table in changed
    )


class Statements:
    """Every statement that runs while it is open, once each, with the values of its first run and the page that made it."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.pages: dict[str, str] = {}

    def __enter__(self) -> "Statements":
        database.obj.query_hooks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        database.obj.query_hooks.remove(self._note)

    def _note(self, event: Any) -> None:
        self.seen.setdefault(event.sql, event.params)

    def note_page(self, page: str) -> None:
        """What ran since the last call was for this page."""
        for sql in self.seen:
            self.pages.setdefault(sql, page)
