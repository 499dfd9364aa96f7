"""The only broad except of the code base: what a plugin or a piece of background work raises ends here, and is told."""

import traceback
from collections.abc import Callable
from typing import TypeVar

TRACEBACK_LIMIT = 8000
T = TypeVar("T")


def outcome_of(work: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    """(value, None) or (None, what was raised). The caller records it: nothing is swallowed. SystemExit counts as a failure."""
    try:
        return work(), None
    except (Exception, SystemExit) as error:
        return None, error


def attempt(work: Callable[[], object]) -> str | None:
    """Run `work`; the end of its traceback when it raised, else None."""
    _, error = outcome_of(work)
    return None if error is None else text_of(error)


def text_of(error: BaseException) -> str:
    """The end of the error's traceback."""
    return "".join(traceback.format_exception(error))[-TRACEBACK_LIMIT:]
