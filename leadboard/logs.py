"""The log: stderr, one line per event, whatever the text holds.

What a stranger typed may end up in a message; escaped line ends keep it from looking like an event of its own.
"""

import logging
import sys

LINE_ENDS = {ord("\n"): "\\n", ord("\r"): "\\r", ord("\x1b"): "\\x1b", ord("\x85"): "\\x85", 0x2028: "\\u2028", 0x2029: "\\u2029"}
QUIET = {
    "waitress": logging.WARNING,
    # It reports each request that waits a moment, which is not worth a line.
    "waitress.queue": logging.ERROR,
}


class OneLine(logging.Formatter):
    """Escapes line ends in the message; the lines of a traceback are indented, so that none reads as an event."""

    def format(self, record: logging.LogRecord) -> str:
        first = f"{self.formatTime(record)} {record.levelname} {record.name}: {record.getMessage()}".translate(LINE_ENDS)
        if not record.exc_info:
            return first
        lines = self.formatException(record.exc_info).splitlines()
        return "\n".join([first, *(f"    | {line}".translate(LINE_ENDS) for line in lines)])


def set_up_log(level: str) -> None:
    """Send the log of this process to stderr. Safe to call again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("leadboard").setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
