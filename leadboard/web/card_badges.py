"""The tags of a card: ours, then the badges of plugins. A board has thousands of them, a few dozen different ones."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from leadboard import hookspecs
from leadboard.contributions import Badge, LeadRef
from leadboard.permissions import Actor
from leadboard.pluginhost.calling import collect

MOST_BADGES = 4
"""Of plugins, on one card; of more it says how many."""

NO_TAGS = Markup("")


def badges_of(leads: list[LeadRef], actor: Actor) -> Mapping[int, Sequence[Badge]]:
    """The badges of each lead, in the order of the plugins, each of which is asked once for all leads."""
    ids = [lead.id for lead in leads]
    rows: list[Any] = []
    is_simple = True
    for _, answer in collect(hookspecs.board_badges, leads=leads, actor=actor):
        # Most answer for all leads as they come, with one badge each: then nothing is put together card by card.
        if list(answer) == ids:
            rows.append(answer.values())
            is_simple &= type(answer[ids[0]]) is Badge
        else:
            rows.append([answer.get(lead_id) for lead_id in ids])
            is_simple = False
    cards = zip(*rows, strict=True)
    return dict(zip(ids, cards if is_simple else map(_flat, cards), strict=bool(rows)))


def _flat(answers: Sequence[Badge | list[Badge] | None]) -> list[Badge]:
    found: list[Badge] = []
    for answer in answers:
        if type(answer) is list:
            found += answer
        elif answer is not None:
            found.append(answer)  # type: ignore[arg-type]
    return found


class TagPainter:
    """Draws the tags of cards, those of equal cards once a page."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[object, ...], Markup] = {}

    def html(self, tags: tuple[tuple[str, str], ...], badges: Sequence[Badge]) -> Markup:
        """Drawn here, because 150 cards with four each are most of a template's work."""
        if not tags and not badges:
            return NO_TAGS
        # By the badges themselves, which the page holds: equal ones are one.
        key = (tags, len(badges), *map(id, badges[:MOST_BADGES]))
        found = self._drawn.get(key)
        if found is None:
            found = self._drawn[key] = _draw(tags, badges)
        return found


def _draw(tags: Sequence[tuple[str, str]], badges: Sequence[Badge]) -> Markup:
    parts = [tag_html(tone, text) for tone, text in tags]
    parts += [tag_html(badge.tone, badge.text) for badge in badges[:MOST_BADGES]]
    if len(badges) > MOST_BADGES:
        parts.append(tag_html("grey", f"+{len(badges) - MOST_BADGES}"))
    return Markup("".join(parts))  # noqa: S704 - each part was escaped by tag_html()


@lru_cache(maxsize=4096)
def tag_html(tone: str, text: str) -> str:
    """One tag of a card. Kept: the same few stand on many cards and on every page."""
    return f'<i class="tag tone-{escape(tone)}">{escape(text)}</i>'
