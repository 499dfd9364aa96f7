"""The one place that survives whatever a piece of foreign or background work raises."""

import traceback
from collections.abc import Callable

TRACEBACK_LIMIT = 4000


def attempt(work: Callable[[], None]) -> str | None:
    """Run `work`; the end of its traceback when it raised, else None. The caller records it: nothing is swallowed."""
    try:
        work()
    except Exception:
        return traceback.format_exc()[-TRACEBACK_LIMIT:]
    return None
