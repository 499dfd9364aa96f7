"""Secrets that are handed out once: made here, recognised by their hash, never stored."""

import hashlib
import re
import secrets
import zlib

__all__ = ["API_TOKEN_PREFIX", "is_api_token", "new_api_token", "new_token", "token_hash"]

API_TOKEN_PREFIX = "lb_"  # noqa: S105 - by which scanners for leaked secrets find one
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_DIGITS, _CHECK_DIGITS = 43, 6  # 256 and 32 bits in base 62
_API_TOKEN = re.compile(rf"{API_TOKEN_PREFIX}[0-9A-Za-z]{{{_SECRET_DIGITS + _CHECK_DIGITS}}}")


def new_token() -> str:
    """256 random bits, fit for a URL and a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token: enough to recognise it, useless to a thief of the database."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def new_api_token() -> str:
    """lb_, 256 random bits, and check digits: whoever finds it in a log knows what it is, and a typing error is told apart."""
    secret = _base62(secrets.randbits(256), _SECRET_DIGITS)
    return f"{API_TOKEN_PREFIX}{secret}{_check_digits(secret)}"


def is_api_token(text: str) -> bool:
    """Whether a text has the form and the check digits of an API token; whose it is only the database knows."""
    if not _API_TOKEN.fullmatch(text):
        return False
    secret = text[len(API_TOKEN_PREFIX) : -_CHECK_DIGITS]
    return text.endswith(_check_digits(secret))


def _check_digits(secret: str) -> str:
    return _base62(zlib.crc32(secret.encode("ascii")), _CHECK_DIGITS)


def _base62(number: int, digits: int) -> str:
    found = ""
    for _ in range(digits):
        number, rest = divmod(number, 62)
        found = _DIGITS[rest] + found
    return found
