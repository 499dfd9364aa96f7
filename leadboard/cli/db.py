"""`leadboard db upgrade` and `leadboard db check`."""

import sys

import click

from leadboard.cli.instance import open_instance, upgrade
from leadboard.domain.checks import Finding, as_json, check_database, repair
from leadboard.domain.record_rows import reindex


@click.group()
def db() -> None:
    """Bring the database up to date, or examine it."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Apply pending migrations. A filled database is backed up first."""
    done = upgrade(open_instance())
    click.echo(f"Applied: {', '.join(done)}." if done else "The database is up to date.")


@db.command("reindex")
def reindex_database() -> None:
    """Write the search words of everything again, while people go on working."""
    open_instance()
    click.echo(f"Indexed {reindex(afresh=True)} records, notes, next steps and activities.")


@db.command()
@click.option("--repair", "put_right", is_flag=True, help="Write again what can be derived: indexes, search words, next steps.")
@click.option("--json", "is_json", is_flag=True, help="Print the findings as JSON.")
def check(put_right: bool, is_json: bool) -> None:
    """Examine the database; exit code 1 when something is wrong."""
    settings = open_instance()
    if put_right:
        repair(settings)
    findings = check_database(settings)
    if is_json:
        click.echo(as_json(findings))
    for finding in findings if not is_json else ():
        state = "ok" if not finding.count else f"WRONG ({finding.count}): {', '.join(finding.wrong)}"
        click.echo(f"{finding.name}: {state}")
    if any(finding.count for finding in findings):
        click.echo(f"leadboard: The database needs attention. {' '.join(_ways_out(findings, put_right=put_right))}", err=True)
        sys.exit(1)


def _ways_out(findings: list[Finding], *, put_right: bool) -> list[str]:
    """What helps with those that are wrong, each once."""
    wrong = [finding for finding in findings if finding.count]
    hints = [finding.way_out for finding in wrong]
    hints += ["leadboard db check --repair puts right what can be derived." for one in wrong if one.repairable and not put_right]
    hints += ["Restore a backup, or ask for help." for one in wrong if not one.way_out and (put_right or not one.repairable)]
    return list(dict.fromkeys(filter(None, hints)))
