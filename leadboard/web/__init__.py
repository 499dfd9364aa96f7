"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import account, auth, board, health, moves, quick_add, setup, undo

BLUEPRINTS = [
    health.bp, auth.bp, setup.bp, account.bp,
    board.bp, quick_add.bp, moves.bp, undo.bp,
]  # fmt: skip
