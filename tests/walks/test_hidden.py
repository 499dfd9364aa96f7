"""Whoever sees own records only learns nothing of those of others, by whatever address and with whatever number, and changes none."""

import json
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest

from leadboard.db import execute, rows
from leadboard.domain.activities import log_call
from leadboard.domain.conversion import Side, convert_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note
from leadboard.domain.parties import update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import add_employment, link_lead, set_primary_contact
from leadboard.domain.settings import change_settings
from leadboard.domain.tasks import add_task
from leadboard.domain.tokens import add_token
from leadboard.permissions import SYSTEM, Scope
from tests.walks.walking import HTMX
from tests.walks.world import kept, taken_back

pytestmark = pytest.mark.sqlite_only

SECRET = "zobel"
TABLES = ("lead", "contact", "organisation", "note", "task", "activity", "contact_point", "employment")


@pytest.fixture
def hidden(world, make):
    """Ben's records and those that he shares with Anna, and everything that hangs on them; the ids by what they are."""
    ben, anna = make.user("Ben Hidden"), world.people["member"].user
    for record_type in ("lead", "contact", "organisation"):
        make.field("Adviser", "contact", record_type=record_type)
    firm, other, parent = (
        make.organisation(f"Zobel {name}", owner=ben, email=f"info@{name}.zobel.example", phone="+49 30 901840").id
        for name in ("Werke", "Handel", "Holding")
    )
    kim, lee = (
        make.contact(f"{name} Zobel", owner=ben, organisation=firm, email=f"{name}@zobel.example", phone="+49 30 901840").id
        for name in ("Kim", "Lee")
    )
    lead = make.lead("Zobel Auftrag", owner=ben, organisation_name="Acme Zobel", email="kauf@acme.example").id
    gone = make.lead("Zobel alt", owner=ben).id
    own_firm = make.organisation("Acme", owner=anna, website="https://acme.example", parent=parent, phone="+49 30 901840").id
    own_person = make.contact("Ann Lee", owner=anna, organisation=firm, email="ann@acme.example", phone="+49 30 901840").id
    own_lead = make.lead("Acme kitchen", owner=anna, organisation_name="Acme", email="a@acme.example", phone="+49 30 901840").id
    free_lead = make.lead("Acme garden", owner=anna, organisation_name="Garden", email="g@garden.example").id
    part = make.organisation("Zobel Part", owner=ben, parent=own_firm).id
    world.own = {"lead": [own_lead, free_lead], "contact": [own_person], "organisation": [own_firm]}
    world.theirs = {"lead": [lead, gone], "contact": [kim, lee], "organisation": [firm, other, parent, part]}
    link_lead(own_lead, contact_id=kim, organisation_id=firm, actor=SYSTEM)
    link_lead(lead, contact_id=own_person, organisation_id=own_firm, actor=SYSTEM)
    add_employment(own_person, other, job_title="Buyer", actor=SYSTEM)
    add_employment(kim, own_firm, job_title="Zobel seller", actor=SYSTEM)
    set_primary_contact(own_firm, kim, actor=SYSTEM)
    update_party("contact", own_person, {"fields.adviser": kim}, actor=SYSTEM)
    set_points([Point("email", "x@zobel.example", "Zobel")], contact_id=kim, actor=SYSTEM)
    entries: dict[str, list[int]] = {"note": [], "task": [], "activity": []}
    for place in ({"lead_id": lead}, {"contact_id": kim}, {"organisation_id": firm}):
        entries["note"].append(add_note(body="Zobel note", actor=SYSTEM, **place).id)
        entries["task"].append(add_task(title="Zobel step", due_on=date(2026, 12, 1), actor=SYSTEM, **place).id)
        entries["activity"].append(log_call(direction="incoming", outcome="reached", body="Zobel call", actor=SYSTEM, **place).id)
    merged = [merge_records("lead", lead, gone, actor=SYSTEM).change_set_id]
    twin = make.contact("Ann Zobel", owner=ben).id
    add_note(body="Twin", contact_id=twin, actor=SYSTEM)
    # Kept by what Anna has, merged away what Ben had.
    merged.append(merge_records("contact", own_person, twin, values={}, actor=SYSTEM).change_set_id)
    done = convert_lead(free_lead, organisation=Side(other), contact=Side(lee), actor=SYSTEM)
    world.hidden_changes = [*merged, done.change_set_id]
    world.theirs["contact"].append(twin)
    values = world.values
    for name in ("lead", "contact", "organisation"):
        values[f"{name}_id"] = [*world.own[name], *world.theirs[name]]
    values["contacts.record_id"] = values["contacts.other_id"] = values["contact_id"]
    values["organisations.record_id"] = values["organisations.other_id"] = values["organisation_id"]
    values["leads.other_id"] = values["lead_id"]
    values["p_vcard.record_id"] = sorted({*values["contact_id"], *values["organisation_id"]})
    values["merging.change_set_id"] = values["change_set_id"] = world.hidden_changes
    values |= {f"{name}_id": found for name, found in entries.items()}
    world.special = {
        (endpoint, name): found
        for (endpoint, name), found in world.special.items()
        if name not in {"record_id", "change_set_id", "lead_id"}
    }
    change_settings(member_visibility="own", actor=SYSTEM)
    return world


def every_address(world) -> Iterator[tuple[str, str]]:
    """(method, URL) with every pair of numbers of a route that takes two records, not the first few only."""
    adapter = world.app.url_map.bind("localhost")
    for method, rule in world.routes():
        choices = {name: world.choices(rule, name) for name in rule.arguments}
        for values in product(*choices.values()):
            yield method, adapter.build(rule.endpoint, dict(zip(choices, values, strict=True)), method)


