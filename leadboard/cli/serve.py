"""`leadboard serve`."""

import os
import socket
import subprocess
import sys

import click

from leadboard import __version__, schema
from leadboard.app import create_app
from leadboard.cli.instance import open_instance, upgrade
from leadboard.config import Settings
from leadboard.db import forget_connection
from leadboard.domain.backups import start_clock
from leadboard.domain.users import new_setup_link
from leadboard.instance_lock import instance_lock
from leadboard.jobs import Worker
from leadboard.queries.users import is_set_up_open
from leadboard.server import WebServer, bind, url_of
from leadboard.supervisor import Role, Service, Supervisor, run_here

FEWEST, MOST = 2, 4


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for the whole network.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--open", "open_browser", is_flag=True, help="Open the page in the browser.")
@click.option("--processes", type=click.IntRange(1, 32), help="Web processes; as many as cores, 2 to 4, unless told.")
def serve(host: str, port: int, open_browser: bool, processes: int | None) -> None:
    """Start Leadboard; makes and upgrades the instance when needed."""
    settings = open_instance()
    with instance_lock(settings.instance), bind(host, port) as listener:
        upgrade(settings)
        schema.check_writable(settings)
        start_clock(settings)
        app = create_app(settings, has_plugins=True)
        url = url_of(listener, settings.base_url)
        link = setup_link(url)
        click.echo(f"Leadboard {__version__} is at {url} (Ctrl+C stops it)")
        if link:
            click.echo(f"Set it up here, once and within a day: {link}")
        sys.stdout.flush()
        if open_browser:
            open_in_browser(link or url)
        sys.exit(run(app, listener, settings, processes))


def run(app: object, listener: socket.socket, settings: Settings, processes: int | None) -> int:
    """Serve until told to stop; the exit code. The listening socket is shared by all processes."""

    def web() -> Service:
        return WebServer(
            app, listener, largest_file_mb=settings.import_max_mb, trust_proxy_headers=bool(settings.trusted_proxies)
        )

    def jobs() -> Service:
        listener.close()
        return Worker()

    # A connection may not cross a fork.
    forget_connection()
    count = processes or min(MOST, max(FEWEST, os.cpu_count() or FEWEST))
    if count == 1 or not hasattr(os, "fork"):
        run_here([web(), Worker()])
        return 0
    roles = [*(Role(f"web-{number}", web) for number in range(1, count + 1)), Role("jobs", jobs)]
    return Supervisor(roles, at_stop=listener.close).run()


def open_in_browser(url: str) -> None:
    """In a process of its own: a browser of the text kind would hold the server until it is left."""
    subprocess.Popen([sys.executable, "-m", "webbrowser", url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def setup_link(url: str) -> str | None:
    """A one-time link to make the first account, while nobody can sign in."""
    return f"{url}setup/{new_setup_link()}" if is_set_up_open() else None
