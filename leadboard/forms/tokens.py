"""A token of the API, made by its owner."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from leadboard.forms.base import Form, choices
from leadboard.permissions import SCOPE_PERMISSIONS, Actor, Permission, Scope

SCOPE_NAMES = {
    Scope.LEADS_READ: _("Read leads"),
    Scope.LEADS_WRITE: _("Add, change, move, merge and delete leads, write notes"),
    Scope.CONTACTS_READ: _("Read contacts and organisations"),
    Scope.CONTACTS_WRITE: _("Add, change, merge and delete contacts and organisations, write notes"),
    Scope.TELEPHONY: _("Tell of telephone calls"),
}


class TokenForm(Form):
    """On one page with the forms of the account, hence ids of its own."""

    name = StringField(
        _("What it is for"), id="token-name", validators=[InputRequired(_("Say what the token is for, e.g. Website form."))]
    )
    scopes = SelectMultipleField(
        _("It may"),
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        validators=[InputRequired(_("Choose what the token may be used for."))],
    )
    days = SelectField(_("It is good for"), coerce=int, default=365)
    current_password = PasswordField(
        _("Current password"), id="token-password", validators=[InputRequired(_("Type your current password."))]
    )

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scopes.choices = choices((str(scope), name) for scope, name in SCOPE_NAMES.items() if _is_any_use(scope, actor))
        self.days.choices = choices([(30, _("30 days")), (90, _("90 days")), (365, _("One year")), (0, _("No end"))])


def _is_any_use(scope: Scope, actor: Actor) -> bool:
    """Viewers get no token that writes: it would write nothing."""
    return actor.may(Permission.WRITE) or SCOPE_PERMISSIONS[scope] <= actor.permissions
