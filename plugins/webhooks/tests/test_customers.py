"""Webhooks that tell of contacts, organisations and conversions."""

import json
from dataclasses import replace

from leadboard_plugins.webhooks import messages

from leadboard.api import execute, rows
from leadboard.delivery import deliver_all
from leadboard.domain.conversion import Side, convert_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note
from leadboard.domain.parties import delete_parties, restore_parties, update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import add_employment, link_lead, set_primary_contact
from leadboard.domain.undo import undo_change
from leadboard.permissions import SYSTEM


def told(receiver):
    return [json.loads(body) for _, body in receiver.got]


def test_customers_are_told_of_as_leads_are(hook, receiver, make, anna, run_jobs):
    lead = make.lead("Ferienhof", person_name="Ilse", organisation_name="Ferienhof Lüders", owner=anna.user, actor=anna.actor)
    done = convert_lead(lead.id, organisation=Side(is_new=True), contact=Side(is_new=True), actor=anna.actor)
    person, firm = done.contact_id, done.organisation_id
    update_party("contact", person, {"city": "Kiel"}, actor=anna.actor)
    set_points([Point("phone", "04321 1")], contact_id=person, actor=anna.actor)
    set_primary_contact(firm, person, actor=anna.actor)
    other = make.contact("Ilse L.", owner=anna.user, actor=anna.actor)
    add_employment(other.id, firm, actor=anna.actor)
    merged = merge_records("contact", person, other.id, values={}, actor=anna.actor)
    undo_change(merged.change_set_id, actor=anna.actor)
    add_note(contact_id=person, body="Not for others", actor=anna.actor)
    delete_parties("organisation", [firm], actor=anna.actor)
    restore_parties("organisation", [firm], actor=anna.actor)
    deliver_all()
    run_jobs()
    seen = told(receiver)
    assert [message["type"] for message in seen] == [
        "lead.created", "organisation.created", "contact.created", "lead.linked", "lead.converted", "contact.updated", "contact.updated",
        "organisation.linked", "contact.created", "contact.linked", "contact.deleted", "contact.merged", "contact.split", "contact.restored",
        "note.added", "organisation.deleted", "organisation.restored",
    ]  # fmt: skip
    by_type = {message["type"]: message["data"] for message in seen}
    converted = by_type["lead.converted"]
    assert (converted["lead"]["id"], converted["contact"]["id"], converted["organisation"]["name"]) == (
        lead.id,
        person,
        "Ferienhof Lüders",
    )
    assert by_type["lead.linked"]["changes"]["contact_id"] == {"before": None, "after": person}
    assert by_type["contact.updated"]["changes"] == {
        "contact_points": {"before": [], "after": [{"kind": "phone", "text": "04321 1", "label": ""}]}
    }
    assert (by_type["contact.merged"]["contact"]["id"], by_type["contact.merged"]["other"]) == (
        person,
        {"kind": "contact", "id": other.id},
    )
    assert by_type["note.added"]["contact"] == {
        "id": person,
        "name": "Ilse",
        "organisation_id": firm,
        "owner_id": anna.id,
        "version": 2,
    }
    assert "Not for others" not in json.dumps(seen)


def test_a_contact_that_the_owner_does_not_see_is_left_out(hook, make, anna, mona, monkeypatch):
    lead, theirs = make.lead(owner=mona.user), make.contact("Secret person", owner=anna.user)
    link_lead(lead.id, contact_id=theirs.id, actor=SYSTEM)
    monkeypatch.setattr(messages, "may_act", lambda owner_id: replace(mona.actor, sees_all=False))
    deliver_all()
    bodies = [json.loads(body) for (body,) in rows("select body from p_webhooks_delivery order by id")]
    assert [(body["type"], "contact" in body["data"]) for body in bodies] == [("lead.created", False), ("lead.linked", False)]
    assert "Secret person" not in json.dumps(bodies)


def test_what_is_purged_takes_its_messages_along(hook, receiver, make, run_jobs):
    contact = make.contact("Ilse")
    deliver_all()
    assert rows("select contact_id from p_webhooks_delivery") == [(contact.id,)]
    execute("delete from contact where id = ?", (contact.id,))
    assert rows("select count(*) from p_webhooks_delivery") == [(0,)]
