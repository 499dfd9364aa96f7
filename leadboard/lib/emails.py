"""E-mail addresses as people and exports write them; the key by which two spellings of one address meet."""

import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

__all__ = ["email_key", "find_emails", "is_email", "split_address"]

# RFC 5321 sizes; the shapes are those of addresses in use: no quoted local part, no address literal, no bare host.
_LOCAL_LIMIT: Final = 64
_LIMIT: Final = 254
_ASCII: Final = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})"
)
_NAMED: Final = re.compile(r"""(?P<name>[^<>]*)<\s*(?P<address>[^<>\s]+)\s*>[\s,;.]*""")
_BEFORE: Final = " \t\r\n,;:<>()[]\"'“”„‘’\u00a0"
_AFTER: Final = _BEFORE + "."
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff\0"))
# Not with the @ in it: looking for one behind each character takes quadratic time, 5 s for 20,000 of them.
_WORD: Final = re.compile(r"[^\s<>(),;:|\"\[\]]+")


def _bare(text: str) -> str:
    return text.lstrip(_BEFORE).rstrip(_AFTER)


def split_address(text: str) -> tuple[str, str]:
    """Display name and address of ``Anna Kim <anna@acme.example>``, ``mailto:`` links and plain addresses.

    What has no address in it comes back as name. The address keeps its case.
    """
    text = text.translate(_INVISIBLE).strip()
    if match := _NAMED.fullmatch(text):
        name, address = _bare(match["name"]), match["address"]
    else:
        name, address = "", _bare(text)
    if address[:7].lower() == "mailto:":
        address = unquote(address[7:].partition("?")[0])
    return (name, address) if "@" in address else (text, "")


def _unicode_key(address: str) -> str | None:
    """Key of an address with letters beyond ASCII: the domain as the DNS knows it (IDNA), the rest case-folded."""
    local, _, domain = unicodedata.normalize("NFC", address).rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    # The letters of the local part are free (RFC 6531); its signs are those of ASCII.
    stand_in = "".join("x" if char.isalnum() or unicodedata.category(char)[0] == "M" else char for char in local)
    if not _ASCII.fullmatch(f"{stand_in}@{ascii_domain}"):
        return None
    return f"{local.casefold()}@{ascii_domain}"


@lru_cache(maxsize=256)
def email_key(text: str) -> str | None:
    """The address in the form in which it is compared and looked up; None when the text is not one address.

    Lower case throughout: mailboxes that differ in case alone are a theory. No DNS is asked. 1 µs for a plain address,
    and an address is asked about several times on its way into a lead.
    """
    key = text.lower()
    if not _ASCII.fullmatch(key):
        address = split_address(text)[1]
        key = address.lower()
        if not _ASCII.fullmatch(key):
            found = None if address.isascii() else _unicode_key(address)
            if found is None:
                return None
            key = found
    return key if len(key) <= _LIMIT and key.index("@") <= _LOCAL_LIMIT else None


def is_email(text: str) -> bool:
    """Whether the text is an address and nothing else, spaces around it aside."""
    return split_address(text) == ("", text.strip()) and email_key(text) is not None


def find_emails(text: str) -> list[str]:
    """The addresses inside a text, as written, each once: exports put several into one cell, people into one line."""
    found: dict[str, str] = {}
    for match in _WORD.finditer(text):
        address = _bare(match.group())
        key = email_key(address) if "@" in address else None
        if key:
            found.setdefault(key, address)
    return list(found.values())
