"""A small company to walk through: something of everything, in every state, and an address for every route."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule

from leadboard.db import atomic, execute, now_ms, one
from leadboard.domain import imports
from leadboard.domain.activities import log_call
from leadboard.domain.bulk import choose_task, draft_bulk, start_bulk
from leadboard.domain.custom_fields import add_field, archive_field
from leadboard.domain.import_jobs import load_run
from leadboard.domain.leads import create_lead, delete_leads, update_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.moves import Loss, move_lead, snooze_lead
from leadboard.domain.notes import add_note, edit_note, pin_note
from leadboard.domain.parties import create_party, delete_parties
from leadboard.domain.plugins import enable
from leadboard.domain.points import Point, set_points
from leadboard.domain.record_rows import TABLES
from leadboard.domain.relations import link_lead, set_primary_contact
from leadboard.domain.tags import add_tag
from leadboard.domain.tasks import add_task, complete_task
from leadboard.domain.tokens import add_token
from leadboard.domain.views import save_view
from leadboard.formats import Formats
from leadboard.jobs import run_due
from leadboard.lib.text import clean_line, clean_text
from leadboard.models import PasswordLink, Session, Stage
from leadboard.models.lead_fields import LEAD_FIELDS
from leadboard.models.record_fields import FieldKind
from leadboard.permissions import SYSTEM, Actor
from leadboard.pluginhost.discovery import Origin
from leadboard.pluginhost.registry import loaded_plugins
from leadboard.queries import settings as settings_cache
from leadboard.testing.factories import Make, actor_for
from leadboard.testing.people import Person, sign_in_directly
from leadboard.web.gate import token_hash

ROLES = ("nobody", "viewer", "member", "manager", "admin")
SET_UP_TOKEN = "set-up-token"
INVITATION_TOKEN = "invitation-token"

Text = Callable[[str], str]


def plain_text() -> Text:
    """Data without a Latin letter, so that every Latin word on a page is one of ours."""
    count = iter(range(1, 100_000))
    return lambda what: f"Дело {next(count)}"


@dataclass
class World:
    app: Flask
    people: dict[str, Person]
    values: dict[str, list[Any]] = field(default_factory=dict)
    special: dict[tuple[str, str], list[Any]] = field(default_factory=dict)

    def addresses(self, rule: Rule) -> list[str]:
        """The route with real values: the first one alone, then each other value of each argument."""
        choices = {name: self.choices(rule, name) for name in sorted(rule.arguments, key=rule.rule.index)}
        first = {name: values[0] for name, values in choices.items()}
        others = [{**first, name: value} for name, values in choices.items() for value in values[1:]]
        adapter = self.app.url_map.bind("localhost")
        method = next(iter(rule.methods or {"GET"}))
        return [adapter.build(rule.endpoint, values, method) for values in (first, *others)]

    def choices(self, rule: Rule, name: str) -> list[Any]:
        """Real values for one argument of a route."""
        converter = rule._converters[name]
        if isinstance(converter, AnyConverter):
            return sorted(converter.items)
        group = rule.endpoint.partition(".")[0]
        values = self.special.get((rule.endpoint, name)) or self.values.get(name) or self.values.get(f"{group}.{name}")
        assert values, f"tests/walks/world.py has no value for <{name}> of {rule.endpoint}: add one to `values` or `special`"
        return values

    def routes(self) -> Iterator[tuple[str, Rule]]:
        """(method, rule) of everything the application answers."""
        for rule in sorted(self.app.url_map.iter_rules(), key=str):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, rule


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens inside is undone: the next request finds the world as it was."""

    class GiveUp(Exception):
        pass

    try:
        with atomic():
            yield
            raise GiveUp
    except GiveUp:
        pass
    finally:
        settings_cache.forget()


@contextmanager
def kept(client: FlaskClient) -> Iterator[None]:
    """The cookies of this browser are afterwards as before."""
    cookies = dict(client._cookies)
    try:
        yield
    finally:
        client._cookies.clear()
        client._cookies.update(cookies)


