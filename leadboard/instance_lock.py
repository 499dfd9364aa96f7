"""Who uses a folder: servers share an instance, a restore wants it alone; one nightly backup at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadboard.errors import N_, DatabaseProblem


@contextmanager
def instance_lock(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold the instance's lock, shared or alone. Raises DatabaseProblem when somebody else's hold forbids it."""
    with folder_lock(folder, alone=alone) as is_held:
        if not is_held and alone:
            raise DatabaseProblem(N_("Leadboard is running on %(folder)s. Stop it first, then try again."), folder=folder)
        if not is_held:
            raise DatabaseProblem(
                N_("A restore is running on %(folder)s. Wait until it is done, then start again."), folder=folder
            )
        yield


@contextmanager
def folder_lock(folder: Path, *, alone: bool) -> Iterator[bool]:
    """Try to hold a folder's lock; whether that worked. Raises DatabaseProblem when the folder cannot be written.

    The kernel drops the lock with the last process that has it, so that a killed one leaves none behind.
    """
    try:
        import fcntl  # noqa: PLC0415 - Unix only; elsewhere nothing is locked
    except ImportError:
        yield True
        return
    try:
        file = open(folder / "in_use.lock", "w", encoding="ascii")  # noqa: SIM115 - closed below
    except OSError as error:
        raise DatabaseProblem(
            N_("The folder %(folder)s cannot be written: %(reason)s. Give this user the right to write there."),
            folder=folder,
            reason=error.strerror,
        ) from error
    with file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True
