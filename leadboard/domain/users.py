"""People: adding, changing, inviting, deactivating. Links and sessions follow in the same transaction."""

from typing import Any

from leadboard.db import execute, one
from leadboard.domain.handover import Handed, give_everything
from leadboard.domain.links import LINK_IS_OVER, drop_links, make_link, use_link
from leadboard.domain.passwords import check_new_password, hash_password, is_right
from leadboard.domain.sign_in import Browser, SignedIn, open_session
from leadboard.domain.throttle import count_try, current_password_bucket, forgive
from leadboard.domain.tokens import revoke_tokens_of
from leadboard.errors import N_, NotFound, Refused
from leadboard.events import Change, EventKind, change
from leadboard.lib.emails import email_key
from leadboard.lib.text import clean_line
from leadboard.models.users import Role, User
from leadboard.permissions import Actor, Permission, require
from leadboard.queries.settings import instance
from leadboard.queries.users import find_link, is_set_up_open, user_actor_of

THEMES = ("auto", "light", "dark")
NAME_LIMIT = 120
EMAIL_LIMIT = 254


def new_setup_link(*, now: int | None = None) -> str:
    """The token of /setup/<token>; `leadboard serve` prints it while nobody can sign in. Raises Refused afterwards."""
    if not is_set_up_open():
        raise Refused(N_("Leadboard is set up already: sign in, or make a password with `leadboard user password`."))
    return make_link(None, now=now)


def clean_name(name: str, field: str = "name") -> str:
    """One line, not empty. Raises Refused."""
    try:
        text = clean_line(name, NAME_LIMIT)
    except ValueError as error:
        raise Refused(N_("This name is too long: at most %(limit)d characters."), field=field, limit=NAME_LIMIT) from error
    if not text:
        raise Refused(N_("Type a name."), field=field)
    return text


def clean_email(email: str) -> tuple[str, str]:
    """The address as written and its key. Raises Refused."""
    text = email.strip()
    key = email_key(text)
    if key is None or len(text) > EMAIL_LIMIT:
        raise Refused(
            N_("%(text)s is not an e-mail address. It needs a name, an @ and a domain, e.g. anna@acme.example."),
            field="email", text=text[:60] or "“”",
        )  # fmt: skip
    return text, key


def clean_role(role: str) -> str:
    if role not in set(Role):
        raise Refused(N_("%(role)s is not a role. Use admin, manager, member or viewer."), field="role", role=role[:20])
    return str(role)


def add_user(*, name: str, email: str, role: str, actor: Actor, password: str | None = None) -> int:
    """A new person; without a password nobody can sign in until a link was used. Raises NotAllowed, Refused."""
    require(actor, Permission.PEOPLE)
    name, (email, key), role = clean_name(name), clean_email(email), clean_role(role)
    kept = None
    if password is not None:
        check_new_password(password, personal=(name, email, instance().name))
        kept = hash_password(password)
    with change(actor, "user.add") as step:
        _refuse_taken(key)
        user = User.create(name=name, email=email, email_key=key, role=role, password_hash=kept, created_at=step.at)
        step.record(
            EventKind.USER_CHANGED, "user", user.id, values={"name": (None, name), "email": (None, email), "role": (None, role)}
        )
        return int(user.id)


def _refuse_taken(key: str, *, but: int = 0) -> None:
    found = one('select name from "user" where email_key = ? and id <> ?', (key, but))
    if found is not None:
        raise Refused(N_("%(name)s has this e-mail address already."), field="email", name=found[0])


def update_user(user_id: int, *, actor: Actor, name: str, email: str, role: str) -> None:
    """What an admin changes of a colleague. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.PEOPLE)
    name, role = clean_name(name), clean_role(role)
    # Owners that came with an import may have no address until they are invited.
    text, key = clean_email(email) if email.strip() else ("", None)
    with change(actor, "user.update") as step:
        user = _load(user_id)
        if user_id == actor.id:
            raise Refused(N_("Change your own name and e-mail on your account page; your role is changed by another admin."))
        if key is None and user["password_hash"] is not None:
            raise Refused(N_("Type an e-mail address: it is what they sign in with."), field="email")
        if key is not None:
            _refuse_taken(key, but=user_id)
        if role != Role.ADMIN:
            _keep_an_admin(user)
        _write(step, user, name=name, email=text, email_key=key, role=role)


def new_password_link(user_id: int, *, actor: Actor) -> str:
    """The token of /welcome/<token>, with which the person sets a password. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.PEOPLE)
    with change(actor, "user.link") as step:
        user = _load(user_id)
        if not user["is_active"]:
            raise Refused(N_("%(name)s is deactivated. Reactivate the account first."), name=user["name"])
        if not user["email"]:
            raise Refused(
                N_("Type an e-mail address for %(name)s first: it is what they sign in with."), field="email", name=user["name"]
            )
        step.record(EventKind.USER_CHANGED, "user", user_id, link=1)
        return make_link(user_id)


def welcome(token: str, *, password: str, browser: Browser, now: int | None = None) -> SignedIn:
    """Set a password by link and sign in. All other sessions of the person end. Raises NotFound, Refused."""
    link = find_link(token, now=now)
    guest = user_actor_of(link.user_id) if link is not None and link.user_id is not None else None
    if link is None or guest is None or guest.id is None:
        raise NotFound(LINK_IS_OVER)
    check_new_password(password, personal=(link.name, link.email, instance().name))
    kept = hash_password(password)
    with change(guest, "user.welcome") as step:
        use_link(token, is_setup=False, now=now)
        _replace_password(step, _load(guest.id), kept)
        return open_session(guest.id, browser=browser)


