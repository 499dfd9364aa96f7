"""For monitors: alive, and ready to serve."""

from flask import Blueprint, Response, jsonify

from leadboard.db import one
from leadboard.http import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """200 while the process answers; asks nothing of the database."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> Response:
    """200 when the database answers (a failing one ends in the 503 of web/errors.py)."""
    one("select 1")
    return jsonify(status="ok")
