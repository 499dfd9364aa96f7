"""Where cards stand, as the database has it."""

from leadboard.models import Event, Lead


def ids_of(stage):
    """The cards of a stage, top to bottom, as the board shows them."""
    on_board = (Lead.stage == stage) & Lead.deleted_at.is_null() & Lead.snoozed_until.is_null()
    return [lead.id for lead in Lead.select(Lead.id).where(on_board).order_by(Lead.position)]


def kinds():
    """The kinds of all events, oldest first."""
    return [event.kind for event in Event.select().order_by(Event.id)]
