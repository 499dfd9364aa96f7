"""What may be typed to filter each type of records, and with what it is read."""

from leadboard.permissions import Actor
from leadboard.queries.lead_filter import known_values
from leadboard.queries.lead_query import LEADS
from leadboard.queries.party_query import CONTACTS, ORGANISATIONS, party_reader
from leadboard.queries.query_columns import Reader
from leadboard.queries.record_filter import known_owners
from leadboard.queries.typed_query import Language

LANGUAGES: dict[str, Language] = {one.record_type: one for one in (LEADS, CONTACTS, ORGANISATIONS)}


def language_of(record_type: str) -> Language:
    return LANGUAGES[record_type]


def reader_for(record_type: str, actor: Actor) -> Reader:
    """One or two statements."""
    return known_values().reader(actor) if record_type == "lead" else party_reader(actor, known_owners().names)
