"""The only broad except of the code base: what a plugin or a piece of background work raises ends here, and is told."""

import threading
import traceback
from collections.abc import Callable
from typing import ParamSpec, TypeVar

TRACEBACK_LIMIT = 8000
P = ParamSpec("P")
T = TypeVar("T")


def outcome_of(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T | None, BaseException | None]:
    """(value, None) or (None, what was raised). The caller records it: nothing is swallowed.

    SystemExit counts as a failure, and so does whatever else is no Exception (a cancelled task's error, say); only Ctrl+C
    passes, which Python raises in the main thread alone: elsewhere a plugin raised it, and its reader would wait for ever.
    """
    try:
        return work(*args, **kwargs), None
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise
        return None, error


def attempt(work: Callable[[], object]) -> str | None:
    """Run `work`; the end of its traceback when it raised, else None."""
    _, error = outcome_of(work)
    return None if error is None else text_of(error)


def text_of(error: BaseException) -> str:
    """The end of the error's traceback."""
    return storable("".join(traceback.format_exception(error)))[-TRACEBACK_LIMIT:]


def message_of(error: BaseException) -> str:
    """The kind of the error and what it says, also of one that cannot say it."""
    said, failed = outcome_of(lambda: str(error))
    return storable(f"{type(error).__name__}: {said if failed is None else 'its text cannot be made'}")


def storable(text: str) -> str:
    """The text without what a database refuses: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