def build_world(app: Flask, make: Make, text: Text) -> World:
    for plugin in loaded_plugins():
        if plugin.found.origin is Origin.BUNDLED or plugin.name == "walked":
            enable(plugin.name, actor=SYSTEM)
    people = _people(app, make, text)
    world = World(app, people)
    first, second = _pipelines(make, text)
    source, reason = make.source(text("source")), make.lost_reason(text("reason"))
    assert source.id == reason.id, "one <entry_id> stands for both"
    ids = _leads(world, text, first, second, source.id, reason.id)
    note_ids, task_ids, activity_ids = _entries(world, text, ids["open"])
    moved = move_lead(ids["moved"], to_stage_id=_stage(first, 1), actor=people["member"].actor)
    world.values = {
        "lead_id": [*ids.values()],
        "pipeline_id": [first.id, second.id],
        "stage_id": [stage.id for stage in Stage.select().where(Stage.pipeline == first).order_by(Stage.position)],
        "user_id": [people["member"].id, people["viewer"].id],
        "source_id": [source.id],
        "reason_id": [reason.id],
        "entry_id": [source.id],
        "tag_id": [add_tag(text("tag")[:40].replace(",", " "), actor=SYSTEM)],
        "change_set_id": [moved.change_set_id],
        "session_id": [Session.create(token_hash="other browser", user=people["member"].user).id],
        "token": [INVITATION_TOKEN],
        "plugin_name": ["walked", "packs"],
        "field_id": _custom_fields(text),
        "plugin": ["walked"],
        "pair_id": [_pair(ids)],
        **_comms(ids, people, text),
        "key": ["walked.panel", "walked.now"],
        "token_id": [add_token(people["member"].id, name=text("name")[:80], scopes=["leads:read"], actor=SYSTEM).id],
        "view_id": [save_view(text("view")[:80], "leads", {"owner": "me"}, actor=people["manager"].actor, is_shared=True)],
        "run_id": [_import(app, people["manager"], text)],
        **_parties(
            world, text, (ids["open"], ids["bare"]), {"note_id": note_ids, "task_id": task_ids, "activity_id": activity_ids}
        ),
    }
    world.special = {
        ("packs.preview", "key"): ["industry_packs.trades"],
        ("packs.install", "key"): ["industry_packs.trades"],
        ("plugins.asset", "name"): ["walked.css"],
        ("plugin_admin.ask_remove", "plugin_name"): ["walked"],
        ("setup.form", "token"): [SET_UP_TOKEN],
        ("setup.save", "token"): [SET_UP_TOKEN],
        ("setup.country", "token"): [SET_UP_TOKEN],
        ("contacts.panel", "key"): ["walked.party", "firms", "leads"],
        ("organisations.panel", "key"): ["walked.party", "people", "leads", "parts"],
        ("p_vcard.download_contact", "record_id"): world.values["contact_id"],
        ("p_vcard.download_organisation", "record_id"): world.values["organisation_id"],
        ("leads.restore", "lead_id"): [ids["deleted"]],
        ("merging.ask_split", "change_set_id"): world.values["merging.change_set_id"],
        ("merging.split", "change_set_id"): world.values["merging.change_set_id"],
        ("leads.edit_field", "name"): [*LEAD_FIELDS],
        ("leads.field_row", "name"): [*LEAD_FIELDS],
        **_party_fields(people["member"].actor),
        **_bulk(people["manager"].actor, ids["open"], text),
    }
    return world


def _custom_fields(text: Text) -> list[int]:
    """One with choices, one of contacts, one that is archived."""
    choices = {"choices": [text("choice")[:80], text("choice")[:80]]}
    made = [
        add_field(text("field")[:80], "choice", key="walked_choice", options=choices, help=text("help")[:500], actor=SYSTEM),
        add_field(text("field")[:80], "text", key="walked_text", record_type="contact", actor=SYSTEM),
        add_field(text("field")[:80], "number", key="walked_number", actor=SYSTEM),
    ]
    archive_field("walked_number", is_archived=True, actor=SYSTEM)
    return [one.id for one in made]


def _comms(ids: dict[str, int], people: dict[str, Person], text: Text) -> dict[str, list[Any]]:
    """A webhook with a message in its log, a call and a mail of nobody yet."""
    hook = one(
        "insert into p_webhooks_endpoint (owner_id, name, url, kinds, key, secrets, old_secret_until, is_on, stopped_why, not_before, created_at)"
        " values (?, ?, 'https://hooks.example/', '[\"lead.created\"]', 'walk', '', 0, ?, '', 0, 0) returning id",
        (people["admin"].id, clean_line(text("webhook"), 9999)[:120], True),
    )
    assert hook is not None
    sent = one(
        "insert into p_webhooks_delivery (endpoint_id, message_id, kind, lead_id, body, state, tries, next_at, created_at, last_problem)"
        " values (?, 'msg_walk', 'lead.created', ?, '{}', 'failed', 1, 0, 0, 'unreachable') returning id",
        (hook[0], ids["open"]),
    )
    call = one(
        "insert into p_telephony_hook_call (source_key, direction, state, number, number_key, extension, rang_at, left_message, left_out,"
        " cause, recording, user_id) values ('walk', 'inbound', 'missed', ?, '', '', ?, 0, 0, '', '', ?) returning id",
        (clean_line(text("number"), 9999)[:60], now_ms(), people["member"].id),
    )
    mail = one(
        "insert into p_mail_drop_mail (key, subject, sender, party, at, direction, state, reason, body, quoted, attachments, read_at, user_id)"
        " values ('walk', ?, ?, 'a@else.example', ?, 'incoming', 'open', '', ?, '', '[]', ?, ?) returning id",
        (
            clean_line(text("subject"), 9999)[:200],
            clean_line(text("sender"), 9999)[:320],
            now_ms(),
            clean_text(text("mail"), 9999),
            now_ms(),
            people["member"].id,
        ),
    )
    assert sent is not None and call is not None and mail is not None
    return {"endpoint_id": [hook[0]], "delivery_id": [sent[0]], "call_id": [call[0]], "mail_id": [mail[0]]}


