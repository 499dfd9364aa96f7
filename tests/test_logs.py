"""The log's lines."""

import logging
import sys

from leadboard.logs import OneLine


def formatted(message: str, *args: object, error: BaseException | None = None) -> list[str]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("leadboard.web", logging.ERROR, __file__, 1, message, args, info)
    return OneLine().format(record).splitlines()


def test_line_ends_in_a_message_are_escaped():
    (line,) = formatted("name %s", "a\r\n2026-01-01 INFO leadboard.audit: signed_in\x85\u2028x")

    assert line.endswith("ERROR leadboard.web: name a\\r\\n2026-01-01 INFO leadboard.audit: signed_in\\x85\\u2028x")


def test_the_lines_of_a_traceback_cannot_pass_for_events():
    try:
        raise ValueError("first\n2026-01-01 INFO leadboard.audit: signed_in")
    except ValueError:
        lines = formatted("failed", error=sys.exception())

    assert lines[0].endswith("ERROR leadboard.web: failed")
    assert len(lines) > 3
    assert all(line.startswith("    | ") for line in lines[1:])
