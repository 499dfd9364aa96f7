"""`leadboard db upgrade` and `leadboard db check`."""

import sys

import click

from leadboard.cli.instance import open_instance, upgrade
from leadboard.domain.checks import as_json, check_database, repair


@click.group()
def db() -> None:
    """Bring the database up to date, or examine it."""


@db.command("upgrade")
def upgrade_database() -> None:
    """Apply pending migrations. A filled database is backed up first."""
    done = upgrade(open_instance())
    click.echo(f"Applied: {', '.join(done)}." if done else "The database is up to date.")


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
        can_repair = any(finding.count and finding.repairable for finding in findings) and not put_right
        hint = (
            "leadboard db check --repair puts right what can be derived." if can_repair else "Restore a backup, or ask for help."
        )
        click.echo(f"leadboard: The database needs attention. {hint}", err=True)
        sys.exit(1)
