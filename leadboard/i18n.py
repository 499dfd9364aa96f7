"""Languages: which one this instance speaks, and a pseudo-language to look at.

"x-rtl" is generated: every marked string comes out bracketed and accented, the page runs right to left. What stays
plain on screen was not marked for translation.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from gettext import NullTranslations
from typing import Any, cast

from babel import Locale, UnknownLocaleError
from flask import g
from flask_babel import Babel, Domain
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from leadboard.paths import TRANSLATIONS

PSEUDO = "x-rtl"
LANGUAGES = {"en": "English", PSEUDO: "Pseudo (right to left)"}
_RTL_SCRIPTS = {"ar", "fa", "he", "ur", "ckb", "ps", "sd", "yi"}
_ACCENTS = str.maketrans("aceinouyAEIOUS", "àçéîñöüýÀÉÎÖÜŠ")
_PLACE = re.compile(r"(%\(\w+\)[sd]|%%|<[^>]+>|&\w+;)")


def pseudo(text: str) -> str:
    """The text as a translator might have left it: longer, accented, places and tags untouched."""
    return "⟦" + "".join(part if _PLACE.fullmatch(part) else part.translate(_ACCENTS) for part in _PLACE.split(text)) + "⟧"


class PseudoTranslations(NullTranslations):
    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return pseudo(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)

    ugettext, ungettext, upgettext, unpgettext = gettext, ngettext, pgettext, npgettext


class LeadboardDomain(Domain):
    _pseudo = PseudoTranslations()

    def get_translations(self) -> Any:
        """Settled once a request: a page asks a hundred times."""
        found = g.get("translations")
        if found is None:
            found = g.translations = (
                self._pseudo if "instance" in g and g.instance.language == PSEUDO else super().get_translations()
            )
        return found


def make_babel() -> Babel:
    babel = Babel(
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: formats_locale(g.instance.language, g.instance.country),
    )
    babel.domain_instance = LeadboardDomain()
    return babel


def install_gettext(environment: Environment, domain: LeadboardDomain) -> None:
    """Give templates the translations without Flask-Babel's look-up of its context at every call."""
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda message: domain.get_translations().gettext(message),
        ngettext=lambda one, many, n: domain.get_translations().ngettext(one, many, n),
        pgettext=lambda context, message: domain.get_translations().pgettext(context, message),
        npgettext=lambda context, one, many, n: domain.get_translations().npgettext(context, one, many, n),
        newstyle=True,
    )
    standard = cast("Callable[..., str]", environment.globals["gettext"])

    @pass_context
    def translate(context: Context, message: str, /, **values: Any) -> str:
        # Without places there is nothing to fill in: two thirds of all texts skip the formatting, which costs most.
        if values:
            return cast(str, context.call(standard, message, **values))
        text = _plain(domain.get_translations(), message)
        return text if context.eval_ctx.autoescape else str(text)

    def said(text: str) -> str:
        """The translation of a text that is not ours, a plugin's say: plain, while what stands in `_()` counts as markup."""
        return str(domain.get_translations().gettext(text)) if text else ""

    environment.globals["_"] = translate
    environment.globals["said"] = said


@lru_cache(maxsize=4096)
def _plain(translations: Any, message: str) -> Markup:
    return Markup(translations.gettext(message).replace("%%", "%"))  # noqa: S704 - our own text and its translation


@lru_cache(maxsize=64)
def formats_locale(language: str, country: str) -> str:
    """The locale for numbers and dates: the language as used in the country when CLDR knows it (en_DE), else the language."""
    base = "en" if language == PSEUDO else language
    try:
        return str(Locale.parse(f"{base}_{country}"))
    except (UnknownLocaleError, ValueError):
        return base


def direction(language: str) -> str:
    """ "rtl" or "ltr"."""
    return "rtl" if language == PSEUDO or language.split("_")[0] in _RTL_SCRIPTS else "ltr"