def _bulk(actor: Actor, lead_id: int, text: Text) -> dict[tuple[str, str], list[Any]]:
    """Work on many leads: one that is to be chosen, one that is chosen, one under way."""
    runs = [draft_bulk("lead", actor=actor, ids=[lead_id]) for _ in range(3)]
    for run_id in runs[1:]:
        choose_task(run_id, {"verb": "edit", "values": {"city": text("city")[:100]}}, actor=actor)
    start_bulk(runs[2], actor=actor)
    views = ("show", "progress", "choose", "start", "stop", "resume", "discard", "export", "take_export")
    return {(f"bulk.{view}", "run_id"): runs for view in views}


def _pair(ids: dict[str, int]) -> int:
    """Two leads that may be the same."""
    older, newer = sorted((ids["open"], ids["moved"]))
    execute(
        "insert into p_duplicates_pair (older_id, newer_id, reason, score, found_at) values (?, ?, 'email', 100, 0)",
        (older, newer),
    )
    return 1


def _people(app: Flask, make: Make, text: Text) -> dict[str, Person]:
    people = {"nobody": Person(user=None, client=app.test_client())}  # type: ignore[arg-type]
    for role in ROLES[1:]:
        user = make.user(text("user"), role=role, email=f"{role}@team.example")
        people[role] = Person(user, sign_in_directly(app, user))
    make.user(text("user"), role="member", email="second@team.example")
    soon = now_ms() + 3_600_000
    PasswordLink.create(token_hash=token_hash(INVITATION_TOKEN), user=people["member"].user, expires_at=soon)
    PasswordLink.create(token_hash=token_hash(SET_UP_TOKEN), user=None, expires_at=soon)
    return people


def _pipelines(make: Make, text: Text) -> tuple[Any, Any]:
    kinds = (("open", 10), ("open", 50), ("won", 100), ("lost", 0))
    return tuple(  # type: ignore[return-value]
        make.pipeline(text("pipeline"), tuple((text("stage"), kind, probability) for kind, probability in kinds))
        for _ in range(2)
    )


def _stage(pipeline: Any, position: int) -> int:
    return int(Stage.get((Stage.pipeline == pipeline) & (Stage.position == position)).id)


def full_values(text: Text, source_id: int, owner_id: int) -> dict[str, Any]:
    """Every field of a lead, the free ones with `text`."""
    given: dict[FieldKind, Any] = {
        FieldKind.EMAIL: "a.b@example.org",
        FieldKind.PHONE: "+49 30 901820",
        FieldKind.LINK: "https://example.org/a?b=1&c=2",
        FieldKind.COUNTRY: "DE",
        FieldKind.INTEGER: 120,
        FieldKind.PERCENT: 35,
        FieldKind.MONEY: 1_234_500,
        FieldKind.CURRENCY: "EUR",
        FieldKind.DAY: "2026-12-31",
        FieldKind.USER: owner_id,
        FieldKind.SOURCE: source_id,
    }
    values: dict[str, Any] = {}
    for name, known in LEAD_FIELDS.items():
        if known.kind is FieldKind.CHOICE:
            values[name] = known.options[0][0]
        else:
            values[name] = given.get(known.kind) or text(name)[: known.limit]
    return values


def _leads(world: World, text: Text, first: Any, second: Any, source_id: int, reason_id: int) -> dict[str, int]:
    member, today = world.people["member"], Formats.of(settings_cache.instance()).today
    ids = {
        name: create_lead(full_values(text, source_id, member.id), stage_id=_stage(first, 0), actor=member.actor).lead_id
        for name in ("open", "moved", "won", "lost", "snoozed", "deleted")
    }
    ids["bare"] = create_lead({"title": text("title"), "owner": None}, stage_id=_stage(first, 0), actor=SYSTEM).lead_id
    ids["elsewhere"] = create_lead({"title": text("title")}, stage_id=_stage(second, 0), actor=member.actor).lead_id
    move_lead(ids["won"], to_stage_id=_stage(first, 2), actor=member.actor)
    loss = Loss(reason_id, text("lost_to")[:120], come_back_on=today + timedelta(days=3), task=text("task")[:200])
    move_lead(ids["lost"], to_stage_id=_stage(first, 3), loss=loss, actor=member.actor)
    snooze_lead(ids["snoozed"], until=today + timedelta(days=9), today=today, actor=member.actor)
    delete_leads([ids["deleted"]], actor=member.actor)
    update_lead(ids["open"], {"city": text("city")[:100], "probability": 40}, actor=world.people["manager"].actor)
    return ids


