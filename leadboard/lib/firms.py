"""By what two spellings of one firm meet: its name without legal form, and the domain of its website or e-mail."""

import re
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

from cleanco.termdata import terms_by_country, terms_by_type

from leadboard.lib.emails import email_key
from leadboard.lib.folding import fold

__all__ = ["domain_of", "firm_key", "is_free_mail"]

_SIGNS: Final = re.compile(r"[\W_]+")
_HOST: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#@\s]*@)?([^/?#:\s]+)", re.IGNORECASE)
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_FREE: Final = frozenset(
    line.strip()
    for line in (Path(__file__).parent / "free_mail.txt").read_text(encoding="ascii").splitlines()
    if line and not line.startswith("#")
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_SIGNS.sub(" ", fold(text).replace(".", "").replace("'", "")).split())


# The legal forms that cleanco knows of eighty countries; its own search through them takes 150 µs a name, this 5.
_FORMS: Final = frozenset(
    words for term in chain(*terms_by_type.values(), *terms_by_country.values()) if (words := _words(term))
) | {("and", "co"), ("und", "co"), ("co",), ("cie",), ("et", "cie")}
_LONGEST: Final = max(map(len, _FORMS))


@lru_cache(maxsize=4096)
def firm_key(name: str) -> str:
    """The name folded, without signs and without legal forms at its end: "Acme", "ACME, Inc." and "acme GmbH & Co. KG" are one.

    A name of nothing else keeps its form.
    """
    words = _words(name)
    shortest = 1
    while len(words) > shortest:
        length = next((n for n in range(min(_LONGEST, len(words) - 1), 0, -1) if words[-n:] in _FORMS), 0)
        if not length:
            break
        words = words[:-length]
    return " ".join(words)[:200]


def is_free_mail(domain: str) -> bool:
    """Whether everybody may have an address there."""
    labels = domain.split(".")
    if f"{labels[0]}.*" in _FREE or f"{labels[-2:][0]}.*" in _FREE:
        return True
    return any(".".join(labels[place:]) in _FREE for place in range(len(labels) - 1))


def domain_of(text: str) -> str | None:
    """The domain of a web address or an e-mail address, without www; None of free mail and of what is neither."""
    key = email_key(text) if "@" in text and "/" not in text else None
    if key is not None:
        domain = key.rpartition("@")[2]
    else:
        found = _HOST.match(text.strip())
        try:
            domain = found[1].strip(".").encode("idna").decode("ascii").lower() if found else ""
        except UnicodeError:
            return None
    domain = domain.removeprefix("www.")
    return domain if len(domain) <= 253 and _DOMAIN.fullmatch(domain) and not is_free_mail(domain) else None
