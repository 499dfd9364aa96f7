"""What a person may type about a record: the shape that forms, inline edit, list, import, export and API share."""

from dataclasses import dataclass
from enum import StrEnum

# As events, custom fields and contact points name them.
RECORD_TYPES = ("lead", "contact", "organisation")
# What hangs on a record and has words of its own.
ENTRY_TYPES = ("note", "task", "activity")


class FieldKind(StrEnum):
    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    COUNTRY = "country"
    INTEGER = "integer"
    PERCENT = "percent"
    MONEY = "money"
    CURRENCY = "currency"
    DAY = "day"
    CHOICE = "choice"
    USER = "user"
    SOURCE = "source"
    ORGANISATION = "organisation"


_RECORDS = frozenset({FieldKind.USER, FieldKind.SOURCE, FieldKind.ORGANISATION})


@dataclass(frozen=True)
class RecordField:
    """What is typed under `name`; `limit` the most characters; `options` (value, label) of a choice."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    limit: int = 200
    icon: str = "info-circle"
    options: tuple[tuple[str, str], ...] = ()

    @property
    def column(self) -> str:
        """Where its value is kept: one that stands for a record is kept as that record's id."""
        return f"{self.name}_id" if self.kind in _RECORDS else self.name
