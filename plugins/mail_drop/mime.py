"""A mail of any quality as text: who, when, what it says, what hangs on it. Broken parts become reasons, never errors."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from email import policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

from leadboard.api import clean_line, clean_text, codec_of, find_emails

from .html_text import text_of_html

MOST_PARTS = 200
LONGEST_HTML = 200_000
LONGEST_TEXT = 100_000
LONGEST_HEADER = 20_000
# Taking a header with parameters apart takes the standard library quadratic time.
LONGEST_CONTENT_HEADER = 2_000
LONGEST_HEAD = 64_000
# Each line of a mail is held against the boundaries of every part around it; each may be a header.
MOST_WORK = 5_000_000
MOST_LINES = 500_000
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_OLD_SPACE = re.compile(rb"^([A-Za-z][A-Za-z-]{0,60})[ \t]{1,20}:", re.MULTILINE)
_ENCODED = re.compile(r"=\?[^?\s]{1,60}\?[bq]\?[^?]*\?=", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_QUIET_PRECEDENCE = {"bulk", "list", "junk"}


class _Lenient(policy.Compat32):
    """Headers that are no longer than they need to be."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[: LONGEST_CONTENT_HEADER if name.lower().startswith("content-") else LONGEST_HEADER]


@dataclass
class Mail:
    """What was read. `at` in milliseconds, None when the mail does not say; `quiet` why it is no letter of a person."""

    message_id: str
    subject: str
    sender: str
    from_addresses: list[str]
    to_addresses: list[str]
    at: int | None
    text: str
    attachments: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    quiet: str = ""


def read_mail(data: bytes, *, with_body: bool = True) -> Mail:
    """Understand a mail; any bytes give one."""
    lines = data.count(b"\n")
    problem = (
        "too large" if lines > MOST_LINES else "nested too deep" if lines * data.lower().count(b"boundary") > MOST_WORK else ""
    )
    if problem:
        data, with_body = data[:LONGEST_HEAD], False
    try:
        mail = _read(data, with_body=with_body)
    except RecursionError:
        mail, problem = _read(data, with_body=False), "nested too deep"
    if problem:
        mail.problems.append(problem)
    return mail


def _read(data: bytes, *, with_body: bool) -> Mail:
    message = BytesParser(policy=_Lenient()).parsebytes(_without_old_spaces(data), headersonly=not with_body)
    headers = _headers(message)
    problems: list[str] = []
    text, attachments = _content(message, problems) if with_body else ("", [])
    recipients = [
        address for name in ("to", "cc", "reply-to") for value in headers.get(name, ()) for address in _addresses(value)
    ]
    mail = Mail(
        _first(headers, "message-id").strip()[:500], _line(_first(headers, "subject")), _line(_first(headers, "from")),
        [address for value in headers.get("from", ()) for address in _addresses(value)], recipients,
        _moment(_first(headers, "date"), problems), text, attachments, problems, _quiet(headers),
    )  # fmt: skip
    if not mail.from_addresses:
        problems.append("no sender")
    if any(part.defects for part in _parts(message)) and with_body:
        problems.append("broken MIME")
    return mail


def _without_old_spaces(data: bytes) -> bytes:
    """Once a space could stand before the colon of a header; the parser takes that for the end of the headers."""
    end = _END_OF_HEAD.search(data, 0, LONGEST_HEAD)
    head = data[: end.start()] if end else data[:LONGEST_HEAD]
    return _OLD_SPACE.sub(rb"\1:", head) + data[len(head) :]


# ---------------------------------------------------------------------------------------------- headers


def _headers(message: "Message[str, str]") -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        raw = str(value)[:LONGEST_HEADER].encode("utf-8", "surrogateescape")
        found.setdefault(name.lower(), []).append(_decoded(raw, "utf-8").replace("\r", "").replace("\n", " "))
    return found


def _first(headers: dict[str, list[str]], name: str) -> str:
    return headers.get(name, [""])[0]


