"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import health

BLUEPRINTS = [health.bp]
