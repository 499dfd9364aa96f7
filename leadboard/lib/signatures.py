"""Signed messages between servers, as Standard Webhooks 1.0.0 writes them."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Final

__all__ = ["is_signed", "new_signing_secret", "sign_message", "signing_key"]

_PREFIX: Final = "whsec_"
_SHORTEST: Final = 24
_LONGEST: Final = 64
TOLERANCE_S: Final = 300


def new_signing_secret() -> str:
    """256 random bits in the form that receivers' libraries take."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def signing_key(secret: str) -> bytes:
    """The key in a `whsec_…` text. ValueError when it is none of 24 to 64 bytes."""
    text = secret.strip().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"{len(key)} bytes; {_SHORTEST} to {_LONGEST} are a secret")
    return key


def sign_message(secret: str, message_id: str, at_s: int, body: bytes) -> str:
    """`v1,…`, one signature of the header `webhook-signature`."""
    signed = b".".join((message_id.encode(), str(at_s).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, hashlib.sha256)).decode("ascii")


def is_signed(secret_texts: Iterable[str], headers: Mapping[str, str], body: bytes, *, now_s: float) -> bool:
    """Whether the headers hold a signature of this body by one of the secrets, made within the last five minutes.

    No secret at all signs nothing. The comparison takes the same time wherever the texts differ.
    """
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 16) or abs(now_s - int(stamp)) > TOLERANCE_S:
        return False
    given = [text.encode("utf-8", "replace") for text in headers.get("webhook-signature", "").split()[:20]]
    wanted = [sign_message(secret, message_id, int(stamp), body).encode() for secret in secret_texts if secret]
    # Every pair is compared, so that the time does not tell which one fits.
    return sum(hmac.compare_digest(one, other) for one in given for other in wanted) > 0
