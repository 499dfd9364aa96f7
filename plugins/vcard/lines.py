"""Content lines of vCards 2.1, 3.0 and 4.0 as programs really write them: folded, encoded, grouped, with their line numbers."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from leadboard.api import codec_of

LONGEST_LINE = 2_000_000  # bytes of one logical line
LARGEST_VALUE = 100_000  # characters that are kept of a value

# "TEL;TYPE=cell:", "item1.EMAIL:"; names of programs hold anything but signs.
_HEAD = re.compile(rb"(?:[\w-]+\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):", re.DOTALL)
_PARAMETER = re.compile(r';((?:[^;"]|"[^"]*")*)')
_ENCODINGS = {"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"}
# UTF-7 can spell halves of surrogate pairs.
_NOT_STORED = re.compile("[\x00\ud800-\udfff]")
_TYPES_ALONE = re.compile(r"[\w-]+")
# What is a picture, a sound or a key is left out unread: half of the broken cards are broken there.
SKIPPED = {"PHOTO", "LOGO", "SOUND", "KEY", "AGENT", "X-MS-CARDPICTURE", "X-MS-OL-DESIGN"}


class BadLine(ValueError):
    """A line that cannot be read; the message says why."""


@dataclass(frozen=True)
class Line:
    """One property. `types` are in small letters; `rank` is 1 for the preferred one, 101 for those of no rank."""

    number: int
    name: str
    raw: str
    version: str
    types: tuple[str, ...] = ()
    rank: int = 101

    @property
    def text(self) -> str:
        """The value in one piece."""
        return unescape(self.raw, self.version).strip()

    def parts(self) -> list[str]:
        """The components of N, ADR and ORG, between semicolons."""
        return [unescape(part, self.version).strip() for part in _split(self.raw)]


class Physical(NamedTuple):
    number: int
    text: bytes


def unescape(text: str, version: str) -> str:
    r"""\, \; \: \\ is the sign itself, \n a line break; that one not in 2.1, where C:\new is a folder."""
    breaks = "" if version == "2.1" else "nN"

    def sign(found: re.Match[str]) -> str:
        if found[1] in breaks:
            return "\n"
        return found[1] if found[1] in ',;:\\"' else found[0]

    return re.sub(r"\\(.)", sign, text, flags=re.DOTALL) if "\\" in text else text


def _split(text: str) -> list[str]:
    """At the semicolons that no backslash takes the meaning from."""
    parts: list[list[str]] = [[]]
    for piece in re.findall(r"\\.|[^\\;]+|;|\\", text, re.DOTALL):
        if piece == ";":
            parts.append([])
        else:
            parts[-1].append(piece)
    return ["".join(pieces) for pieces in parts]


# ---------------------------------------------------------------------------------------------- logical lines


def logical_lines(source: Iterable[bytes]) -> Iterator[Physical]:
    """Lines with their folds taken back, each with the number of its first one.

    A line that begins with white space goes on with the one before; one of quoted-printable that ends with = does too,
    whatever the next begins with.
    """
    # An array grows in place: a line may be folded after every byte.
    held = bytearray()
    start = 0
    soft = False
    for number, physical in enumerate(source, 1):
        text = physical.rstrip(b"\r\n")
        if soft:
            # A fold after a soft break: some programs do both.
            del held[-1:]
            held += text.lstrip(b" \t")
            soft = text.endswith(b"=")
        elif text[:1] in (b" ", b"\t") and held:
            held += text[1:]
        else:
            if held:
                yield Physical(start, bytes(held))
            held, start = bytearray(text), number
            soft = _is_quoted_printable(text) and text.endswith(b"=")
        if len(held) > LONGEST_LINE:
            raise BadLine(f"Line {start:,} does not end. This is no vCard.")
    if held:
        yield Physical(start, bytes(held))


def _is_quoted_printable(text: bytes) -> bool:
    head = text.partition(b":")[0].upper()
    return b"QUOTED-PRINTABLE" in head


def name_of(text: bytes) -> str:
    """The name of a line's property, in capitals, without its group; "" when it has none."""
    found = _HEAD.match(text)
    return found[1].decode("ascii", "replace").upper() if found else ""


# ---------------------------------------------------------------------------------------------- one line


def parse(physical: Physical, version: str, charset: str) -> Line:
    """A property. Raises BadLine."""
    found = _HEAD.match(physical.text)
    if found is None:
        shown = physical.text[:40].decode("utf-8", "replace")
        raise BadLine(f"“{shown}” is no property of a vCard: there is no name and colon.")
    name = found[1].decode("ascii", "replace").upper()
    parameters = _parameters(found[2].decode("utf-8", "replace"))
    data = physical.text[found.end() :]
    encoding = parameters.get("ENCODING", [""])[0].upper()
    if encoding == "QUOTED-PRINTABLE":
        data = quopri.decodestring(data)
    elif encoding in {"BASE64", "B"}:
        try:
            data = base64.b64decode(re.sub(rb"\s", b"", data), validate=True)
        except binascii.Error as error:
            raise BadLine(f"{name} is not proper base64.") from error
    said = parameters.get("CHARSET", [""])[0]
    text = _decoded(data, said or charset, name, is_said=bool(said))
    if len(text) > LARGEST_VALUE:
        raise BadLine(f"{name} has {len(text):,} characters; at most {LARGEST_VALUE:,} fit.")
    types = tuple(dict.fromkeys(_types(parameters)))
    return Line(
        physical.number,
        name,
        _NOT_STORED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")),
        version,
        types,
        _rank(parameters, types),
    )


def _parameters(text: str) -> dict[str, list[str]]:
    """{NAME: values}; what stands alone is an encoding or a type, as vCard 2.1 has it."""
    found: dict[str, list[str]] = {}
    for piece in _PARAMETER.findall(text):
        name, equals, value = piece.partition("=")
        name = name.strip().upper()
        if not equals:
            name, value = ("ENCODING" if name in _ENCODINGS else "TYPE"), name
        values = value.replace('"', "").split(",") if name == "TYPE" else [value.strip().strip('"')]
        found.setdefault(name, []).extend(one.strip() for one in values)
    return found


def _types(parameters: dict[str, list[str]]) -> Iterator[str]:
    for value in parameters.get("TYPE", []):
        if _TYPES_ALONE.fullmatch(value):
            yield value.lower()


def _rank(parameters: dict[str, list[str]], types: tuple[str, ...]) -> int:
    said = parameters.get("PREF", [""])[0]
    return int(said) if said.isdecimal() and len(said) < 4 else 1 if "pref" in types else 101


def _decoded(data: bytes, charset: str, name: str, *, is_said: bool) -> str:
    try:
        codec = codec_of(charset or "utf-8")
    except LookupError as error:
        raise BadLine(f"{name} is in “{charset[:30]}”, which is no known encoding.") from error
    try:
        return data.decode(codec)
    except (UnicodeDecodeError, LookupError) as error:
        if is_said:
            raise BadLine(
                f"{name} says that it is in {codec}, but holds bytes that are not. Mend this line or export the card again."
            ) from error
        raise BadLine(f"{name} cannot be read as {codec}. Choose another encoding for this file.") from error
