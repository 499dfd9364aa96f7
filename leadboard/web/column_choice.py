"""Choosing the columns of a list and their order, each person for themselves or for the view that is open; and their widths."""

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, request
from flask_babel import gettext

from leadboard.domain.views import keep_columns, keep_widths
from leadboard.errors import Refused
from leadboard.http import Toast, back_or, current_actor, go, is_fragment, message_of, render
from leadboard.lib.folding import to_ascii_digits
from leadboard.lib.ids import is_id
from leadboard.queries.record_filter import unknown
from leadboard.queries.views import NARROWEST, RECORD_TYPE, WIDEST, layout_of
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
    # As they were typed.
    widths: dict[str, str] = field(default_factory=dict)
    # The input that the mistake is about.
    wrong: str = ""
    mistake: str = ""

    narrowest: ClassVar[int] = NARROWEST
    widest: ClassVar[int] = WIDEST

    @property
    def chosen(self) -> list[str]:
        return [key for key in self.order if key in self.shown]

    @property
    def is_of_view(self) -> bool:
        """Whether a view is open: then the columns go with it."""
        return "view" in _args(self.back)


@bp.get(_PLACE)
def choose(place: str) -> Response:
    page, record_type = _LISTS[place], RECORD_TYPE[place]
    labels = all_columns(record_type, page.columns)
    shown = [key for key in request.args.get("shown", "").split(",") if is_column(key, record_type, page.columns)]
    widths = {key: str(width) for key, width in layout_of(current_actor(), place).widths.items()}
    return _form(ColumnChoice(place, back_or(f"{place}.index"), labels, _whole(shown, labels), set(shown), widths))


@bp.post(_PLACE)
def save(place: str) -> Response:
    """Move one up or down and show the form again, or keep what is ticked."""
    page, record_type = _LISTS[place], RECORD_TYPE[place]
    labels = all_columns(record_type, page.columns)
    order = _whole([key for key in request.form.getlist("order") if key in labels], labels)
    ticked = set(request.form.getlist("show")) & labels.keys()
    typed = {key: text for key in (NAME, *labels) if (text := request.form.get(f"width:{key}")) is not None}
    choice = ColumnChoice(place, back_or(f"{place}.index"), labels, order, ticked, typed)
    moved, _, way = request.form.get("move", "").partition(":")
    if moved in order:
        at = order.index(moved)
        to = min(max(at + (-1 if way == "up" else 1), 0), len(order) - 1)
        order.insert(to, order.pop(at))
        return _form(choice)
    try:
        _keep(choice, is_usual="usual" in request.form)
    except Refused as refusal:
        choice.mistake, choice.wrong = message_of(refusal), refusal.field or ""
        return _form(choice, status=422)
    if choice.is_of_view:
        return go(_with_columns(choice.back, None if "usual" in request.form else choice.chosen))
    return go(_with_columns(choice.back, None), toast=Toast(gettext("The columns are saved for you"), "good"))


def _keep(choice: ColumnChoice, *, is_usual: bool) -> None:
    """With a view open the columns go with it; the widths are the reader's everywhere. Raises NotAllowed, Refused."""
    actor, place = current_actor(), choice.place
    if is_usual:
        if choice.is_of_view:
            keep_widths(place, dict.fromkeys(layout_of(actor, place).widths), actor=actor)
        else:
            keep_columns(place, None, actor=actor)
        return
    widths = {key: _width(text) for key, text in choice.widths.items()}
    if not choice.is_of_view:
        keep_columns(place, choice.chosen or [NAME], widths, actor=actor)
    elif widths:
        keep_widths(place, widths, actor=actor)


@bp.post(f"{_PLACE}/widths")
def resize(place: str) -> Response:
    """The width of one column, as its edge was dragged; nothing or 0 for as wide as its texts."""
    page, record_type = _LISTS[place], RECORD_TYPE[place]
    key = request.form.get("column", "")
    if key != NAME and not is_column(key, record_type, page.columns):
        raise unknown("column", key, (NAME, *all_columns(record_type, page.columns)))
    keep_widths(place, {key: _width(request.form.get("width", ""))}, actor=current_actor())
    return Response(status=204)


def _width(text: str) -> int | None:
    """Raises Refused for what is no number."""
    digits = to_ascii_digits(text.strip())
    if not digits or digits == "0":
        return None
    # What is no number is as wrong as one that is too small.
    return int(digits) if is_id(digits) else -1


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


def _form(choice: ColumnChoice, *, status: int = 200) -> Response:
    return render("columns/_form.html" if is_fragment() else "columns/form.html", choice, status=status)
