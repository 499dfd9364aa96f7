"""A line for each request, for LEADBOARD_LOG_LEVEL=DEBUG: the route as it is written, so that no token or name gets in."""

import logging
import time

from flask import Flask, Response, g, request

log = logging.getLogger("leadboard.access")


def init_access_log(app: Flask) -> None:
    if log.isEnabledFor(logging.DEBUG):
        app.before_request_funcs.setdefault(None, []).insert(0, start_clock)
        app.after_request(write_line)


def start_clock() -> None:
    g.started_at = time.perf_counter()


def write_line(response: Response) -> Response:
    route = request.url_rule.rule if request.url_rule is not None else "(no route)"
    milliseconds = (time.perf_counter() - g.started_at) * 1000
    log.debug("%s %s %d %.1f ms", request.method, route, response.status_code, milliseconds)
    return response
