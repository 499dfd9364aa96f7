"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import board, health, lead_page, moves, quick_add, undo
from leadboard.web.bin import bp as bin_bp

BLUEPRINTS = [health.bp, board.bp, quick_add.bp, moves.bp, undo.bp, lead_page.bp, bin_bp]
