"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import board, health, imports, moves, quick_add, undo

BLUEPRINTS = [health.bp, board.bp, quick_add.bp, moves.bp, undo.bp, imports.bp]
