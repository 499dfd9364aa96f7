"""`leadboard demo`."""

import sys
import time

import click

from leadboard.cli.instance import open_instance, upgrade
from leadboard.domain.demo import MAX_LEADS, USUAL_LEADS, add_sample_data
from leadboard.domain.users import new_setup_link
from leadboard.queries.users import is_set_up_open


@click.command()
@click.option(
    "--leads", default=USUAL_LEADS, show_default=True, type=click.IntRange(1, MAX_LEADS), help="How many leads to write."
)
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same leads.")
def demo(leads: int, seed: int) -> None:
    """Write sample data: a team, pipelines, leads with a past. Settings, Sample data removes exactly that."""
    upgrade(open_instance())
    began = time.monotonic()
    shown = sys.stderr.isatty()

    def progress(done: int, wanted: int) -> None:
        rate = done / max(time.monotonic() - began, 0.001)
        click.echo(f"\r{done:,} of {wanted:,} leads, {rate:,.0f} a second ", nl=False, err=True)

    total = add_sample_data(leads, seed, progress=progress if shown else None)
    seconds = time.monotonic() - began
    if shown:
        click.echo(err=True)
    click.echo(f"Wrote {leads:,} sample leads in {seconds:.1f} s ({leads / seconds:,.0f} a second); there are {total:,} now.")
    if is_set_up_open():
        click.echo(
            f"Nobody can sign in yet. Start leadboard serve and open its address with /setup/{new_setup_link()} within a day."
        )
