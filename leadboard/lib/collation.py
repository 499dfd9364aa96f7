"""A text sort key that both engines compare bytewise: SQLite BINARY and PostgreSQL COLLATE "C" agree on it.

A key is a primary form and, for text that is not plain ASCII, U+001F and the accent form. The primary form is built so
that code point order is the order of the language:

- letters without case and accent, words parted by one space, other signs left out: "Ábel" and "acme" are "abel" and
  "acme", and so Ábel < acme < Łódź < Zebra;
- a letter of its own (Polish ł, Swedish å, Spanish ñ, Czech ch) is its neighbour followed by "~", which sorts behind
  every letter: ł is "l~", a second one behind the same neighbour (Polish ż after ź) is "z~~";
- a language written in another script than Latin has its alphabet on the characters from ";" to "`", one each: behind
  the digits, before the Latin letters, as those who write it expect;
- a run of digits has its length in front, so that "item 2" < "item 10".

The accent form only orders names that are equal otherwise (Abel < Ábel); names that differ in case alone have equal
keys and are left to the row's id. At most `KEY_LIMIT` characters.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from leadboard.lib.folding import fold

__all__ = ["KEY_LIMIT", "sort_key"]

KEY_LIMIT: Final = 200
_PRIMARY_LIMIT: Final = 140
_BETWEEN: Final = "\x1f"

# Letters of their own, each group "neighbour: letters in order". A letter of two signs is a contraction.
# Facts: CLDR 45 root and language collations, common/collation/*.xml (standard type).
_NORDIC: Final = "z: å ä ö"
_DANISH: Final = "z: æ/ä ø/ö å/aa"
_TURKISH: Final = "c: ç, g: ğ, h: ı, o: ö, s: ş, u: ü"
_CROATIAN: Final = "c: č ć, d: dž đ, l: lj, n: nj, s: š, z: ž"
_TAILORED: Final[dict[str, str]] = {
    "az": "c: ç, e: ə, g: ğ, h: x ı, k: q, o: ö, s: ş, u: ü",
    "bs": _CROATIAN,
    "cs": "c: č, h: ch, r: ř, s: š, z: ž",
    "cy": "c: ch, d: dd, f: ff, g: ng, l: ll, p: ph, r: rh, t: th",
    "da": _DANISH,
    "eo": "c: ĉ, g: ĝ, h: ĥ, j: ĵ, s: ŝ, u: ŭ",
    "es": "n: ñ",
    "et": "s: š z ž, w: õ ä ö ü",
    "fi": _NORDIC,
    "fil": "n: ñ ng",
    "fo": "d: ð, z: æ ø",
    "gl": "n: ñ",
    "hr": _CROATIAN,
    "hu": "c: cs, d: dz dzs, g: gy, l: ly, n: ny, o: ö/ő, s: sz, t: ty, u: ü/ű, z: zs",
    "is": "a: á, d: ð, e: é, i: í, o: ó, u: ú, y: ý, z: þ æ ö å",
    "lt": "c: č, s: š, z: ž",
    "lv": "c: č, g: ģ, k: ķ, l: ļ, n: ņ, s: š, z: ž",
    "mt": "b: ċ, f: ġ, g: għ, h: ħ, y: ż",
    "nb": _DANISH,
    "nn": _DANISH,
    "no": _DANISH,
    "pl": "a: ą, c: ć, e: ę, l: ł, n: ń, o: ó, s: ś, z: ź ż",
    "ro": "a: ă â, i: î, s: ș/ş, t: ț/ţ",
    "sk": "a: ä, c: č, h: ch, o: ô, s: š, z: ž",
    "sl": "c: č ć, d: đ, s: š, z: ž",
    "sq": "c: ç, d: dh, e: ë, g: gj, l: ll, n: nj, r: rr, s: sh, t: th, x: xh, z: zh",
    "sv": _NORDIC,
    "tr": _TURKISH,
    "vi": "a: ă â, d: đ, e: ê, o: ô ơ, u: ư",
}

# Other scripts: the whole alphabet in order; "/" joins letters of one place.
_ARABIC: Final = "ء ا ب ت ث ج ح خ د ذ ر ز س ش ص ض ط ظ ع غ ف ق ک ل م ن ه و ی"
_ALPHABETS: Final[dict[str, str]] = {
    "ar": _ARABIC,
    "be": "а б в г ґ д е ё ж з і й к л м н о п р с т у ў ф х ц ч ш ы ь э ю я",
    "bg": "а б в г д е ж з и/ѝ й к л м н о п р с т у ф х ц ч ш щ ъ ь ю я",
    "el": "α β γ δ ε ζ η θ ι κ λ μ ν ξ ο π ρ σ τ υ φ χ ψ ω",
    "fa": "ء آ ا ب پ ت ث ج چ ح خ د ذ ر ز ژ س ش ص ض ط ظ ع غ ف ق ک گ ل م ن و ه ی",
    "he": "א ב ג ד ה ו ז ח ט י כ/ך ל מ/ם נ/ן ס ע פ/ף צ/ץ ק ר ש ת",
    "mk": "а б в г д ѓ е ж з ѕ и/ѝ ј к л љ м н њ о п р с т ќ у ф х ц ч џ ш",
    "ru": "а б в г д е/ё ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я",
    "sr": "а б в г д ђ е ж з и ј к л љ м н њ о п р с т ћ у ф х ц ч џ ш",
    "uk": "а б в г ґ д е є ж з и і ї й к л м н о п р с т у ф х ц ч ш щ ь ю я",
    "ur": "ء آ ا ب پ ت ٹ ث ج چ ح خ د ڈ ذ ر ڑ ز ژ س ش ص ض ط ظ ع غ ف ق ک گ ل م ن ں و ه ی",
}
_DOTLESS: Final = frozenset(("tr", "az"))  # the capital of ı is I, that of i is İ
_FIRST_LETTER: Final = 0x3B  # ";": the 38 characters up to "`" lie between the digits and "a"

_DIGIT_RUN: Final = re.compile(r"[0-9]+")
# Signs inside a word leave no gap (O'Brien, S.A.); all others part words.
_ASCII_PRIMARY: Final = bytes(point if chr(point).isalnum() else 32 for point in range(128)).ljust(256)
_ASCII_LEFT_OUT: Final = bytes(
    point for point in range(128) if chr(point) in "'.`" or not (chr(point).isprintable() or chr(point).isspace())
)
_JOINING: Final = frozenset("'.`’‘ʼ·")


def _measured(run: re.Match[str]) -> str:
    """Digits behind their length: one sign up to eight digits, two for more."""
    digits = run.group().lstrip("0") or "0"
    length = len(digits)
    return f"{length}{digits}" if length < 9 else f"9{min(length - 9, 9)}{digits}"


class _Weights(dict[int, str]):
    """The primary form of each character for one language, filled as characters are met."""

    def __init__(self, letters: dict[str, str]) -> None:
        super().__init__({ord(letter): weight for letter, weight in letters.items() if len(letter) == 1})

    def __missing__(self, point: int) -> str:
        char = chr(point)
        weight = "" if char in _JOINING else self._weight(char)
        if len(self) < 20_000:
            self[point] = weight
        return weight

    def _weight(self, char: str) -> str:
        # Russian й and Ukrainian ї are letters though Unicode takes them apart; Cyrillic is in order as it stands.
        if "Ѐ" <= char <= "ӿ" and char not in "ёЁ":
            return char.lower()
        category = unicodedata.category(char)
        folded = fold(char)
        if category[0] in "LN" or category in ("Mn", "Mc"):
            return "".join(self.get(ord(part), part) for part in folded)
        return "" if category in ("Cf", "Cc", "Me") and not char.isspace() else " "


def _letters_of(language: str) -> dict[str, str]:
    """Weight by letter (of one or more signs) for the letters the language orders in its own way."""
    letters: dict[str, str] = {}
    for group in filter(None, _TAILORED.get(language, "").split(", ")):
        neighbour, _, followers = group.partition(": ")
        for place, follower in enumerate(followers.split(), 1):
            letters.update(dict.fromkeys(follower.split("/"), neighbour + "~" * place))
    for place, follower in enumerate(_ALPHABETS.get(language, "").split()):
        letters.update(dict.fromkeys(follower.split("/"), chr(_FIRST_LETTER + place)))
    return letters


@lru_cache(maxsize=64)
def _primary_of(language: str) -> tuple[Callable[[str], str], bool, bool]:
    """How a language turns lower-case NFC text into primary letters, whether plain ASCII needs it at all, whether I is ı."""
    language = language[:3].rstrip("_-").lower()
    letters = _letters_of(language)
    weights = _Weights(letters)
    long = sorted((letter for letter in letters if len(letter) > 1), key=len, reverse=True)
    if not long:
        return (lambda text: text.translate(weights)), "ı" in letters or any(map(str.isascii, letters)), language in _DOTLESS
    pattern = re.compile("|".join(long))
    pieces = {letter: letters[letter] for letter in long}

    def contracted(text: str) -> str:
        parts: list[str] = []
        start = 0
        for found in pattern.finditer(text):
            parts += (text[start : found.start()].translate(weights), pieces[found.group()])
            start = found.end()
        return "".join(parts) + text[start:].translate(weights)

    return contracted, True, language in _DOTLESS


@lru_cache(maxsize=1024)
def sort_key(text: str, language: str) -> str:
    """The stored key that lists of this text are sorted by. The last ones are kept: rows of one company come together.

    :param language: a language or locale ("pl", "sv_SE", "pt-BR"); one without rules of its own is sorted like English
    """
    primary_of, tailors_ascii, is_dotless = _primary_of(language)
    if text.isascii() and not tailors_ascii:
        accents = ""
        plain = text.encode().lower().translate(_ASCII_PRIMARY, _ASCII_LEFT_OUT).decode()
    else:
        if is_dotless:
            text = text.replace("I", "ı").replace("İ", "i")
        lowered = unicodedata.normalize("NFC", text).lower()
        plain = primary_of(lowered)
        # PostgreSQL stores no NUL.
        accents = "" if text.isascii() else _BETWEEN + " ".join(lowered.replace("\0", "").split())
    primary = " ".join(plain.split())
    if _DIGIT_RUN.search(primary):
        primary = _DIGIT_RUN.sub(_measured, primary)
    return (primary[:_PRIMARY_LIMIT] + accents)[:KEY_LIMIT]
