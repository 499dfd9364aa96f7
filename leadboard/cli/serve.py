"""`leadboard serve`."""

import click
from waitress import serve as run

from leadboard import schema
from leadboard.app import create_app
from leadboard.config import load_settings
from leadboard.db import open_database


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for the whole network.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def serve(host: str, port: int) -> None:
    """Start Leadboard; makes and upgrades the instance when needed."""
    settings = load_settings()
    settings.instance.mkdir(parents=True, exist_ok=True)
    open_database(settings)
    schema.upgrade(settings)
    click.echo(f"Leadboard is at http://{host}:{port}/")
    run(create_app(settings), host=host, port=port, threads=4, ident=None)
