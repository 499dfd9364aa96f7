"""Telling listeners what was committed: at least once, in commit order, outside any transaction.

The job worker reads the log on from where each listener stopped, so a crash between a commit and its telling loses
nothing, and a listener costs the request that made the change nothing.
"""

import logging
from collections.abc import Callable

from leadboard.db import execute, one
from leadboard.events import Event, events_after
from leadboard.pluginhost.calling import attempt

log = logging.getLogger("leadboard.delivery")

Listener = Callable[[Event], None]
BATCH = 500

_listeners: dict[str, Listener] = {}


def listen(name: str, listener: Listener) -> None:
    """Call `listener` with every event from now on; it must be safe to call twice with one event. app.py does this."""
    _listeners[name] = listener


def stop_listening(name: str) -> None:
    """A listener that left (a plugin's that is off, a test's). It goes on where it stopped when it comes back."""
    _listeners.pop(name, None)


def deliver_all() -> int:
    """Hand every listener what it has not read yet; how many events that were."""
    return sum(deliver(name) for name in list(_listeners))


def deliver(name: str) -> int:
    """Hand one listener what it has not read yet. One that raises gets the same event again the next time."""
    listener = _listeners[name]
    position = _position(name)
    count = 0
    for event in events_after(position, limit=BATCH):
        error = attempt(lambda event=event: listener(event))  # type: ignore[misc]
        if error is not None:
            log.error("listener %s failed on event %d and will get it again: %s", name, event.id, error)
            break
        position, count = event.id, count + 1
    if count:
        _remember(name, position)
    return count


def _position(name: str) -> int:
    found = one("select last_event_id from event_delivery where listener = ?", (name,))
    if found is not None:
        return int(found[0])
    # A listener that is new starts with what happens from now on.
    newest = one("select coalesce(max(id), 0) from event")
    start = int(newest[0]) if newest else 0
    _remember(name, start)
    return start


def _remember(name: str, event_id: int) -> None:
    execute(
        "insert into event_delivery (listener, last_event_id) values (?, ?)"
        " on conflict (listener) do update set last_event_id = excluded.last_event_id",
        (name, event_id),
    )
