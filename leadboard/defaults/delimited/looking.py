"""What there is to know before a delimited file can be read: its encoding and its separator."""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from leadboard.defaults.delimited.kinds import check_kind
from leadboard.defaults.delimited.reading import DELIMITERS, DelimitedTable, guess_delimiter, open_table
from leadboard.errors import N_, Refused
from leadboard.file_formats import ReaderChoice, ReaderOption
from leadboard.lib.encodings import codec_of, detect_file

PREVIEW_LINES = 8
_HEAD = 256 * 1024
_NAMES = {",": ",", ";": ";", "\t": "tab", "|": "|"}


def look(path: Path, given: Mapping[str, str], languages: Sequence[str]) -> list[ReaderOption]:
    """The encoding, certain or asked with what each makes of the file; the separator, found unless said."""
    with path.open("rb") as file:
        check_kind(file.read(1 << 20))
    try:
        return _questions(path, given, languages)
    except LookupError as error:
        raise _unknown(given.get("encoding", "")) from error


def _questions(path: Path, given: Mapping[str, str], languages: Sequence[str]) -> list[ReaderOption]:
    said = given.get("encoding", "")
    if said:
        codec_of(said)
    detected = detect_file(path, tuple(languages))
    encoding = said or detected.encoding
    delimiter = given.get("delimiter", "")
    if delimiter not in {"", *DELIMITERS}:
        raise Refused(N_("The separator must be one of: , ; tab |"), field="delimiter")
    if encoding is not None and not delimiter:
        delimiter = guess_delimiter(_head(path, encoding))
    candidates = dict.fromkeys([*detected.candidates, *([said] if said else [])])
    return [
        ReaderOption(
            name="encoding",
            label=N_("Which one reads right?"),
            choices=tuple(ReaderChoice(value=name, lines=preview_lines(path, name)) for name in candidates),
            value=encoding,
            marks_letters=True,
            question=N_("It is not certain in which encoding this file is. Likely: %(likely)s."),
            help=N_(
                "This file does not say in which encoding it was written. Choose the one in which the marked letters read right:"
                " a wrong one damages names in every row."
            ),
        ),
        ReaderOption(
            name="delimiter",
            label=N_("Separator"),
            choices=(
                ReaderChoice(value="", label=N_("Find it")),
                *(ReaderChoice(value=sign, label=name) for sign, name in _NAMES.items()),
            ),
            value=delimiter,
        ),
    ]


def _unknown(encoding: str) -> Refused:
    return Refused(N_("%(text)s is not an encoding. Use e.g. utf-8 or cp1250."), field="encoding", text=encoding[:40])


def _head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return file.read(_HEAD)


def preview_lines(path: Path, encoding: str) -> tuple[str, ...]:
    """The first lines as they read in an encoding, lines with letters beyond ASCII first: those tell which one is right."""
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        lines = [line.rstrip("\n")[:300] for line in islice((line for line in file if line.strip()), 20_000)]
    telling = [line for line in lines[1:] if not line.isascii()]
    return (*lines[:1], *telling[: PREVIEW_LINES - 1])


def describe(options: Mapping[str, str]) -> str:
    """utf-8 · ;"""
    return f"{options.get('encoding', '')} · {_NAMES.get(options.get('delimiter', ''), '')}"


def open_file(path: Path, options: Mapping[str, str]) -> DelimitedTable:
    """The table behind its header. Raises FileProblem, Refused."""
    try:
        codec_of(options["encoding"])
        return open_table(path, options["encoding"], options["delimiter"])
    except LookupError as error:
        raise _unknown(options.get("encoding", "")) from error