def _line(text: str) -> str:
    """A header as people read it."""
    try:
        parts = decode_header(text)
    except (HeaderParseError, binascii.Error, ValueError):
        parts = [(text, None)]
    pieces = [_decoded(part, charset or "ascii") if isinstance(part, bytes) else part for part, charset in parts]
    return clean_line(_BAD.sub("", "".join(pieces))[:LONGEST_HEADER], LONGEST_HEADER)


def _addresses(text: str) -> list[str]:
    """The addresses of a header. A name that looks like an address is a name: anybody can write one."""
    return find_emails(_QUOTED.sub(" ", _ENCODED.sub(" ", text)))


def _moment(text: str, problems: list[str]) -> int | None:
    try:
        at = parsedate_to_datetime(text)
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (TypeError, ValueError, IndexError, OverflowError):
        problems.append("no date" if not text.strip() else "unreadable date")
        return None


def _quiet(headers: dict[str, list[str]]) -> str:
    """Why a machine wrote it: bounces, answers out of the office, lists."""
    if _first(headers, "auto-submitted").split(";")[0].strip().lower() not in {"", "no"} or "x-autoreply" in headers:
        return "automatic answer"
    content = _first(headers, "content-type").lower()
    if content.startswith("multipart/report") or _first(headers, "return-path").strip() == "<>":
        return "report of a mail server"
    if _first(headers, "precedence").strip().lower() in _QUIET_PRECEDENCE or (
        "list-id" in headers and "list-unsubscribe" in headers
    ):
        return "mailing list"
    return ""


# ---------------------------------------------------------------------------------------------- content


def _parts(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        yield part


def _content(message: "Message[str, str]", problems: list[str]) -> tuple[str, list[str]]:
    """The text, plain if there is any; and the names of everything else."""
    plain: list[str] = []
    rich: list[str] = []
    attachments: list[str] = []
    inside_mail: set[int] = set()
    for part in _parts(message):
        if id(part) in inside_mail:
            continue
        kind, name = part.get_content_type(), _name(part)
        if part is not message and kind == "message/rfc822":
            inside_mail |= {id(inner) for inner in part.walk()}
            attachments.append(name or kind)
        elif part.is_multipart():
            continue
        elif kind in {"text/plain", "text/html"} and not name and _disposition(part) != "attachment":
            (plain if kind == "text/plain" else rich).append(_text(part, problems))
        else:
            attachments.append(f"{name or kind} ({_size(part)} kB)")
    text = "\n\n".join(piece.strip("\n") for piece in plain if piece.strip())
    if not text and rich:
        text = "\n\n".join(text_of_html(piece[:LONGEST_HTML]) for piece in rich)
    kept = _BAD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_TEXT]
    return clean_text(kept, LONGEST_TEXT).strip("\n"), attachments[:50]


def _text(part: "Message[str, str]", problems: list[str]) -> str:
    data = _bytes(part)
    try:
        return data.decode(codec_of(part.get_content_charset() or "utf-8"))
    except (LookupError, ValueError, MessageError):
        text = _decoded(data, "utf-8")
        if not data.isascii():
            problems.append("charset")
        return text


def _bytes(part: "Message[str, str]") -> bytes:
    try:
        found = part.get_payload(decode=True)
    except (ValueError, binascii.Error, MessageError):
        found = str(part.get_payload()).encode("utf-8", "surrogateescape")
    return found if isinstance(found, bytes) else b""


def _decoded(data: bytes, charset: str) -> str:
    """By its charset, else as UTF-8, else as what old mail programs wrote."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(codec_of(name))
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _name(part: "Message[str, str]") -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError, MessageError):
        name = "unreadable name"
    return _line(str(name))[:200] if name else ""


def _disposition(part: "Message[str, str]") -> str:
    text = str(part.get("content-disposition", "") or "")
    return text.split(";")[0].strip().lower()


def _size(part: "Message[str, str]") -> int:
    return max(1, round(len(_bytes(part)) / 1000))
