"""By what a lead, a contact or an organisation is reached: all its e-mails and phones as one small form, also without JavaScript."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, request
from flask_babel import gettext

from leadboard.domain.points import MOST_POINTS, Point, check_point
from leadboard.domain.reached import reached_by, set_reached
from leadboard.errors import N_, Conflict, Refused
from leadboard.http import Toast, current_actor, go, message_of, needs, render
from leadboard.models.contact_points import PointKind
from leadboard.permissions import Permission
from leadboard.queries.hosts import HostKey, host_title
from leadboard.web.record_routes import RecordRef, on_records

bp = Blueprint("reached", __name__)

KINDS = ((PointKind.EMAIL, N_("E-mail")), (PointKind.PHONE, N_("Phone")))
# With the record's own two, and what a browser may add before it is told.
MOST_ROWS = MOST_POINTS + 100


@dataclass
class Row:
    """A line of the form as it was typed. `is_first`: the record's own address or number, which has no label."""

    kind: str
    text: str = ""
    label: str = ""
    error: str = ""
    is_first: bool = False


@dataclass
class ReachedPage:
    """`was` is the list that the form was made from, `theirs` what a colleague made of it meanwhile."""

    host: RecordRef
    rows: list[Row]
    was: str
    error: str = ""
    theirs: Sequence[Point] = ()
    kinds: tuple[tuple[str, str], ...] = field(default=KINDS)


@on_records(bp, "/reached", methods=("GET", "POST"))
@needs(Permission.WRITE)
def edit(key: HostKey) -> Response:
    """Save the rows; or show the form again with another row, without one, or in another order."""
    actor = current_actor()
    stored = reached_by(*key, actor)
    if request.method == "GET":
        page = ReachedPage(RecordRef(key, host_title(key, actor)), [Row(*point) for point in stored], _packed(stored))
        return _shown(page, spare=True)
    page = ReachedPage(RecordRef(key, host_title(key, actor)), _typed(), request.form.get("was", ""))
    act, _, number = request.form.get("act", "").partition("-")
    if act:
        return _arranged(page, act, number)
    points = _checked(page)
    if points is None:
        return _shown(page, status=422)
    try:
        done = set_reached(*key, points, actor=actor, was=_unpacked(page.was))
    except Conflict as conflict:
        page.error, page.theirs, page.was = message_of(conflict), conflict.details, _packed(conflict.details)
        return _shown(page, status=409)
    except Refused as refusal:
        page.error = message_of(refusal)
        return _shown(page, status=422)
    toast = Toast(gettext("E-mails and phones saved"), "good", done) if done else Toast(gettext("Nothing changed"))
    return go(page.host.url, toast=toast)


def _typed() -> list[Row]:
    form = request.form
    rows = [Row(*parts) for parts in zip(form.getlist("kind"), form.getlist("text"), form.getlist("label"), strict=False)]
    if len(rows) > MOST_ROWS:
        raise Refused(N_("At most %(most)d addresses and numbers fit."), field="points", most=MOST_POINTS)
    return rows


def _arranged(page: ReachedPage, act: str, number: str) -> Response:
    """What the small buttons do: nothing is saved yet."""
    rows = page.rows
    if act in {"first", "drop"} and number.isdecimal() and int(number) < len(rows):
        row = rows.pop(int(number))
        if act == "first":
            rows.insert(0, row)
    return _shown(page, spare=act != "drop")


def _checked(page: ReachedPage) -> list[Point] | None:
    """What was typed; None when a row cannot be taken: it then has an error. An empty row is no row."""
    points = []
    for row in page.rows:
        if not row.text.strip():
            continue
        try:
            points.append(check_point(Point(row.kind, row.text, row.label)))
        except Refused as refusal:
            row.error = message_of(refusal)
    return None if any(row.error for row in page.rows) else points


def _shown(page: ReachedPage, *, spare: bool = False, status: int = 200) -> Response:
    """With a free row at the end; the first of each kind are marked."""
    if spare and (not page.rows or page.rows[-1].text.strip()):
        page.rows.append(Row(PointKind.EMAIL))
    seen = set()
    for row in page.rows:
        row.is_first = bool(row.text.strip()) and row.kind not in seen
        if row.is_first:
            seen.add(row.kind)
    return render("records/reached.html", page, status=status)


def _packed(points: Sequence[Point]) -> str:
    return json.dumps(points, ensure_ascii=False)


def _unpacked(text: str) -> list[Point] | None:
    """The list that the form was made from; None when somebody wrote something else there."""
    try:
        found = json.loads(text)
        return [Point(*(str(part) for part in point)) for point in found]
    except (ValueError, TypeError):
        return None
