"""Quick add: one line a lead, understood while it is typed."""

from dataclasses import dataclass, field

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext, ngettext

from leadboard.domain.leads import create_lead
from leadboard.domain.quick_add import add_lines
from leadboard.errors import Refused
from leadboard.http import Toast, current_actor, formats, go, instance, is_fragment, message_of, needs, render, reswap, with_toast
from leadboard.lib.quickadd import QuickAddError, QuickLead, read_lines
from leadboard.permissions import Permission
from leadboard.queries import board as board_queries
from leadboard.queries.board import StageInfo
from leadboard.web.board import Board, ChangesPage, open_board

bp = Blueprint("quick_add", __name__)

MOST_SHOWN = 3


@dataclass
class QuickAddPage:
    """The form in a column: what is typed, how it is understood, what is wrong with it."""

    stage: StageInfo
    url: str
    preview_url: str
    board_url: str
    text: str = ""
    error: str = ""
    understood: list[dict[str, str]] = field(default_factory=list)
    further: int = 0
