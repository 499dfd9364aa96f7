"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import (
    account,
    activities,
    auth,
    board,
    health,
    imports,
    lead_page,
    moves,
    notes,
    quick_add,
    setup,
    tasks,
    timeline,
    undo,
)
from leadboard.web.bin import bp as bin_bp

BLUEPRINTS = [
    health.bp, auth.bp, setup.bp, account.bp,
    board.bp, quick_add.bp, moves.bp, undo.bp,
    timeline.bp, notes.bp, activities.bp, tasks.bp,
    lead_page.bp, bin_bp, imports.bp,
]  # fmt: skip
