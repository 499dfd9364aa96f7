"""Choosing the columns of a list, and their order: each person for themselves, or for the view that is open."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, request
from flask_babel import gettext

from leadboard.domain.views import keep_columns
from leadboard.http import Toast, back_or, current_actor, go, is_fragment, render
from leadboard.queries.views import RECORD_TYPE
from leadboard.web.lead_list import LeadListPage
from leadboard.web.list_columns import NAME, all_columns, is_column
from leadboard.web.parties.lists import ContactListPage, OrganisationListPage
from leadboard.web.record_list import ListPage

bp = Blueprint("columns", __name__, url_prefix="/columns")

_LISTS: dict[str, type[ListPage]] = {page.endpoints: page for page in (LeadListPage, ContactListPage, OrganisationListPage)}
_PLACE = f"/<any({','.join(map(repr, _LISTS))}):place>"


@dataclass
class ColumnChoice:
    """Everything there is to choose from, chosen ones first, in their order."""

    place: str
    back: str
    labels: dict[str, str]
    order: list[str]
    shown: set[str] = field(default_factory=set)

    @property
    def is_of_view(self) -> bool:
        """Whether a view is open: then the columns go with it."""
        return "view" in _args(self.back)


@bp.get(_PLACE)
def choose(place: str) -> Response:
    page, record_type = _LISTS[place], RECORD_TYPE[place]
    labels = all_columns(record_type, page.columns)
    shown = [key for key in request.args.get("shown", "").split(",") if is_column(key, record_type, page.columns)]
    return _form(ColumnChoice(place, back_or(f"{place}.index"), labels, _whole(shown, labels), set(shown)))


@bp.post(_PLACE)
def save(place: str) -> Response:
    """Move one up or down and show the form again, or keep what is ticked."""
    page, record_type = _LISTS[place], RECORD_TYPE[place]
    labels = all_columns(record_type, page.columns)
    order = _whole([key for key in request.form.getlist("order") if key in labels], labels)
    choice = ColumnChoice(place, back_or(f"{place}.index"), labels, order, set(request.form.getlist("show")) & labels.keys())
    moved, _, way = request.form.get("move", "").partition(":")
    if moved in order:
        at = order.index(moved)
        to = min(max(at + (-1 if way == "up" else 1), 0), len(order) - 1)
        order.insert(to, order.pop(at))
        return _form(choice)
    usual = "usual" in request.form
    shown = [key for key in order if key in choice.shown]
    if choice.is_of_view:
        return go(_with_columns(choice.back, None if usual else shown))
    keep_columns(place, None if usual else shown or [NAME], actor=current_actor())
    return go(_with_columns(choice.back, None), toast=Toast(gettext("The columns are saved for you"), "good"))


def _whole(keys: list[str], labels: dict[str, str]) -> list[str]:
    return [*dict.fromkeys([*keys, *labels])]


def _args(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def _with_columns(address: str, shown: list[str] | None) -> str:
    """The list again, from its first page."""
    args = {name: text for name, text in _args(address).items() if name not in {"columns", "after", "before"}}
    if shown is not None:
        args["columns"] = ",".join(shown) or NAME
    path = urlsplit(address).path
    return f"{path}?{urlencode(args)}" if args else path


def _form(choice: ColumnChoice) -> Response:
    return render("columns/_form.html" if is_fragment() else "columns/form.html", choice)
