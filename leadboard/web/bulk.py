"""What is done with ticked records, or with one, at once: given to somebody, put in the bin, taken out of it. One action, undone as one."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from flask import Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.domain.bulk import choose_task, draft_bulk
from leadboard.domain.bulk_undo import MOST_AT_ONCE
from leadboard.domain.leads import assign_leads, delete_leads, restore_leads
from leadboard.domain.parties import assign_parties, delete_parties, restore_parties
from leadboard.errors import N_, Refused
from leadboard.http import Toast, current_actor, go
from leadboard.lib.ids import as_id
from leadboard.queries.record_list import records_changed
from leadboard.web.merge_view import compare_url

MOST_SELECTED = 5000
# What is done with all that match, or with very many, is looked at first.
DRAFTED = {"assign", "delete", "change"}
_NONE_TICKED = {
    "lead": N_("Tick the leads first."), "contact": N_("Tick the contacts first."), "organisation": N_("Tick the organisations first."),
}  # fmt: skip
_TOLD: dict[tuple[str, str], Callable[[int], str]] = {
    ("lead", "assign"): lambda n: ngettext("%(num)d lead assigned", "%(num)d leads assigned", n),
    ("lead", "delete"): lambda n: ngettext("%(num)d lead is in the bin", "%(num)d leads are in the bin", n),
    ("lead", "restore"): lambda n: ngettext("%(num)d lead restored", "%(num)d leads restored", n),
    ("contact", "assign"): lambda n: ngettext("%(num)d contact assigned", "%(num)d contacts assigned", n),
    ("contact", "delete"): lambda n: ngettext("%(num)d contact is in the bin", "%(num)d contacts are in the bin", n),
    ("contact", "restore"): lambda n: ngettext("%(num)d contact restored", "%(num)d contacts restored", n),
    ("organisation", "assign"): lambda n: ngettext("%(num)d organisation assigned", "%(num)d organisations assigned", n),
    ("organisation", "delete"): lambda n: ngettext(
        "%(num)d organisation is in the bin", "%(num)d organisations are in the bin", n
    ),
    ("organisation", "restore"): lambda n: ngettext("%(num)d organisation restored", "%(num)d organisations restored", n),
}


def selected() -> list[int]:
    """The ticked records of a form, or the `only` one whose own button was pressed. Raises Refused."""
    ids = request.form.getlist("only") or request.form.getlist("id")
    if len(ids) > MOST_SELECTED:
        raise Refused(N_("At most %(most)d at once. Narrow the filter."), field="id", most=MOST_SELECTED)
    try:
        return [as_id(text) for text in ids]
    except ValueError as error:
        raise Refused(N_("These are no rows of the list. Reload it."), field="id") from error


def none_ticked(record_type: str, back: str) -> Response:
    return go(back, toast=Toast(gettext(_NONE_TICKED[record_type]), "error"))


def bulk_action(record_type: str, back: str) -> Response:
    """Assign, merge or delete the ticked records, as the form says. Raises Refused, NotAllowed.

    What concerns many, or has to be asked for, goes on as a draft: a page that shows it before it is done.
    """
    ids = selected()
    action = request.form.get("action")
    if request.form.get("all") and action in DRAFTED:
        return _drafted(record_type, back, args=dict(parse_qsl(request.form.get("filter", ""))))
    if not ids:
        return none_ticked(record_type, back)
    if action == "change" or (len(ids) > MOST_AT_ONCE and action in DRAFTED):
        return _drafted(record_type, back, ids=ids)
    if action == "delete":
        return deleted(record_type, ids, back)
    if action == "assign":
        return assigned(record_type, ids, back)
    if action == "merge":
        return _two_of(record_type, ids, back)
    raise Refused(N_("Say what to do with them: assign, change, merge or delete."), field="action")


def _drafted(record_type: str, back: str, **selection: Any) -> Response:
    """The selection as a draft, and the page that goes on with it: what is to be done, or what it would do."""
    actor, action = current_actor(), request.form["action"]
    run_id = draft_bulk(record_type, actor=actor, sort=request.form.get("sort", ""), **selection)
    if action == "change":
        return go(url_for("bulk.show", run_id=run_id, next=back))
    owner_id = _asked_owner() if action == "assign" else None
    choose_task(run_id, {"verb": action, "owner": owner_id}, actor=actor)
    return go(url_for("bulk.show", run_id=run_id, next=back))


def _asked_owner() -> int | None:
    owner_id = request.form.get("owner", type=as_id)
    if owner_id is None and request.form.get("owner"):
        raise Refused(N_("This owner no longer exists. Choose another one."), field="owner")
    return owner_id


def _two_of(record_type: str, ids: list[int], back: str) -> Response:
    """The page of the merge, for exactly two."""
    if len(ids) != 2:
        return go(back, toast=Toast(gettext("Tick exactly two to merge them."), "error"))
    return go(compare_url(record_type, ids[0], ids[1]))


def assigned(record_type: str, ids: list[int], back: str) -> Response:
    """Given to the `owner` of the form."""
    owner_id, actor = _asked_owner(), current_actor()
    if record_type == "lead":
        done = assign_leads(ids, owner_id=owner_id, actor=actor)
    else:
        done = assign_parties(record_type, ids, owner_id=owner_id, actor=actor)
    return _told(record_type, "assign", done, back)


def deleted(record_type: str, ids: list[int], back: str) -> Response:
    actor = current_actor()
    done = delete_leads(ids, actor=actor) if record_type == "lead" else delete_parties(record_type, ids, actor=actor)
    return _told(record_type, "delete", done, back)


def restored(record_type: str, ids: list[int], back: str) -> Response:
    actor = current_actor()
    done = restore_leads(ids, actor=actor) if record_type == "lead" else restore_parties(record_type, ids, actor=actor)
    return _told(record_type, "restore", done, back)


def _told(record_type: str, verb: str, change_set_id: int | None, back: str) -> Response:
    if change_set_id is None:
        return go(back, toast=Toast(gettext("Nothing changed")))
    text = _TOLD[record_type, verb](records_changed(change_set_id, record_type))
    return go(back, toast=Toast(text, "info" if verb == "delete" else "good", change_set_id))
