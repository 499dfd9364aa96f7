"""The formats that files may come in: asked of the plugins that are on, each behind the plugin boundary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from leadboard import hookspecs
from leadboard.errors import N_, LeadboardError, Refused
from leadboard.file_formats import Importer, ReaderOption
from leadboard.lib.tables import FileProblem, Row, RowProblem, Table
from leadboard.pluginhost.calling import first, isolated
from leadboard.pluginhost.registry import Contribution, registry

T = TypeVar("T")
HEAD, BATCH = 4096, 500


def importers() -> list[Importer]:
    """The readers that are on, built-in ones last."""
    return registry().items("register_importers")


def find_importer(key: str) -> Importer | None:
    found: Importer | None = registry().by_key("register_importers").get(key)
    return found


def recognise(head: bytes, name: str) -> str:
    """The key of the importer that reads a file with this beginning and name. Raises Refused."""
    found = first(hookspecs.recognise_file, among=[importer.key for importer in importers()], head=head[:HEAD], name=name)
    if found is None:
        raise Refused(N_("No format is known that reads this file."), field="file")
    return found


def questions(key: str, path: Path, given: Mapping[str, str], languages: Sequence[str] = ()) -> list[ReaderOption]:
    """What there is to know before the file can be read. Raises Refused."""
    return _ask(key, lambda importer: list(importer.look(path, given, languages)))


def described(key: str, options: Mapping[str, str] | None) -> str:
    """How a file is read, in a few words; "" when nobody can say."""
    if options is None or find_importer(key) is None:
        return ""
    return _ask(key, lambda importer: str(importer.describe(options)))


def open_file(key: str, path: Path, options: Mapping[str, str]) -> Table:
    """The table behind its header. Raises Refused."""
    return _ask(key, lambda importer: importer.open(path, options))


def read_rows(key: str, table: Table, *, at_once: int = BATCH) -> Iterator[list[Row | RowProblem]]:
    """The rows, several at once: a call behind the boundary costs more than a row. Raises Refused for a problem of the file."""
    records = table.rows()
    while batch := _ask(key, lambda _: list(islice(records, at_once))):
        yield batch


def batches(key: str, table: Table, *, skip: int = 0) -> Iterator[list[Row | RowProblem]]:
    """The rows in batches, the first `skip` left out."""
    while skip:
        passed = next(read_rows(key, table, at_once=min(skip, BATCH)), [])
        if not passed:
            return
        skip -= len(passed)
    yield from read_rows(key, table)


def _contribution(key: str) -> Contribution:
    for contribution in registry().contributions.get("register_importers", ()):
        if contribution.item.key == key:
            return contribution
    raise Refused(
        N_("The format %(key)s is not available: its plugin is off. Ask an admin to turn it on, or upload the file again."),
        field="file", key=key,
    )  # fmt: skip


def _ask(key: str, work: Callable[[Importer], T]) -> T:
    contribution = _contribution(key)
    importer: Importer = contribution.item
    try:
        outcome = isolated(
            contribution.plugin, f"importer {key}", lambda: work(importer), through=(LeadboardError, FileProblem), is_long=True
        )
    except FileProblem as problem:
        raise Refused("%(text)s", field="file", text=problem.message) from problem
    if not outcome.is_ok:
        raise Refused(
            N_("The plugin that reads %(label)s files failed (%(ref)s). An admin sees why."),
            field="file", label=importer.label, ref=outcome.reference or "-",
        )  # fmt: skip
    assert outcome.value is not None
    return outcome.value
