"""Views: parse, call, render. BLUEPRINTS is what app.py registers."""

from leadboard.web import account, auth, health, setup
from leadboard.web.admin import lists, people, pipelines, settings

BLUEPRINTS = [health.bp, auth.bp, setup.bp, account.bp, people.bp, settings.bp, pipelines.bp, lists.bp]
