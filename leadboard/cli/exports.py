"""`leadboard export`."""

import json
import re
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import click

from leadboard.cli.imports import RECORDS
from leadboard.cli.instance import open_instance, upgrade
from leadboard.domain.exports import FIRST_FORMAT, export_records, exporters
from leadboard.errors import N_, Refused
from leadboard.lib.dates import today_in
from leadboard.permissions import SYSTEM
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.party_filter import FILTERS, PartyFilter
from leadboard.queries.record_filter import known_owners
from leadboard.queries.settings import instance
from leadboard.queries.views import with_view

# Arguments of an address: owner=me&f.tier.from=3. A comparison such as value>=5000 is none.
_ADDRESS = re.compile(r"[a-z][\w.]*=[^=<>]*(&[a-z][\w.]*=[^=<>]*)*")


@click.command()
@click.option(
    "--of", "plural", type=click.Choice(list(RECORDS)), default="leads", show_default=True, help="What the rows of the file are."
)
@click.option(
    "--query",
    "query",
    metavar="Q",
    default="",
    help="A filter as above the list, such as 'owner:none value>=5000', or as in its address: \"stage=3&owner=none\".",
)
@click.option("--view", "view", metavar="ID", default="", help="A saved view, by the number in its address.")
@click.option(
    "--format", "kind", metavar="FORMAT", default=FIRST_FORMAT, show_default=True, help="csv, tsv, or one that a plugin brings."
)
@click.option("--exact", is_flag=True, help="Texts as they are, without guards against formulas: not for spreadsheets.")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    help="The file to write; - is the standard output.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def export(plural: str, query: str, view: str, kind: str, exact: bool, target: Path, as_json: bool) -> None:
    """Write leads, contacts or organisations into a file that Leadboard and spreadsheets read."""
    upgrade(open_instance())
    if kind not in (known := [exporter.key for exporter in exporters()]):
        raise click.UsageError(f"--format {kind}: there is no such format. Known: {', '.join(known)}.")
    where, params = _condition(RECORDS[plural], query, view)
    parts = export_records(RECORDS[plural], where, params, actor=SYSTEM, format_key=kind, exact=exact)
    if str(target) == "-":
        sys.stdout.buffer.writelines(parts)
        return
    count = _write(parts, target)
    told = {"file": str(target), "format": kind, "rows": count}
    click.echo(json.dumps(told) if as_json else f"{count:,} {plural} written to {target}")


def _condition(record_type: str, query: str, view: str) -> tuple[str, list[Any]]:
    given = dict(parse_qsl(query)) if _ADDRESS.fullmatch(query) else {"query": query}
    args = with_view({**given, **({"view": view} if view else {})}, SYSTEM, record_type)
    found: LeadFilter | PartyFilter
    if record_type == "lead":
        found = LeadFilter.from_args(args, SYSTEM, known_values())
    else:
        found = FILTERS[record_type].from_args(args, SYSTEM, known_owners())
    return found.where(SYSTEM, record_type, today_in(instance().time_zone))


def _write(parts: Generator[bytes, None, int], target: Path) -> int:
    """All or nothing: a file of this name is complete. How many records are in it."""
    count = 0

    def pieces() -> Iterator[bytes]:
        nonlocal count
        count = yield from parts

    partial = target.with_name(f".{target.name}.part")
    try:
        with partial.open("wb") as file:
            file.writelines(pieces())
        partial.replace(target)
    except OSError as error:
        raise Refused(N_("%(file)s cannot be written: %(reason)s."), file=target, reason=error.strerror) from error
    finally:
        partial.unlink(missing_ok=True)
    return count
