"""What can go wrong for a user, as exceptions that the web, the shell and the API each translate once.

A message is a marked literal (`N_`) with %(name)s places; `params` fill them after translation.
"""

from collections.abc import Sequence
from typing import Any


def N_(message: str) -> str:
    """Mark a literal for translation where it is written; it is translated where it is shown."""
    return message


class Words(str):
    """Texts of ours inside a message, such as names of fields: translated with it, one by one."""

    parts: Sequence[str]

    def __new__(cls, parts: Sequence[str]) -> "Words":
        made = super().__new__(cls, ", ".join(parts))
        made.parts = parts
        return made


class LeadboardError(Exception):
    """The family; `message` is for the user and names the way out."""

    def __init__(self, message: str, *, field: str | None = None, **params: Any) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.field = field
        self.params = params


class Refused(LeadboardError):
    """A rule said no, or the input is wrong. `field` names the input it is about."""


class Unknown(Refused):
    """An address asks for something that there is not; the message lists what there is."""


class InvalidInput(Refused):
    """Several inputs are wrong at once; each of `problems` names its field."""

    def __init__(self, message: str, problems: Sequence[Refused], **params: Any) -> None:
        super().__init__(message, **params)
        self.problems = problems


class Incomplete(InvalidInput):
    """Inputs that must be filled are empty."""


class Malformed(LeadboardError):
    """The request cannot be read at all."""


class WrongMediaType(LeadboardError):
    """The body is of a kind that is not read here."""


class TokenNeeded(LeadboardError):
    """The request carries no token, or none that is good. `is_wrong` tells the two apart."""

    def __init__(self, message: str, *, is_wrong: bool = False) -> None:
        super().__init__(message)
        self.is_wrong = is_wrong


class NotAllowed(LeadboardError):
    """The actor's role does not include this."""


class MissingScope(NotAllowed):
    """The token was not given for this."""


class NotFound(LeadboardError):
    """No such record, or none that the actor may see: the two are told apart to nobody."""


class Conflict(LeadboardError):
    """Somebody changed the same thing first. `details` holds what both sides have."""

    def __init__(self, message: str, *, details: Any = None, field: str | None = None, **params: Any) -> None:
        super().__init__(message, field=field, **params)
        self.details = details


class TooManyTries(LeadboardError):
    """Wait `retry_after_s` seconds, then the same may work."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message, seconds=retry_after_s)
        self.retry_after_s = retry_after_s


class SettingsProblem(LeadboardError):
    """A setting is wrong; the message says which one and how to set it right."""


class DatabaseProblem(LeadboardError):
    """The database cannot be used as it is: newer, corrupt, read-only, unreachable."""


class PluginFailed(LeadboardError):
    """A page of a plugin raised, or was given up after several failures. The admin's page of the plugin has the traceback."""
