"""Telling listeners what was committed: at least once, in commit order, outside any transaction.

The job worker reads the log on from where each listener stopped, so a crash between a commit and its telling loses
nothing, and a listener costs the request that made the change nothing. One worker at a time tells a listener: it holds
a lease, which another one takes over when it runs out.
"""

import logging
import uuid
from collections.abc import Callable
from time import perf_counter

from leadboard.db import execute, now_ms, one
from leadboard.events import Event, events_after
from leadboard.pluginhost import health
from leadboard.pluginhost.boundary import outcome_of, text_of
from leadboard.pluginhost.registry import registry

log = logging.getLogger("leadboard.delivery")

Listener = Callable[[Event], None]
BATCH = 500
LEASE_MS = 60_000

_listeners: dict[str, Listener] = {}


def listen(name: str, listener: Listener) -> None:
    """Call `listener` with every event from now on; it must be safe to call twice with one event. wiring.py does this."""
    _listeners[name] = listener


def stop_listening(name: str) -> None:
    """A listener that left (a plugin's that is off, a test's). It goes on where it stopped when it comes back."""
    _listeners.pop(name, None)


def deliver_all() -> int:
    """Hand every listener what it has not read yet; how many events that were. Plugins that are on come after our own."""
    return sum(deliver(name) for name in [*_listeners, *_plugin_listeners()])


def plugin_listener(plugin: str) -> str:
    """The name under which a plugin reads the log."""
    return f"plugin:{plugin}"


def _plugin_listeners() -> dict[str, Listener]:
    """{name: listener} of the plugins that are on and listen; one that failed too often is left out until tried again."""
    return {
        plugin_listener(found.plugin): lambda event, found=found: _tell_plugin(
            found.plugin, found.function, found.arguments, event
        )  # type: ignore[misc]
        for found in registry().implementations.get("event_emitted", ())
    }


def _tell_plugin(plugin: str, function: Callable[..., None], arguments: tuple[str, ...], event: Event) -> None:
    health.page.set(f"event {event.kind}")
    began = perf_counter()
    _, error = outcome_of(lambda: function(event) if arguments else function())
    if error is not None:
        health.record(plugin, "event_emitted", error)
        raise error
    health.took(plugin, "event_emitted", perf_counter() - began)


def deliver(name: str) -> int:
    """Hand one listener what it has not read yet. One that raises gets the same event again the next time."""
    # Looked up first: a plugin may be turned off at any time, also by a thread of this process.
    listener = {**_plugin_listeners(), **_listeners}.get(name)
    if listener is None or not events_after(_position(name), limit=1):
        return 0
    owner = uuid.uuid4().hex
    if not _claim(name, owner):
        return 0
    position = _position(name)
    count = 0
    renew_at = now_ms() + LEASE_MS // 3
    try:
        for event in events_after(position, limit=BATCH):
            if now_ms() > renew_at:
                if not _release(name, owner, position, lease_until=now_ms() + LEASE_MS):
                    return count
                renew_at = now_ms() + LEASE_MS // 3
            _, error = outcome_of(lambda event=event: listener(event))  # type: ignore[misc]
            if error is not None:
                log.error("listener %s failed on event %d and will get it again: %s", name, event.id, text_of(error))
                break
            position, count = event.id, count + 1
    finally:
        _release(name, owner, position)
    return count


def _position(name: str) -> int:
    found = one("select last_event_id from event_delivery where listener = ?", (name,))
    if found is not None:
        return int(found[0])
    # A listener that is new starts with what happens from now on.
    execute(
        "insert into event_delivery (listener, last_event_id) select ?, coalesce(max(id), 0) from event where true"
        " on conflict (listener) do nothing",
        (name,),
    )
    return _position(name)


def start_from_now(name: str) -> None:
    """A listener that was away reads on from here: nobody wants to be told of what happened months ago."""
    execute("delete from event_delivery where listener = ?", (name,))
    _position(name)


def _claim(name: str, owner: str) -> bool:
    now = now_ms()
    taken = execute(
        "update event_delivery set owner = ?, lease_until = ? where listener = ? and (lease_until is null or lease_until < ?)",
        (owner, now + LEASE_MS, name, now),
    )
    return taken == 1


def _release(name: str, owner: str, event_id: int, *, lease_until: int | None = None) -> bool:
    """Remember how far the listener is, and give it free or, with `lease_until`, keep it. False when it was taken over."""
    kept = execute(
        "update event_delivery set last_event_id = ?, lease_until = ?, owner = ? where listener = ? and owner = ?",
        (event_id, lease_until, owner if lease_until else None, name, owner),
    )
    return kept == 1
