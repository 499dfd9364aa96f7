"""A contact or an organisation in a form: its name is typed, suggestions come meanwhile (macros/suggest.html), and the server
says which one is meant.

Chosen suggestions travel beside the text, as "7|Acme" in <name>-pick: what is typed over a choice is no longer that choice.
"""

from collections.abc import Iterable
from typing import Any

from flask import get_template_attribute, url_for
from markupsafe import Markup
from wtforms import StringField

from leadboard.domain.parties import NewParty
from leadboard.errors import N_, Refused
from leadboard.lib.ids import as_id, is_id
from leadboard.permissions import Actor
from leadboard.queries.party_names import PartyName, parties_named, party_name

NEW = "new"
_NONE_OF_THIS_NAME = {
    "contact": N_("There is no contact of this name. Check the spelling, or leave it empty."),
    "organisation": N_("There is no organisation of this name. Check the spelling, or leave it empty."),
}
_SEVERAL = {
    "contact": N_("There are several contacts of this name. Choose one."),
    "organisation": N_("There are several organisations of this name. Choose one."),
}
_NONE_BUT_NEW = {
    "contact": N_("There is no contact of this name. Check the spelling, or choose to make it."),
    "organisation": N_("There is no organisation of this name. Check the spelling, or choose to make it."),
}


def pick_in(picks: Iterable[str], text: str) -> str:
    """What was chosen for the text that stands there: a number, or "new"; "" without a choice."""
    found = [key for key, _, of in (pick.partition("|") for pick in picks) if of.split() == text.split()]
    return found[-1] if found else ""


class SuggestingField(StringField):
    """A name that stays as it is typed; the records that it may mean are offered, and a choice is sent beside it."""

    def __init__(self, label: Any = None, *, record_type: str, **options: Any) -> None:
        super().__init__(label, **options)
        self.record_type, self.may_make = record_type, False
        self.picks: list[str] = []
        self.offered: list[PartyName] = []
        self.offers_new = False

    def process(self, formdata: Any, *args: Any, **options: Any) -> None:
        super().process(formdata, *args, **options)
        self.picks = [pick for pick in formdata.getlist(f"{self.name}-pick") if pick] if formdata else []

    @property
    def picked(self) -> str:
        """The number that was chosen for the text that stands there, or "new"; "" without a choice."""
        return pick_in(self.picks, self.data or "")

    @property
    def suggest_url(self) -> str:
        return url_for(f"{self.record_type}s.suggest", new="1" if self.may_make else None)

    def __call__(self, **attributes: Any) -> Markup:
        draw = get_template_attribute("macros/suggest.html", "party_input")
        attributes = {"id": self.id, **(self.render_kw or {}), **attributes}
        return Markup(  # noqa: S704 - the macro escapes
            draw(
                self.name,
                self.suggest_url,
                self.data or "",
                self.picked,
                self.offered,
                self.offers_new,
                **attributes,
            )
        )


class NumberedField(SuggestingField):
    """A record of any type; what is taken stands there as "Acme #12", which says by itself whom it means."""

    @property
    def suggest_url(self) -> str:
        return url_for(f"{self.record_type}s.suggest", numbered="1")


class PartyField(SuggestingField):
    """`data` is the name as typed, resolve() whom it means. With `may_make` a new record of this name is a choice."""

    def __init__(self, label: Any = None, *, record_type: str, may_make: bool = False, **options: Any) -> None:
        super().__init__(label, record_type=record_type, **options)
        self.may_make = may_make

    def resolve(self, actor: Actor) -> int | NewParty | None:
        """Whom the text means; None of nothing. Raises Refused, and offers what to choose from."""
        text = " ".join((self.data or "").split())
        if not text:
            return None
        if self.picked == NEW and self.may_make:
            return NewParty(self.record_type, text)
        if is_id(self.picked) and party_name(self.record_type, as_id(self.picked), actor) is not None:
            return as_id(self.picked)
        found = parties_named(self.record_type, text, actor)
        if len(found) == 1:
            return found[0].id
        self.offered, self.offers_new = found, self.may_make
        if found:
            raise Refused(_SEVERAL[self.record_type], field=self.name)
        raise Refused((_NONE_BUT_NEW if self.may_make else _NONE_OF_THIS_NAME)[self.record_type], field=self.name)
