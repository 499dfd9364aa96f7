"""Which encoding a delimited file is in: certain, or a short list to ask about. Never a silent guess.

A guess that is wrong turns Łódź into £ódŸ in every row and nobody sees it in time, so code pages are asked for, with
the likely ones first.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

__all__ = ["Detected", "codec_of", "detect", "detect_file", "is_binary"]


@dataclass(frozen=True)
class Detected:
    """The encoding of a file; None means: ask, offering `candidates`."""

    encoding: str | None  # for open(), without the byte order mark ("utf-8-sig")
    bom: bool
    candidates: tuple[str, ...]  # the encoding alone when it is certain, else 3 to 5 code pages, likely first


# UTF-32 before UTF-16: its little-endian mark begins with UTF-16's.
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CENTRAL: Final = ("cp1250", "iso8859-2", "cp852")
_WESTERN: Final = ("cp1252", "iso8859-15", "cp850")
_CYRILLIC: Final = ("cp1251", "koi8-r", "cp866")
_BALTIC: Final = ("cp1257", "iso8859-13", "cp775")
_ARABIC: Final = ("cp1256", "iso8859-6", "cp864")
# What Windows, then Unix, then DOS wrote where these languages are spoken.
_CODE_PAGES: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "bs", "sq"), _CENTRAL),
    **dict.fromkeys(("ru", "bg", "mk", "be", "sr"), _CYRILLIC),
    **dict.fromkeys(("et", "lv", "lt"), _BALTIC),
    **dict.fromkeys(("ar", "fa", "ur"), _ARABIC),
    "uk": ("cp1251", "koi8-u", "cp866"),
    "el": ("cp1253", "iso8859-7", "cp737"),
    "tr": ("cp1254", "iso8859-9", "cp857"),
    "he": ("cp1255", "iso8859-8", "cp862"),
    "vi": ("cp1258",),
    "th": ("cp874",),
    "ja": ("cp932", "euc_jp", "iso2022_jp"),
    "ko": ("cp949", "johab"),
    "zh": ("gb18030", "big5"),
}
# Codecs that Python has and no file is in: host names, which take quadratic time, notations that make halves of surrogate pairs of
# plain text, and one that only raises.
_NO_ENCODINGS: Final = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
_CHUNK: Final = 1 << 20
_MOST: Final = 5


def codec_of(name: str) -> str:
    """Python's name of an encoding that a stranger named. LookupError when it is none that texts are written in."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError) as error:  # ValueError: a NUL in the name
        raise LookupError(f"unknown encoding: {name[:40]!r}") from error
    if not getattr(found, "_is_text_encoding", True) or found.name in _NO_ENCODINGS:
        raise LookupError(f"no encoding of texts: {found.name}")
    return found.name


def _bom_of(head: bytes) -> str | None:
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)


def _utf16_without_bom(head: bytes) -> str | None:
    """Latin text in UTF-16 has a NUL in every second byte; other scripts at least at separators and line ends."""
    size = len(head) // 2
    if size < 4 or head.count(0) < size // 10 + 1:
        return None
    even, odd = head[0 : 2 * size : 2].count(0), head[1 : 2 * size : 2].count(0)
    if min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


# What no text has many of: control characters other than tab, line ends, form feed, end of file and escape.
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 12, 13, 26, 27})


def is_binary(head: bytes) -> bool:
    """Whether the beginning of a file is no text in any encoding. One stray NUL in a table is its row's matter."""
    if _bom_of(head) or _utf16_without_bom(head) or _is_utf8(head):
        return False
    return (len(head) - len(head.translate(None, _CONTROLS))) * 50 > len(head)


def _is_utf8(head: bytes) -> bool:
    """Strict UTF-8; the last character may be cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _reads_well(head: bytes, encoding: str) -> bool:
    """Whether a code page has a printable character for every byte."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=False)
    except (UnicodeDecodeError, LookupError):
        return False
    return not any("\x80" <= char <= "\x9f" for char in text)


def _candidates(head: bytes, languages: tuple[str, ...]) -> tuple[str, ...]:
    # One page of each language first: the second language of a user is likelier than a DOS code page.
    pages = [_CODE_PAGES.get(language[:2].lower(), _WESTERN) for language in (*languages, "en")]
    likely = [page for rank in range(3) for of_language in pages for page in of_language[rank : rank + 1]]
    guess = from_bytes(head[:65_536]).best()
    guessed = [] if guess is None or guess.encoding.startswith(("utf", "ascii", "mac")) else [guess.encoding]
    order = dict.fromkeys(codecs.lookup(page).name for page in (*likely[:2], *guessed, *likely[2:], *_CENTRAL, *_CYRILLIC))
    fitting = [page for page in order if _reads_well(head, page)]
    # Some byte fits none of them: then the widest, so that the preview shows where.
    return tuple(fitting[:_MOST]) or ("cp1252", "cp1250", "latin-1")


def detect(head: bytes, languages: tuple[str, ...] = ()) -> Detected:
    """The encoding by the beginning of a file: byte order mark, strict UTF-8, UTF-16 by its NULs; else ask.

    :param head: some kB; when it is less than the file, `detect_file` is the surer way
    :param languages: those of the user and the instance, likely first
    """
    if encoding := _bom_of(head):
        return Detected(encoding, True, (encoding,))
    if encoding := _utf16_without_bom(head):
        return Detected(encoding, False, (encoding,))
    if _is_utf8(head):
        return Detected("utf-8", False, ("utf-8",))
    return Detected(None, False, _candidates(head, languages))


def detect_file(path: Path, languages: tuple[str, ...] = ()) -> Detected:
    """The encoding by the whole file: an ASCII beginning says nothing about row 50,000. Some 10 ms per MB at most."""
    with path.open("rb") as file:
        head = file.read(_CHUNK)
        found = detect(head, languages)
        if found.encoding != "utf-8":
            return found
        decoder = codecs.getincrementaldecoder("utf-8")()
        chunk = head
        while chunk:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                # Bytes around the first one that is not UTF-8 tell more about the code page than the ASCII in front.
                return Detected(None, False, _candidates(chunk[max(error.start - 30_000, 0) : error.start + 30_000], languages))
            chunk = file.read(_CHUNK)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return Detected(None, False, _candidates(head, languages))
    return found
