"""Which column of a file is which field of a lead, by the column's name and by what stands in it."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final

from leadboard.lib.column_names import AMBIGUOUS, NAMES, PREFIXES
from leadboard.lib.emails import email_key
from leadboard.lib.folding import fold, to_ascii_digits
from leadboard.lib.money import AmountError, read_amount

__all__ = ["FIELDS", "looks_like_header", "record_of", "suggest"]

FIELDS: Final = tuple(NAMES)
"""The fields a column can be suggested for, ours by name; "note" is text that becomes a note."""

_MANY: Final = frozenset(("note",))  # fields that may take several columns
_SIGNS: Final = re.compile(r"[\W_]+")
_CUSTOM: Final = re.compile(r"__c$|\.name$", re.I)  # Salesforce's custom fields and lookups
_SAMPLE_ROWS: Final = 200
_SAMPLE_CELLS: Final = 50


def _key(header: str) -> str:
    """A header without case, accents, spaces and signs: "E-mail 1 - Value", "LAST_NAME" and "LastName" lose the difference."""
    return _SIGNS.sub("", fold(_CUSTOM.sub("", header.strip())))


def _scored_names() -> dict[str, dict[str, int]]:
    """Score by field for every known name: 100 for a field's first name, less for later ones, 50 at least."""
    table: dict[str, dict[str, int]] = {}
    for name_field, names in NAMES.items():
        for place, name in enumerate(names.split(",")):
            table.setdefault(_key(name), {}).setdefault(name_field, max(100 - place, 50))
    return table


_SCORES: Final = _scored_names()
_PREFIXES: Final = sorted(map(_key, PREFIXES.split()), key=len, reverse=True)
_STRIPPED_COSTS: Final = 15


def _scores_of(header: str, kind: str) -> dict[str, int]:
    """Score by field of one header; `kind` is what the table is about: people, deals or firms."""
    key = _key(header)
    if key in AMBIGUOUS:
        meant = AMBIGUOUS[key][kind]
        return {meant: 75} if meant else {}
    if key in _SCORES:
        return _SCORES[key]
    for prefix in _PREFIXES:
        rest = key.removeprefix(prefix)
        if rest != key and rest in _SCORES:
            return {name: score - _STRIPPED_COSTS for name, score in _SCORES[rest].items()}
    return {}


# Two of these names, written so, are found in our own exports only; there every name means itself, "title" too.
_OUR_NAMES: Final = frozenset(("person_name", "organisation_name", "value_amount", "expected_close_on", "stage_entered_at"))


def _kind_of(headers: Iterable[str]) -> str:
    """Whether the table lists people, deals or firms."""
    fields: set[str] = set()
    for header in headers:
        fields.update(_SCORES.get(_key(header), ()))
    if fields & {"given_name", "family_name", "email"}:
        return "people"
    if fields & {"value_amount", "stage", "expected_close_on", "closed_at", "probability"}:
        return "deals"
    if "organisation_name" not in fields and fields & {"industry", "employees", "website"}:
        return "firms"
    return "people"


# --- what stands in a column -----------------------------------------------------------------------------------------

_LINK: Final = re.compile(r"(?:https?://|www\.)\S+$|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?$", re.I)
_PHONE: Final = re.compile(r"(?:\w{1,3}:)?\+?[\d\s()./\-–]{6,}(?:\D{1,6}\d{1,6})?$")
_DAY: Final = re.compile(r".*\d.*\d")
_DAY_SHAPE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_INTERESTS: Final = frozenset(("cold", "warm", "hot"))
_QUALIFICATIONS: Final = frozenset(("suspect", "prospect", "mql", "sql", "lead", "subscriber", "opportunity", "customer"))


def _is_amount(text: str) -> bool:
    try:
        read_amount(text, "EUR")
    except AmountError:
        return False
    return True


def _is_email(text: str) -> bool:
    return any(email_key(part) is not None for part in re.split(r"[,;\s]+(?=\S+@)|:::", text))


def _is_phone(text: str) -> bool:
    plain = to_ascii_digits(text)
    return bool(_PHONE.match(plain)) and sum(map(str.isdigit, plain)) >= 6 and not _DAY_SHAPE.match(plain)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


# A column so named but filled with something else is not that field.
_SHAPES: Final[dict[str, Callable[[str], bool]]] = {
    "email": _is_email,
    "phone": lambda text: sum(map(str.isdigit, text)) >= 3,
    "website": lambda text: bool(_LINK.match(text.strip())),
    "employees": _has_digit,
    "value_amount": _is_amount,
    "probability": _has_digit,
    "expected_close_on": lambda text: bool(_DAY.match(to_ascii_digits(text))),
    "stage_entered_at": lambda text: bool(_DAY.match(to_ascii_digits(text))),
    "closed_at": lambda text: bool(_DAY.match(to_ascii_digits(text))),
    "created_at": lambda text: bool(_DAY.match(to_ascii_digits(text))),
    "owner": lambda text: not _is_amount(text),
}


def _share(cells: Sequence[str], is_shape: Callable[[str], bool]) -> float:
    return sum(map(is_shape, cells)) / len(cells) if cells else 0.0


def _vote(scores: dict[str, int], cells: Sequence[str]) -> dict[str, int]:
    """The scores after a look at the cells: a wrong shape strikes a field out, a telling one brings a nameless one in."""
    if not cells:
        # A column with something in it wins over an empty one of a better name.
        return {name: score - 40 for name, score in scores.items()}
    kept = {name: score for name, score in scores.items() if name not in _SHAPES or _share(cells, _SHAPES[name]) >= 0.4}
    words = {cell.strip().lower() for cell in cells}
    if words <= _INTERESTS and "stage" in kept:
        return {"interest": 70}
    if words <= _QUALIFICATIONS and len(words) > 1 and "stage" in kept:
        kept["qualification"] = kept["stage"] - 1
    if not scores:
        if _share(cells, _is_email) >= 0.8:
            return {"email": 40}
        if _share(cells, _is_phone) >= 0.8 and _share(cells, lambda cell: cell.strip().startswith(("+", "0", "(", "tel"))) >= 0.5:
            return {"phone": 35}
        if _share(cells, lambda cell: cell.startswith(("http://", "https://", "www."))) >= 0.8:
            return {"website": 30}
    return kept


