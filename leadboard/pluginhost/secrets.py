"""Secrets of plugins, encrypted with a key that is made from the instance's own: a stolen database does not hold them."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_box: Fernet | None = None


def use_key(secret_key: str) -> None:
    """Settle the key; wiring.py does this at start."""
    global _box
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"leadboard plugin secrets").derive(secret_key.encode())
    _box = Fernet(base64.urlsafe_b64encode(derived))


def seal(values: Mapping[str, Any]) -> str:
    """The values as text for the database; "" for none."""
    if not values:
        return ""
    if _box is None:
        raise RuntimeError("no key for secrets yet")
    return _box.encrypt(json.dumps(dict(values)).encode()).decode("ascii")


def unseal(text: str) -> dict[str, Any]:
    """What seal() was given. Empty when the key is another one now: the secrets have to be typed again."""
    if not text or _box is None:
        return {}
    try:
        found: dict[str, Any] = json.loads(_box.decrypt(text.encode("ascii")))
    except InvalidToken:
        return {}
    return found
