"""Endpoints: set up by managers and admins, each for its owner; admins also see and stop those of others."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadboard.api import (
    N_,
    SYSTEM,
    Actor,
    NotFound,
    Permission,
    Refused,
    change,
    clean_line,
    execute,
    new_signing_secret,
    now_ms,
    one,
    read_target,
    require,
    rows,
    seal,
    unseal,
    user_actor_of,
    visible_sql,
)

MOST = 50
LONGEST_NAME = 120
DAY_MS = 86_400_000
OVERLAP_MS = DAY_MS
KINDS = {
    "lead.created": N_("A lead was made"),
    "lead.updated": N_("A lead was changed"),
    "lead.stage_changed": N_("A lead went to another stage"),
    "lead.deleted": N_("A lead went to the bin"),
    "lead.restored": N_("A lead came back from the bin"),
    "lead.converted": N_("A lead was converted into a customer"),
    "lead.linked": N_("A lead got another contact or organisation, or none"),
    "lead.merged": N_("A lead took over another one"),
    "lead.split": N_("Merged leads were taken apart again"),
    "contact.created": N_("A contact was made"),
    "contact.updated": N_("A contact was changed"),
    "contact.deleted": N_("A contact went to the bin"),
    "contact.restored": N_("A contact came back from the bin"),
    "contact.linked": N_("A contact came to a further organisation, or left one"),
    "contact.merged": N_("A contact took over another one"),
    "contact.split": N_("Merged contacts were taken apart again"),
    "organisation.created": N_("An organisation was made"),
    "organisation.updated": N_("An organisation was changed"),
    "organisation.deleted": N_("An organisation went to the bin"),
    "organisation.restored": N_("An organisation came back from the bin"),
    "organisation.linked": N_("An organisation got another first contact, or none"),
    "organisation.merged": N_("An organisation took over another one"),
    "organisation.split": N_("Merged organisations were taken apart again"),
    "note.added": N_("A note was written"),
    "activity.logged": N_("A call, mail or other activity was logged"),
    "task.added": N_("A next step was planned"),
    "task.completed": N_("A next step was done"),
    "import.finished": N_("An import was finished"),
}


@dataclass(frozen=True)
class EndpointRow:
    """An endpoint as its owner and admins see it; its secret is not among that. Moments in milliseconds."""

    id: int
    name: str
    url: str
    kinds: tuple[str, ...]
    is_on: bool
    stopped_why: str
    failing_since: int | None
    old_secret_until: int
    owner_id: int
    owner_name: str
    waiting: int = 0
    last_at: int | None = None


# Those that somebody sees: the actor's own, or all of them (1).
_SEEN = (
    "select e.id, e.name, e.url, e.kinds, e.is_on, e.stopped_why, e.failing_since, e.old_secret_until, e.owner_id, u.name,"
    " (select count(*) from p_webhooks_delivery d where d.endpoint_id = e.id and d.state = 'waiting'),"
    " (select max(t.at) from p_webhooks_delivery d join p_webhooks_try t on t.delivery_id = d.id where d.endpoint_id = e.id)"
    ' from p_webhooks_endpoint e join "user" u on u.id = e.owner_id'
    " where (e.owner_id = ? or ? = 1)"
)


def _seen(actor: Actor) -> list[Any]:
    return [actor.id, 1 if actor.may(Permission.SETTINGS) else 0]


def endpoints(actor: Actor) -> list[EndpointRow]:
    """Those that the actor may see, by name. Raises NotAllowed."""
    require(actor, Permission.EXPORT)
    found = rows(_SEEN + " order by e.name, e.id", _seen(actor))
    return [_row(row) for row in found]


def endpoint(endpoint_id: int, actor: Actor) -> EndpointRow:
    """One of endpoints(). Raises NotFound, NotAllowed."""
    require(actor, Permission.EXPORT)
    found = one(_SEEN + " and e.id = ?", [*_seen(actor), endpoint_id])
    if found is None:
        raise NotFound(N_("This webhook does not exist any more, or it is somebody else's."))
    return _row(found)


def stopped(actor: Actor) -> list[tuple[int, str, str]]:
    """(id, name, why) of those that turned themselves off and were not looked after since."""
    found = rows(
        "select e.id, e.name, e.stopped_why from p_webhooks_endpoint e where not e.is_on and e.stopped_why <> ''"
        " and (e.owner_id = ? or ? = 1) order by e.id limit 5",
        _seen(actor),
    )
    return [(row[0], row[1], row[2]) for row in found]


def _row(row: Sequence[Any]) -> EndpointRow:
    return EndpointRow(row[0], row[1], row[2], tuple(json.loads(row[3])), bool(row[4]), *row[5:])


# ---------------------------------------------------------------------------------------------- writing


def add_endpoint(name: str, url: str, kinds: Sequence[str], *, actor: Actor) -> tuple[int, str]:
    """A new endpoint of the actor's: its id and its secret, which is never told again. Raises Refused, NotAllowed."""
    require(actor, Permission.EXPORT)
    name, url, kinds = _checked(name, url, kinds)
    secret = new_signing_secret()
    with change(actor, "webhooks.add") as step:
        count = one("select count(*) from p_webhooks_endpoint")
        if count is not None and count[0] >= MOST:
            raise Refused(N_("There are %(most)d webhooks already. Delete one first."), most=MOST)
        made = one(
            "insert into p_webhooks_endpoint (owner_id, name, url, kinds, key, secrets, old_secret_until, is_on, stopped_why,"
            " not_before, created_at) values (?, ?, ?, ?, ?, ?, 0, ?, '', 0, ?) returning id",
            (actor.id, name, url, json.dumps(kinds), secrets.token_hex(6), seal({"now": secret}), True, step.at),
        )
        assert made is not None
        step.record("webhooks.endpoint_added", "webhook", made[0], values={"url": (None, url)})
    return int(made[0]), secret


