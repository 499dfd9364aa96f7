"""The server and its processes around a toy application; run as a program: toy_server.py FIFO PROCESSES.

/slow answers when somebody has written to the FIFO, /body with the length of what was sent, anything else at once.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from leadboard import schema
from leadboard.cli.serve import run
from leadboard.config import Settings
from leadboard.db import open_database
from leadboard.server import bind


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    text = str(os.getpid())
    if environ["PATH_INFO"] == "/slow":
        Path(sys.argv[1] + ".waiting").touch()
        text = Path(sys.argv[1]).read_text()
    if environ["PATH_INFO"] == "/body":
        text = str(len(environ["wsgi.input"].read()))
    body = text.encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def main() -> None:
    listener: socket.socket = bind("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    settings = Settings(instance=Path(sys.argv[1]).parent)
    open_database(settings)
    schema.upgrade(settings)
    raise SystemExit(run(application, listener, settings, int(sys.argv[2])))


if __name__ == "__main__":
    main()
