"""What somebody wrote, and what they quoted below it."""

import re

_WROTE = re.compile(
    r"^\s*(?:On|Am|Le|El|Il|Op|Dnia|W dniu|Em|Den|Στις)\b.{3,200}(?:wrote|schrieb|écrit|escribió|ha scritto|schreef|napisał(?:\(a\)|a)?|escreveu|skrev|έγραψε)[^\n]{0,80}:\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Messaggio originale|Wiadomość oryginalna|Forwarded message)\s*-{2,}",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[\s\-=_*~]{2,}$")


def split_quote(text: str) -> tuple[str, str]:
    """The letter without the mail it answers, and that mail. Quotations between answers stay where they are."""
    lines = text.split("\n")
    cut = next((number for number, line in enumerate(lines) if _ORIGINAL.match(line)), len(lines))
    if cut == len(lines):
        while cut and (not lines[cut - 1].strip() or lines[cut - 1].lstrip().startswith(">")):
            cut -= 1
        if not any(line.strip() for line in lines[cut:]):
            cut = len(lines)
        else:
            cut = _with_introduction(lines, cut)
    return "\n".join(lines[:cut]).strip("\n"), "\n".join(lines[cut:]).strip("\n")


def _with_introduction(lines: list[str], cut: int) -> int:
    """The line "… wrote:" belongs to what follows it; it may have been wrapped."""
    for count in (1, 2):
        if cut >= count and _WROTE.match(" ".join(lines[cut - count : cut])):
            return cut - count
    return cut


def as_written(text: str) -> str:
    """Plain text for a place that reads Markdown: signs that would make headings, rules and code of it are kept from it."""
    kept = []
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip(" \t"))
        line = line.lstrip(" \t") if indent > 3 else line
        kept.append(f"\\{line.lstrip()}" if line.strip() and (_RULE.match(line) or line.lstrip().startswith("#")) else line)
    return "\n".join(kept)
