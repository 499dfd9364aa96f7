"""Who uses an instance folder: servers share it, a restore wants it alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadboard.errors import N_, DatabaseProblem


@contextmanager
def instance_lock(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the folder's lock, shared or alone. Raises DatabaseProblem when somebody else's hold forbids it.

    The kernel drops the lock with the last process that has it, so that a killed server leaves none behind.
    """
    try:
        import fcntl  # noqa: PLC0415 - Unix only; elsewhere nothing is locked
    except ImportError:
        yield
        return
    path = folder / "in_use.lock"
    try:
        file = open(path, "w", encoding="ascii")  # noqa: SIM115 - closed below
    except OSError as error:
        raise DatabaseProblem(
            N_("The folder %(folder)s cannot be written: %(reason)s. Give this user the right to write there."),
            folder=folder,
            reason=error.strerror,
        ) from error
    with file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            if alone:
                text = N_("Leadboard is running on %(folder)s. Stop it first, then try again.")
            else:
                text = N_("A restore is running on %(folder)s. Wait until it is done, then start again.")
            raise DatabaseProblem(text, folder=folder) from error
        yield
