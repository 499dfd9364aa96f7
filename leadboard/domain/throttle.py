"""Slowing down whoever guesses passwords, without locking out whoever owns the account.

A try is counted before the password is looked at, so that tries sent at once are counted too. A browser in which the
account was signed in before is counted for itself (its cookie is checked by the caller): a stranger who keeps guessing
at the account or from the same network cannot shut it out. Everybody else waits a minute, or five, at most.
"""

import ipaddress
from dataclasses import dataclass

from leadboard.db import atomic, execute, now_ms, one
from leadboard.errors import N_, TooManyTries
from leadboard.lib.tokens import token_hash

SECOND_MS = 1000
FORGET_MS = 3_600_000


@dataclass(frozen=True)
class Bucket:
    """One thing that tries are counted for. The first `free` cost nothing, then each waits twice as long, up to `longest_s`."""

    key: str
    free: int
    longest_s: int


def account_bucket(email_key: str) -> Bucket:
    """For the account that was asked for, whether it exists or not. Only a hash of what was typed is kept."""
    return Bucket(f"account:{token_hash(email_key)}", free=5, longest_s=60)


def device_bucket(user_id: int, device: str) -> Bucket:
    """For a browser in which this account was signed in before."""
    return Bucket(f"device:{user_id}:{device[:80]}", free=10, longest_s=60)


def network_bucket(address: str) -> Bucket:
    """For the network address: a whole /64 of IPv6 is one customer's."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        name = address[:64]
    else:
        name = str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
    return Bucket(f"network:{name}", free=20, longest_s=300)


def current_password_bucket(user_id: int) -> Bucket:
    """For the question after the current password in an open session."""
    return Bucket(f"current:{user_id}", free=5, longest_s=60)


def count_try(buckets: list[Bucket], *, now: int | None = None) -> None:
    """Count one try in every bucket. Raises TooManyTries, and counts nothing, while one of them is blocked."""
    now = now_ms() if now is None else now
    with atomic():
        states = [_state(bucket, now) for bucket in buckets]
        wait_ms = max((blocked_until - now for _, blocked_until in states), default=0)
        if wait_ms > 0:
            seconds = -(-wait_ms // SECOND_MS)
            raise TooManyTries(N_("Too many tries. Wait %(seconds)d seconds, then try again."), retry_after_s=seconds)
        for bucket, (failures, _) in zip(buckets, states, strict=True):
            _write(bucket.key, failures + 1, now, now + _delay_ms(bucket, failures + 1))


def forgive(buckets: list[Bucket]) -> None:
    """The try was right: the account and the browser start anew; the network only gets this one try back."""
    with atomic():
        for bucket in buckets:
            if bucket.key.startswith("network:"):
                execute(
                    "update sign_in_throttle set failures = failures - 1, blocked_until = 0 where key = ? and failures > 0",
                    (bucket.key,),
                )
            else:
                execute("delete from sign_in_throttle where key = ?", (bucket.key,))


def sweep(*, now: int | None = None) -> None:
    """Forget what counts no more."""
    execute("delete from sign_in_throttle where last_at < ?", ((now_ms() if now is None else now) - FORGET_MS,))


def _state(bucket: Bucket, now: int) -> tuple[int, int]:
    """Failures and the end of the block; both zero when the last try is an hour old."""
    found = one("select failures, last_at, blocked_until from sign_in_throttle where key = ?", (bucket.key,))
    if found is None or now - found[1] > FORGET_MS:
        return 0, 0
    return int(found[0]), int(found[2])


def _delay_ms(bucket: Bucket, failures: int) -> int:
    over = failures - bucket.free
    return 0 if over < 0 else min(2 ** min(over + 1, 12), bucket.longest_s) * SECOND_MS


def _write(key: str, failures: int, now: int, blocked_until: int) -> None:
    execute(
        "insert into sign_in_throttle (key, failures, last_at, blocked_until) values (?, ?, ?, ?)"
        " on conflict (key) do update set failures = excluded.failures, last_at = excluded.last_at,"
        " blocked_until = excluded.blocked_until",
        (key, failures, now, blocked_until),
    )
