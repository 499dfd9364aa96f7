"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import activities, board, health, moves, notes, quick_add, tasks, timeline, undo

BLUEPRINTS = [health.bp, board.bp, quick_add.bp, moves.bp, undo.bp, timeline.bp, notes.bp, activities.bp, tasks.bp]
