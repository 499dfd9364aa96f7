"""Ids in addresses, forms and headers: as large as a database can hold them."""


def as_number(text: str) -> int:
    """A whole number of a form, a query or a header. Raises ValueError beyond what a database counts."""
    number = int(text)
    if not abs(number) < 10**18:
        raise ValueError(text[:40])
    return number


def as_id(text: str) -> int:
    """A number of a form or a query. Raises ValueError for signs, other digits, and beyond what a database counts."""
    if not is_id(text):
        raise ValueError(text[:40])
    return int(text)


def ids_in(text: str) -> list[int]:
    """The numbers of a list such as 3,1,2; what is none is left out."""
    return [int(part) for part in text.split(",") if is_id(part)]


def is_id(text: str) -> bool:
    """Whether this is a number that a record could have."""
    return text.isascii() and text.isdecimal() and len(text) < 19