def _settle_close_date(scores: list[dict[str, int]], headers: Sequence[str]) -> None:
    """ "Close date" is the hoped-for day, unless another column holds that or the table tells when deals began."""
    fields = {name for one in scores for name in one}
    is_told = any("expected_close_on" in one and not _is_close_date(header) for one, header in zip(scores, headers, strict=True))
    if is_told or "stage_entered_at" in fields:
        for one, header in zip(scores, headers, strict=True):
            if _is_close_date(header) and "expected_close_on" in one:
                one["closed_at"] = one.pop("expected_close_on")


def _is_close_date(header: str) -> bool:
    return _key(header) in ("closedate", "closingdate", "dealclosedate", "abschlussdatum")


_MARKS: Final = {
    "contact": "recordidcontact contactid contactowner personname personid linkedinurl firstseen email1value email2value businessphone"
    " businessstreet screenname connectedon telefongeschaftlich",
    "organisation": "recordidcompany companyid companyowner organizationname organisationname accountname parentaccount parentcompany companydomainname",
}
_OF_DEALS: Final = frozenset(
    [
        "dealname",
        "dealtitle",
        "dealstage",
        "opportunityname",
        "opportunityid",
        "leadid",
        "leadname",
        "leadowner",
        "leadsource",
        "lead",
    ]
)
_FILE_NAMES: Final = {
    "contact": re.compile(r"contacts?|people|persons?|kontakte?|kontakty|address ?book|connections"),
    "organisation": re.compile(r"accounts?|compan(?:y|ies)|organi[sz]ations?|firms?|firmen|firmy"),
}


def record_of(headers: Sequence[str], file_name: str = "") -> str:
    """Whether the rows are people ("contact") or firms ("organisation") and no deals; "" when that is not certain.

    A list of deals names people and firms, too, so what tells of deals or leads goes first.
    """
    keys = [_SIGNS.sub("", fold(header)) for header in headers]
    fields = {name for header in headers for name in _SCORES.get(_key(header), ())}
    if _OF_DEALS & set(keys):
        return ""
    if set(_MARKS["contact"].split()) & set(keys):
        return "contact"
    if {"organizationname", "organizationid"} <= set(keys):
        return "organisation"
    if fields & {"value_amount", "stage", "expected_close_on", "closed_at", "probability", "lost_reason"}:
        return ""
    if any(word in key for key in keys for word in ("lead", "deal", "opportunit")):
        return ""
    has_person = bool(fields & {"given_name", "family_name"})
    name = _SIGNS.sub(" ", fold(file_name))
    if not has_person and "email" not in fields and "person_name" not in fields - _named_both(headers):
        marks = set(_MARKS["organisation"].split())
        if marks & set(keys) and fields & {"industry", "employees", "website", "parent", "phone", "city", "country"}:
            return "organisation"
        if "parent" in fields or (fields & {"industry", "employees"} and "organisation_name" in fields):
            return "organisation"
        if _FILE_NAMES["organisation"].search(name):
            return "organisation"
    return "contact" if _FILE_NAMES["contact"].search(name) and (has_person or "email" in fields) else ""


def _named_both(headers: Sequence[str]) -> set[str]:
    """person_name, when only a column such as "Name" may be one, which may as well be a firm's."""
    told = any("person_name" in _SCORES.get(_key(header), ()) for header in headers if _key(header) not in AMBIGUOUS)
    return set() if told else {"person_name"}


def suggest(headers: Sequence[str], samples: Sequence[Sequence[str]] = (), kind: str | None = None) -> dict[str, str]:
    """Field by header for the columns that are recognised; never two columns for one field, notes aside.

    :param headers: as `tables.Table.headers`, all different
    :param samples: some rows; up to 200 are looked at
    :param kind: what the table is about: people, deals or firms; found when it is not said
    """
    kind = kind or _kind_of(headers)
    is_ours = len(_OUR_NAMES.intersection(headers)) >= 2
    rows = list(islice(samples, _SAMPLE_ROWS))
    scores: list[dict[str, int]] = []
    for column, header in enumerate(headers):
        named = {header: 200} if is_ours and header in NAMES else _scores_of(header, kind)
        cells = [row[column] for row in rows if column < len(row) and row[column].strip()][:_SAMPLE_CELLS]
        scores.append(dict(_vote(named, cells) if rows else named))
    _settle_close_date(scores, headers)
    ranked = sorted(
        ((score, column, name) for column, one in enumerate(scores) for name, score in one.items()),
        key=lambda entry: (-entry[0], entry[1], entry[2]),
    )
    found: dict[int, str] = {}
    taken: set[str] = set()
    for score, column, name in ranked:
        if column in found or (name in taken and name not in _MANY) or score <= 0:
            continue
        found[column] = name
        taken.add(name)
    return {headers[column]: found[column] for column in sorted(found)}


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether a row names at least two fields and most of it is names: the header of a known export."""
    filled = [cell for cell in cells if cell.strip()]
    known = {_key(cell) for cell in filled if _key(cell) in _SCORES or _key(cell) in AMBIGUOUS}
    return len(known) >= 2 and not any(email_key(cell) for cell in filled) and len(known) * 4 >= len(filled)
