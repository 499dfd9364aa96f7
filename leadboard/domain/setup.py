"""The first minutes of an instance: the first admin, the settings, a pipeline to start with."""

from dataclasses import dataclass

from leadboard.db import one
from leadboard.domain.links import LINK_IS_OVER, use_link
from leadboard.domain.lists import fill_empty_lists
from leadboard.domain.passwords import check_new_password, hash_password
from leadboard.domain.pipelines import DEFAULT_OPEN_STAGES, add_pipeline
from leadboard.domain.settings import change_settings, check_regional
from leadboard.domain.sign_in import Browser, SignedIn, open_session
from leadboard.domain.users import clean_email, clean_name
from leadboard.errors import N_, NotFound
from leadboard.events import EventKind, change
from leadboard.models.users import Role, User
from leadboard.permissions import SYSTEM
from leadboard.queries.users import find_link, is_set_up_open

DEFAULT_PIPELINE = N_("Sales")


@dataclass(frozen=True, kw_only=True)
class Regional:
    """What a country fills in. `week_start` 0 is Monday."""

    country: str
    currency: str
    time_zone: str
    phone_region: str
    week_start: int


def set_up(
    token: str,
    *,
    name: str,
    email: str,
    password: str,
    team: str,
    regional: Regional,
    browser: Browser,
    now: int | None = None,
) -> SignedIn:
    """Make the first admin, sign the browser in, prepare the instance. Raises NotFound (link used, or too late), Refused.

    Two who send the form at once take turns on the link: one of them finds it gone.
    """
    if not is_set_up_open() or find_link(token, now=now) is None:
        raise NotFound(LINK_IS_OVER)
    name, (email, key), team = clean_name(name), clean_email(email), clean_name(team, field="team")
    check_new_password(password, personal=(name, email, team))
    kept = hash_password(password)
    with change(SYSTEM, "instance.set_up") as step:
        use_link(token, is_setup=True, now=now)
        if not is_set_up_open():
            raise NotFound(LINK_IS_OVER)
        # An owner that an import brought before the set-up may have the address already: it is the same person.
        user, _ = User.get_or_create(
            email_key=key, defaults={"name": name, "email": email, "role": Role.ADMIN, "created_at": step.at}
        )
        User.update(name=name, email=email, role=Role.ADMIN, password_hash=kept, is_active=True).where(
            User.id == user.id
        ).execute()
        values = {"name": (None, name), "email": (None, email), "role": (None, str(Role.ADMIN))}
        step.record(EventKind.USER_CHANGED, "user", user.id, values=values)
        prepare_instance(name=team, regional=regional)
        return open_session(int(user.id), browser=browser)


def prepare_instance(*, name: str | None = None, regional: Regional | None = None) -> None:
    """Write the settings and the pipeline, sources and lost reasons to start with; what is there already stays.

    For the set-up, and for a first user or sample data that come by the shell.
    """
    with change(SYSTEM, "instance.prepare"):
        values: dict[str, object] = {"is_set_up": True}
        if name is not None:
            values["name"] = name
        if regional is not None:
            values.update(vars(regional))
            check_regional(**vars(regional))
        change_settings(actor=SYSTEM, **values)
        if one("select 1 from pipeline limit 1") is None:
            add_pipeline(name=DEFAULT_PIPELINE, open_stages=DEFAULT_OPEN_STAGES, actor=SYSTEM)
        fill_empty_lists(actor=SYSTEM)