def set_password(user_id: int, password: str, *, actor: Actor) -> None:
    """A password set from the shell. Raises NotAllowed, NotFound, Refused."""
    require(actor, Permission.PEOPLE)
    user = _load(user_id)
    check_new_password(password, personal=(user["name"], user["email"], instance().name))
    kept = hash_password(password)
    with change(actor, "user.password") as step:
        _replace_password(step, user, kept)


def _replace_password(step: Change, user: dict[str, Any], kept: str, *, keep_session: int = 0) -> None:
    """What follows from a new password: links and other sessions made with the old one end."""
    execute('update "user" set password_hash = ? where id = ?', (kept, user["id"]))
    execute("delete from session where user_id = ? and id <> ?", (user["id"], keep_session))
    drop_links(user["id"])
    step.record(EventKind.USER_CHANGED, "user", user["id"], password=1)


def deactivate(user_id: int, *, actor: Actor, give_leads_to: int | None = None) -> Handed:
    """Take the way in away; what the person owns and has to do stays, or goes to somebody. How much went.

    Raises NotAllowed, NotFound, Refused.
    """
    require(actor, Permission.PEOPLE)
    with change(actor, "user.deactivate") as step:
        user = _load(user_id)
        if user_id == actor.id:
            raise Refused(N_("Nobody deactivates their own account: another admin does it."))
        _keep_an_admin(user)
        handed = Handed()
        if give_leads_to is not None:
            heir = _load(give_leads_to)
            if not heir["is_active"] or give_leads_to == user_id:
                raise Refused(N_("Choose somebody who is active."), field="give_leads_to")
            handed = give_everything(step, user_id, give_leads_to)
        execute("delete from session where user_id = ?", (user_id,))
        drop_links(user_id)
        revoke_tokens_of(step, user_id)
        _write(step, user, is_active=False)
        return handed


def reactivate(user_id: int, *, actor: Actor) -> None:
    """Let somebody in again, with the password of before. Raises NotAllowed, NotFound."""
    require(actor, Permission.PEOPLE)
    with change(actor, "user.reactivate") as step:
        _write(step, _load(user_id), is_active=True)


def _keep_an_admin(user: dict[str, Any]) -> None:
    if user["role"] != Role.ADMIN or not user["is_active"] or user["password_hash"] is None:
        return
    others = "select 1 from \"user\" where role = 'admin' and is_active and password_hash is not null and id <> ? limit 1"
    if one(others, (user["id"],)) is None:
        raise Refused(N_("%(name)s is the only admin. Make somebody else an admin first."), field="role", name=user["name"])


# ---------------------------------------------------------------------------------------------- one's own account


def update_profile(*, actor: Actor, name: str, email: str, current_password: str) -> None:
    """One's own name and address; a new address asks for the password. Raises Refused, TooManyTries."""
    name, (email, key) = clean_name(name), clean_email(email)
    user = _own(actor)
    if key != user["email_key"]:
        _ask_password(user, current_password)
    with change(actor, "user.profile") as step:
        _refuse_taken(key, but=user["id"])
        _write(step, user, name=name, email=email, email_key=key)


def change_password(*, actor: Actor, current: str, new: str, keep_session: int) -> None:
    """One's own password; all other browsers are signed out. Raises Refused, TooManyTries."""
    user = _own(actor)
    _ask_password(user, current)
    check_new_password(new, personal=(user["name"], user["email"], instance().name), field="new_password")
    kept = hash_password(new)
    with change(actor, "user.password") as step:
        _replace_password(step, user, kept, keep_session=keep_session)


def change_theme(theme: str, *, actor: Actor) -> None:
    """Light, dark, or what the device says. Raises Refused."""
    if theme not in THEMES:
        raise Refused(N_("Choose light, dark or automatic."), field="theme")
    with change(actor, "user.theme") as step:
        _write(step, _own(actor), theme=theme)


def ask_password(password: str, *, actor: Actor) -> None:
    """Make sure that it is the owner of the account who asks. Raises Refused, TooManyTries."""
    _ask_password(_own(actor), password)


def _ask_password(user: dict[str, Any], password: str) -> None:
    bucket = current_password_bucket(user["id"])
    count_try([bucket])
    if not is_right(user["password_hash"], password):
        raise Refused(N_("This is not your current password."), field="current_password")
    forgive([bucket])


def _own(actor: Actor) -> dict[str, Any]:
    return _load(actor.id or 0)


_COLUMNS = ("id", "name", "email", "email_key", "role", "password_hash", "is_active", "theme")


def _load(user_id: int) -> dict[str, Any]:
    found = one(f'select {", ".join(_COLUMNS)} from "user" where id = ?', (user_id,))  # noqa: S608 - our own names
    if found is None:
        raise NotFound(N_("This person does not exist."))
    return dict(zip(_COLUMNS, found, strict=True))


def _write(step: Change, user: dict[str, Any], **columns: Any) -> None:
    """Write what differs, with its event; the key follows the address and is not told."""
    values = {name: (user[name], value) for name, value in columns.items() if user[name] != value}
    if not values:
        return
    User.update({getattr(User, name): after for name, (_, after) in values.items()}).where(User.id == user["id"]).execute()
    values.pop("email_key", None)
    if values:
        step.record(EventKind.USER_CHANGED, "user", user["id"], values=values)
