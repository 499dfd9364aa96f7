"""Forms about people: signing in, one's own account, colleagues. The rules are the domain's."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from leadboard.forms.base import Form, choices
from leadboard.lib.passwords import MIN_LENGTH
from leadboard.models.users import Role

ROLE_NAMES = {
    Role.ADMIN: _("Admin"),
    Role.MANAGER: _("Manager"),
    Role.MEMBER: _("Member"),
    Role.VIEWER: _("Viewer"),
}
ROLE_HELP = {
    Role.ADMIN: _("Everything, with people, pipelines and settings."),
    Role.MANAGER: _("Also imports, exports, assigns and deletes any lead."),
    Role.MEMBER: _("Works on leads, deletes only their own."),
    Role.VIEWER: _("Reads, changes nothing."),
}
PASSWORD_HELP = _("At least %(least)d characters. Three or four words are easy to remember.", least=MIN_LENGTH)


class SignInForm(Form):
    email = StringField(_("E-mail"), validators=[InputRequired(_("Type your e-mail address."))])
    password = PasswordField(_("Password"), validators=[InputRequired(_("Type your password."))])
    next = HiddenField()


class WelcomeForm(Form):
    """The password of somebody who came by a one-time link."""

    password = PasswordField(_("New password"), description=PASSWORD_HELP, validators=[InputRequired(_("Type a password."))])


class PersonForm(Form):
    """A colleague, added or changed by an admin."""

    name = StringField(_("Name"), validators=[InputRequired(_("Type a name."))])
    email = StringField(_("E-mail"))
    role = RadioField(
        _("Role"), choices=choices((str(role), name) for role, name in ROLE_NAMES.items()), default=str(Role.MEMBER)
    )


class NewPersonForm(PersonForm):
    email = StringField(_("E-mail"), validators=[InputRequired(_("Type an e-mail address."))])


class DeactivateForm(Form):
    give_leads_to = SelectField(_("Give it all to"), coerce=int, default=0)

    def __init__(self, heirs: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.give_leads_to.choices = choices([(0, _("Nobody: it stays theirs")), *heirs])


class ProfileForm(Form):
    """On one page with PasswordForm, hence ids of its own."""

    name = StringField(_("Name"), id="profile-name", validators=[InputRequired(_("Type a name."))])
    email = StringField(_("E-mail"), validators=[InputRequired(_("Type your e-mail address."))])
    current_password = PasswordField(
        _("Current password"), id="profile-password", description=_("Only needed for a new e-mail address.")
    )


class PasswordForm(Form):
    current_password = PasswordField(_("Current password"), validators=[InputRequired(_("Type your current password."))])
    new_password = PasswordField(_("New password"), description=PASSWORD_HELP, validators=[InputRequired(_("Type a password."))])


class ThemeForm(Form):
    theme = RadioField(
        _("Appearance"),
        choices=choices([("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]),
    )
