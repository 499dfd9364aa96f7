"""Secrets that are handed out once: made here, recognised by their hash, never stored."""

import hashlib
import secrets

__all__ = ["new_token", "token_hash"]


def new_token() -> str:
    """256 random bits, fit for a URL and a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token: enough to recognise it, useless to a thief of the database."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
