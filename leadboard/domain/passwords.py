"""Keeping and checking passwords: argon2id, the rule for new ones, the same work for accounts that do not exist."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from leadboard.errors import N_, Refused
from leadboard.lib.passwords import MAX_LENGTH, MIN_LENGTH, is_guessable

_strong = PasswordHasher()
_hasher = _strong


def use_cheap_hashes(is_wanted: bool) -> None:
    """Tests sign in hundreds of times: one pass over 8 KiB instead of the library's recommendation."""
    global _hasher
    _hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1) if is_wanted else _strong


def check_new_password(password: str, *, personal: Iterable[str] = (), field: str = "password") -> None:
    """The rule for new passwords: long, and not easily guessed. Raises Refused."""
    if len(password) < MIN_LENGTH:
        raise Refused(N_("Use at least %(least)d characters. Several words are easy to remember."), field=field, least=MIN_LENGTH)
    if len(password) > MAX_LENGTH:
        raise Refused(N_("Use at most %(most)d characters."), field=field, most=MAX_LENGTH)
    if is_guessable(password, personal):
        raise Refused(
            N_("This is easy to guess: it is made of common words, names, numbers or keys in a row. Use three or four words that do not belong together."),
            field=field,
        )  # fmt: skip


def hash_password(password: str) -> str:
    """What is kept of a password. Slow on purpose: call it outside of a transaction."""
    return _hasher.hash(_normal(password))


def is_right(kept: str | None, password: str) -> bool:
    """Whether a password is the one whose hash is kept. Takes as long when nothing is kept."""
    try:
        _hasher.verify(kept if kept else _nobody_of(_hasher), _normal(password[: MAX_LENGTH * 4]))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def needs_rehash(kept: str | None) -> bool:
    """Whether it was made with other parameters than today's."""
    return kept is not None and _hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    """Keyboards write "é" in two ways; both are the same password."""
    return unicodedata.normalize("NFC", password)


@lru_cache(maxsize=2)
def _nobody_of(hasher: PasswordHasher) -> str:
    """A hash to compare with when there is no account."""
    return hasher.hash("nobody has this password")