SEARCHES = (
    "/search?q=zobel", "/leads?q=zobel", "/contacts?q=zobel", "/organisations?q=zobel", "/leads?query=zobel", "/board?q=zobel",
    "/api/v1/leads?q=zobel", "/api/v1/contacts?q=zobel", "/api/v1/organisations?q=zobel",
    "/api/v1/contacts?email=kim@zobel.example", "/api/v1/organisations?domain=werke.zobel.example", "/suggest/contact?q=kim",
    "/suggest/organisation?q=werke", "/contacts?organisation={firm}", "/leads?firm={firm}", "/leads?person={kim}",
    "/api/v1/leads?organisation={firm}", "/api/v1/leads?contact={kim}", "/contacts?country=DE", "/contacts/new?organisation={firm}",
    "/organisations/new?parent={firm}", "/leads/new?organisation={firm}", "/leads/new?contact={kim}", "/contacts/{own}/merge?q=kim",
    "/contacts?f.adviser=kim", "/leads?f.adviser=kim",
)  # fmt: skip


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_no_page_tells_of_what_is_hidden(role, hidden):
    person = hidden.people[role]
    if role == "viewer":
        execute("update lead set owner_id = ? where owner_id = ?", (person.id, hidden.people["member"].id))
        for table in ("contact", "organisation"):
            execute(f"update {table} set owner_id = ? where owner_id = ?", (person.id, hidden.people["member"].id))
    token = add_token(person.id, name="t", scopes=[*Scope], actor=SYSTEM)
    told = []
    ids = {"firm": hidden.theirs["organisation"][0], "kim": hidden.theirs["contact"][0], "own": hidden.own["contact"][0]}
    urls = [url for method, url in every_address(hidden) if method == "GET"]
    urls += [url.format(**ids) for url in SEARCHES]
    urls += [f"/{kind}s/{own}?all=1" for kind in ("contact", "organisation") for own in hidden.own[kind]]
    for url in urls:
        for headers in ({"Authorization": f"Bearer {token.text}"},) if url.startswith("/api/") else ({}, HTMX):
            with kept(person.client), taken_back(), person.client.get(url, headers=headers) as answer:
                text = answer.get_data(as_text=True)
                # A search says again what was looked for.
                found = text.lower().replace(url.partition("=")[2].lower() or "\0", "")
                at = found.find(SECRET)
                if at >= 0 or answer.status_code >= 500:
                    told.append(f"{url} {answer.status_code}: …{found[max(0, at - 150) : at + 60]}…")
    assert told == [], "\n".join(["", *told])


def rows_of_others(hidden) -> dict[str, list[tuple]]:
    """All rows of what is hidden, and how many rows there are of what hangs on it."""
    found = {}
    for table, ids in hidden.theirs.items():
        places = ", ".join(map(str, ids))
        found[table] = rows(f"select * from {table} where id in ({places}) order by id")
        for further in ("note", "task", "activity", "contact_point"):
            found[f"{further} of {table}"] = rows(f"select * from {further} where {table}_id in ({places}) order by id")
    return found


FORMS = (
    {},
    {"id": "{kim}", "pick": "{kim}", "name": "Zobel", "ids": "{kim}"},
    {"id": "{firm}", "pick": "{firm}", "q": "Zobel Werke", "ids": "{firm}"},
    {"organisation": "{firm}", "contact": "{kim}", "keep": "{own}", "title": "x", "body": "x"},
    {"organisation-choice": "{firm}", "contact-choice": "{kim}", "owner": ""},
)  # fmt: skip


def test_no_write_reaches_what_is_hidden(hidden):
    person = hidden.people["member"]
    token = add_token(person.id, name="t", scopes=[*Scope], actor=SYSTEM)
    before, wrong = rows_of_others(hidden), []
    ids = {"firm": hidden.theirs["organisation"][0], "kim": hidden.theirs["contact"][0], "own": hidden.own["contact"][0]}
    for method, url in every_address(hidden):
        if method == "GET" or url.startswith(("/admin", "/setup", "/login")):
            continue
        for form in FORMS[:1] if url.startswith("/api/") else FORMS:
            data = {name: value.format(**ids) for name, value in form.items()}
            with kept(person.client), taken_back():
                if url.startswith("/api/"):
                    sent = {
                        "organisation": {"id": ids["firm"]}, "contact": {"id": ids["kim"]}, "organisation_id": ids["firm"],
                        "contact_id": ids["kim"], "body": "x", "title": "x", "name": "x",
                    } if "convert" in url else {"organisation_id": ids["firm"]}  # fmt: skip
                    headers = {"Authorization": f"Bearer {token.text}"}
                    answer = person.client.open(url, method=method, json=sent, headers=headers)
                else:
                    answer = person.client.open(url, method=method, data=data, headers={"X-CSRFToken": person.csrf(), **HTMX})
                with answer:
                    text = answer.get_data(as_text=True).lower()
                    toast = json.dumps(dict(answer.headers)).lower()
                sent_texts = " ".join(data.values()).lower()
                if answer.status_code >= 500:
                    wrong.append(f"{method} {url} {data}: {answer.status_code}")
                if SECRET not in sent_texts and (SECRET in text or SECRET in toast):
                    at = text.find(SECRET)
                    wrong.append(f"{method} {url} {data} {answer.status_code} tells …{text[max(0, at - 150) : at + 60]}…")
                now = rows_of_others(hidden)
                if now != before:
                    changed = [name for name in now if now[name] != before[name]]
                    wrong.append(f"{method} {url} {data} {answer.status_code} changes {changed}")
    assert wrong == [], "\n".join(["", *wrong])