def _parties(world: World, text: Text, lead_ids: tuple[int, int], entries: dict[str, list[int]]) -> dict[str, list[Any]]:
    """A firm with everything and its person, both linked to a lead; and one of each with a name only. `entries` get theirs."""
    lead_id, other_lead_id = lead_ids
    actor = world.people["member"].actor

    def made(record_type: str, **known: Any) -> int:
        fields = TABLES[record_type].fields
        values = {name: text(name)[: field.limit] for name, field in fields.items() if field.kind is FieldKind.TEXT}
        return create_party(record_type, {**values, "phone": "+49 30 901820", "country": "DE", **known}, actor=actor).id

    firm = made("organisation", website="https://firm.example", employees=12)
    person = made("contact", email="a.b@firm.example", organisation=firm)
    bare = {name: create_party(name, {"name": text(name)[:200]}, actor=SYSTEM).id for name in ("organisation", "contact")}
    link_lead(lead_id, contact_id=person, organisation_id=firm, actor=actor)
    set_primary_contact(firm, person, actor=actor)
    set_points([Point("phone", "+49 30 901821", text("label")[:40])], contact_id=person, actor=actor)
    for host in ({"contact_id": person}, {"organisation_id": firm}):
        entries["note_id"].append(add_note(body=text("note"), actor=actor, **host).id)
        entries["task_id"].append(add_task(title=text("task")[:200], actor=actor, **host).id)
        call = log_call(direction="incoming", outcome="reached", body=text("call"), actor=actor, **host)
        entries["activity_id"].append(call.id)
    twin = create_party("contact", {"name": text("name")[:200]}, actor=actor).id
    return {
        **entries,
        "contacts.other_id": [bare["contact"]],
        "organisations.other_id": [bare["organisation"]],
        "leads.other_id": [other_lead_id],
        "merging.change_set_id": [merge_records("contact", person, twin, actor=actor).change_set_id],
        "contacts.record_id": [person, bare["contact"]],
        "organisations.record_id": [firm, bare["organisation"]],
        "p_walked.record_id": [person],
        "p_vcard.record_id": [person],
        "contact_id": [person, bare["contact"]],
        "organisation_id": [firm, bare["organisation"]],
    }


def _party_fields(actor: Actor) -> dict[tuple[str, str], list[Any]]:
    """Every field of contacts and organisations, and those that are in the bin."""
    binned = {name: create_party(name, {"name": "Дело"}, actor=actor).id for name in ("contact", "organisation")}
    found: dict[tuple[str, str], list[Any]] = {}
    for name, record_id in binned.items():
        delete_parties(name, [record_id], actor=SYSTEM)
        found[f"{name}s.restore", "record_id"] = [record_id]
        found |= {(f"{name}s.{view}", "name"): [*TABLES[name].fields] for view in ("edit_field", "field_row")}
    return found


def _entries(world: World, text: Text, lead_id: int) -> tuple[list[int], list[int], list[int]]:
    member, today = world.people["member"], Formats.of(settings_cache.instance()).today
    notes = [add_note(lead_id, body=text("note"), actor=member.actor).id for _ in range(2)]
    edit_note(notes[0], body=text("note"), actor=member.actor)
    pin_note(notes[0], pinned=True, actor=member.actor)
    tasks = [
        add_task(lead_id, title=text("task")[:200], due_on=today + timedelta(days=days), actor=member.actor).id
        for days in (-2, 0, 5)
    ]
    complete_task(tasks[2], actor=member.actor)
    calls = [
        log_call(lead_id, direction="incoming", outcome="reached", body=text("call"), duration_seconds=90, actor=member.actor).id
    ]
    return notes, tasks, calls


def _import(app: Flask, manager: Person, text: Text) -> int:
    """A finished import with one row taken in and one refused."""
    folder = app.config["LEADBOARD"].instance
    cell = text("title").replace('"', '""')[:150]
    csv = f'Title,E-mail\n"{cell}",c.d@example.org\n"{cell}",ничего\n'.encode()
    actor = actor_for(manager.user)
    run_id = imports.upload(io.BytesIO(csv), "список.csv", actor=actor, folder=folder, most_bytes=1_000_000)
    run = load_run(run_id)
    assert run is not None
    imports.choose(run_id, run.options, actor=actor, folder=folder)
    run_due()
    imports.start(run_id, actor=actor)
    run_due()
    assert one("select state from import_run where id = ?", (run_id,)) == ("done",)
    return run_id
