"""Opening a page with a saved view: its arguments instead of those of the address, without what is gone since it was saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext

from leadboard.domain.views import PASSING
from leadboard.errors import Refused
from leadboard.http import message_of
from leadboard.lib.querytext import Group, Node, Not, QueryError, parse_query, query_text
from leadboard.permissions import Actor, may_change_view, may_share_views
from leadboard.queries.views import View, find_view, use_of, views_of

MOST_LEFT_OUT = 60


@dataclass
class Opened:
    """The arguments that count, the view they belong to, and what was left out of it."""

    place: str
    actor: Actor
    args: Mapping[str, str]
    view: View | None = None
    pipeline_id: int | None = None
    left_out: list[str] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Whether the address asks for something else than the view that it began with."""
        return self.view is not None and kept_args(self.args, self.place) != dict(self.view.args)

    @property
    def extra(self) -> dict[str, str]:
        """What addresses of this page carry, so that a view can be updated."""
        return {"view": str(self.view.id)} if self.view is not None else {}

    @property
    def others(self) -> list[tuple[View, str]]:
        """Every view of this page, and where it opens."""
        return [(view, address_of(view)) for view in views_of(self.actor, self.place, self.pipeline_id)]

    @property
    def new_url(self) -> str:
        return url_for("views.new", place=self.place, pipeline=self.pipeline_id, args=urlencode(kept_args(self.args, self.place)))

    @property
    def kept(self) -> str:
        return urlencode(kept_args(self.args, self.place))

    @property
    def uses(self) -> tuple[bool, bool]:
        """(pinned, default)."""
        return use_of(self.view.id, self.actor) if self.view is not None else (False, False)

    @property
    def may_change(self) -> bool:
        return self.view is not None and may_change_view(self.actor, self.view.owner_id)

    @property
    def may_share(self) -> bool:
        return may_share_views(self.actor)


def kept_args(args: Mapping[str, str], place: str) -> dict[str, str]:
    """What a view keeps of an address: not where somebody is in it."""
    return {name: text for name, text in args.items() if text and name not in _passing(place)}


def _passing(place: str) -> frozenset[str]:
    """On a board `stage` is the column that a phone shows."""
    return PASSING | {"stage"} if place == "board" else PASSING


def address_of(view: View) -> str:
    if view.place == "board":
        if view.pipeline_id is None:
            return url_for("board.home", view=view.id)
        return url_for("board.show", pipeline_id=view.pipeline_id, view=view.id)
    return url_for(f"{view.place}.index", view=view.id)


def open_view(
    place: str,
    actor: Actor,
    read: Callable[[Mapping[str, str]], Any],
    *,
    pipeline_id: int | None = None,
    default: View | None = None,
) -> Opened:
    """What this request asks for; `read` raises Refused for arguments that cannot be read. Raises NotFound for a view that is not there.

    An address with more than the number of a view says by itself what is shown: the view is where that began.
    """
    given = _flat(request.args)
    number = given.pop("view", "")
    view = find_view(number, actor) if number else (default if not given else None)
    if view is None:
        return Opened(place, actor, given, None, pipeline_id)
    passing = {name: text for name, text in given.items() if name in _passing(place)}
    if given.keys() - passing.keys():
        return Opened(place, actor, given, view, pipeline_id)
    args, left_out = without_what_is_gone({**view.args, **passing}, read)
    if view.place == "board" and view.pipeline_id is None:
        left_out.insert(0, gettext("its board, which is gone"))
    return Opened(place, actor, args, view, pipeline_id, left_out)


def _flat(args: Any) -> dict[str, str]:
    """One text for each argument: several stages are joined."""
    return {name: ",".join(values) if name == "stage" else values[0] for name, values in args.lists()}


def without_what_is_gone(args: Mapping[str, str], read: Callable[[Mapping[str, str]], Any]) -> tuple[dict[str, str], list[str]]:
    """The arguments without the conditions that can no longer be read, and what these were and why."""
    found, left_out = dict(args), list[str]()
    for _ in range(MOST_LEFT_OUT):
        try:
            read(found)
        except Refused as refusal:
            name = refusal.field or ""
            if name not in found:
                raise
            gone = _without(found, name, refusal)
            left_out.append(gettext("%(condition)s (%(why)s)", condition=gone, why=message_of(refusal)))
            continue
        return found, left_out
    return {}, left_out


def _without(args: dict[str, str], name: str, refusal: Refused) -> str:
    """Take what was refused out of the arguments; what it was."""
    text = args.pop(name)
    if name == "query":
        gone, rest = _parted(text, int(refusal.params.get("at", 0)))
        if rest:
            args[name] = rest
        return gone
    several = text.split(",")
    if name in {"stage", "columns"} and len(several) > 1 and refusal.params.get("text") in several:
        several.remove(str(refusal.params["text"]))
        args[name] = ",".join(several)
        return f"{name}={refusal.params['text']}"
    return f"{name}={text}"[:200]


def _parted(text: str, at: int) -> tuple[str, str]:
    """The condition at a place in a typed filter, and the rest."""
    try:
        parts = parse_query(text)
    except QueryError:
        return text[:200], ""
    number = max((number for number, part in enumerate(parts) if _start(part) <= at), default=0)
    return query_text(parts[number : number + 1])[:200], query_text((*parts[:number], *parts[number + 1 :]))


def _start(part: Node) -> int:
    if isinstance(part, Not):
        return max(0, _start(part.part) - 1)
    return _start(part.parts[0]) - 1 if isinstance(part, Group) else part.start