def change_endpoint(endpoint_id: int, name: str, url: str, kinds: Sequence[str], *, actor: Actor) -> None:
    """Raises Refused, NotFound, NotAllowed."""
    with change(actor, "webhooks.change") as step:
        before = endpoint(endpoint_id, actor)
        name, url, kinds = _checked(name, url, kinds)
        execute(
            "update p_webhooks_endpoint set name = ?, url = ?, kinds = ?, not_before = 0 where id = ?",
            (name, url, json.dumps(kinds), endpoint_id),
        )
        now = {"name": name, "url": url, "kinds": list(kinds)}
        was = {"name": before.name, "url": before.url, "kinds": list(before.kinds)}
        values = {key: (was[key], value) for key, value in now.items() if was[key] != value}
        if values:
            step.record("webhooks.endpoint_changed", "webhook", endpoint_id, values=values)


def rotate_secret(endpoint_id: int, *, actor: Actor) -> str:
    """A new secret. For a day messages carry a signature of the old one, too. Raises NotFound, NotAllowed."""
    with change(actor, "webhooks.rotate") as step:
        endpoint(endpoint_id, actor)
        secret = new_signing_secret()
        kept = seal({"now": secret, "old": secrets_of(endpoint_id).get("now", "")})
        execute(
            "update p_webhooks_endpoint set secrets = ?, old_secret_until = ? where id = ?",
            (kept, step.at + OVERLAP_MS, endpoint_id),
        )
        step.record("webhooks.secret_changed", "webhook", endpoint_id)
    return secret


def secrets_of(endpoint_id: int) -> Mapping[str, str]:
    """{"now": …, "old": …}, for signing only."""
    found = one("select secrets from p_webhooks_endpoint where id = ?", (endpoint_id,))
    return unseal(found[0]) if found else {}


def switch(endpoint_id: int, is_on: bool, *, actor: Actor) -> None:
    """Turn it on or off; on again it begins with what takes place from now on. Raises Refused, NotFound, NotAllowed."""
    with change(actor, "webhooks.switch") as step:
        found = endpoint(endpoint_id, actor)
        if is_on and not may_act(found.owner_id):
            raise Refused(
                N_("%(name)s, whose webhook this is, may not export leads. Make one of your own."), name=found.owner_name
            )
        if not is_on:
            _drop_waiting(endpoint_id)
        execute(
            "update p_webhooks_endpoint set is_on = ?, stopped_why = '', failing_since = null, not_before = 0 where id = ?",
            (is_on, endpoint_id),
        )
        if found.is_on != is_on:
            step.record("webhooks.endpoint_changed", "webhook", endpoint_id, values={"is_on": (found.is_on, is_on)})


def stop(endpoint_id: int, why: str) -> None:
    """Turn it off by itself; its owner and the admins are told on their next page."""
    with change(SYSTEM, "webhooks.stop") as step:
        _drop_waiting(endpoint_id)
        if execute("update p_webhooks_endpoint set is_on = ?, stopped_why = ? where id = ? and is_on", (False, why, endpoint_id)):
            step.record("webhooks.endpoint_changed", "webhook", endpoint_id, values={"is_on": (True, False)})


def _drop_waiting(endpoint_id: int) -> None:
    execute("update p_webhooks_delivery set state = 'failed' where endpoint_id = ? and state = 'waiting'", (endpoint_id,))


def delete_endpoint(endpoint_id: int, *, actor: Actor) -> None:
    """With its log. Raises NotFound, NotAllowed."""
    with change(actor, "webhooks.delete") as step:
        found = endpoint(endpoint_id, actor)
        execute("delete from p_webhooks_endpoint where id = ?", (endpoint_id,))
        step.record("webhooks.endpoint_deleted", "webhook", endpoint_id, values={"url": (found.url, None)})


def may_act(owner_id: int) -> Actor | None:
    """The actor that an endpoint of this owner is; None when the owner left or may not export any more."""
    actor = user_actor_of(owner_id)
    return actor if actor is not None and actor.may(Permission.EXPORT) else None


# What messages tell of a record, by the names of the API, which are those of the columns.
_TOLD = {
    "lead": ("id", "title", "pipeline_id", "stage_id", "owner_id", "version"),
    "contact": ("id", "name", "organisation_id", "owner_id", "version"),
    "organisation": ("id", "name", "domain", "owner_id", "version"),
}
RECORDS = tuple(_TOLD)


def visible_record(record_type: str, record_id: int, actor: Actor) -> dict[str, Any] | None:
    """A lead, contact or organisation as messages name it, also one in the bin; None when the actor may not see it."""
    names = _TOLD[record_type]
    for deleted in (False, True):
        condition, params = visible_sql(actor, record_type, deleted=deleted)
        found = one(
            f"select {', '.join(names)} from {record_type} where id = ? and {condition}",  # noqa: S608 - our own names, the condition of permissions
            [record_id, *params],
        )
        if found is not None:
            return dict(zip(names, found, strict=True))
    return None


def _checked(name: str, url: str, kinds: Sequence[str]) -> tuple[str, str, list[str]]:
    url = url.strip()
    try:
        name = clean_line(name, LONGEST_NAME)
    except ValueError:
        name = ""
    if not name:
        raise Refused(N_("A name of at most %(most)d characters."), field="name", most=LONGEST_NAME)
    read_target(url)
    chosen = [kind for kind in KINDS if kind in kinds]
    if not chosen:
        raise Refused(N_("Choose at least one thing to be told of."), field="kinds")
    return name, url, chosen


def is_overlapping(found: EndpointRow) -> bool:
    """Whether the secret before the present one still counts."""
    return found.old_secret_until > now_ms()
