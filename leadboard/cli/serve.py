"""`leadboard serve`."""

import click
from waitress import serve as run

from leadboard import schema
from leadboard.app import create_app
from leadboard.config import load_settings
from leadboard.db import open_database
from leadboard.domain.users import new_setup_link
from leadboard.queries.users import is_set_up_open


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for the whole network.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Start Leadboard; makes and upgrades the instance when needed."""
    settings = load_settings()
    settings.instance.mkdir(parents=True, exist_ok=True)
    open_database(settings)
    schema.upgrade(settings)
    url = settings.base_url or f"http://{host}:{port}"
    click.echo(f"Leadboard is at {url}/")
    if is_set_up_open():
        click.echo(f"Set it up here, once and within a day: {url}/setup/{new_setup_link()}")
    run(create_app(settings), host=host, port=port, threads=4, ident=None)
