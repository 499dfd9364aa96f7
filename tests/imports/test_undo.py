"""Taking an import back."""

import json

import pytest

from leadboard.db import is_sqlite, one
from leadboard.domain import import_undo
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.notes import add_note
from leadboard.domain.tokens import add_token
from leadboard.errors import Conflict, NotAllowed, Refused
from leadboard.models import Event, EventValue, Lead, LostReason, Note, Source, Stage, User
from tests.imports.conftest import DEALS, Importing


def undo(bring, run, **options):
    import_undo.start_undo(run.id, actor=bring.actor, **options)
    bring.run_jobs()
    return bring.run(run.id)


def test_undo_leaves_none_of_it_and_the_file_can_be_imported_again(sales, make, ada_brings):
    kept = make.lead("Before", stage=make.stage("Prospecting", sales))
    run = ada_brings.bring(DEALS.replace("Engaging", "Offer"), create=("owners", "stages", "sources"))

    run = undo(ada_brings, run)

    assert (run.state, run.counts["removed"], run.counts["kept"]) == ("undone", 3, 0)
    assert [lead.id for lead in Lead.select()] == [kept.id]
    assert [user.name for user in User.select()] == ["Ada Admin"]
    assert [stage.name for stage in Stage.select().order_by(Stage.position)] == ["Prospecting", "Engaging", "Won", "Lost"]
    assert one("select count(*) from lead_text") == (1,)
    assert ada_brings.bring(DEALS, create=("owners",)).counts["created"] == 3


def test_the_log_keeps_the_facts_and_loses_the_values(sales, ada, ada_brings):
    run = ada_brings.bring(DEALS, create=("owners",))
    lead = Lead.select().order_by(Lead.id).first()
    update_lead(lead.id, {"city": "Gdańsk"}, actor=ada.actor)

    undo(ada_brings, run, remove_changed="all")

    assert EventValue.select().join(Event).where(Event.lead_id == lead.id).count() == 0
    kinds = [
        event.kind for event in Event.select().where(Event.record_id == lead.id, Event.record_type == "lead").order_by(Event.id)
    ]
    assert kinds == ["lead_created", "lead_updated", "lead_deleted"]
    undone = Event.get(Event.kind == "import_undone")
    assert json.loads(undone.data) == {"removed": 3, "kept": 0}


def test_what_somebody_changed_since_is_listed_and_stays_until_a_person_chooses(sales, ben, ada_brings):
    run = ada_brings.bring(DEALS, create=("owners",))
    cancity, _, isdom = Lead.select().order_by(Lead.id)
    update_lead(cancity.id, {"city": "Gdańsk"}, actor=ben.actor)
    add_note(isdom.id, body="Called them", actor=ben.actor)

    count, changed = import_undo.changed_since(run.id, limit=10)
    assert (count, [(lead.title, lead.by) for lead in changed]) == (2, [("Isdom", "Ben Carter"), ("Cancity", "Ben Carter")])

    run = undo(ada_brings, run, remove_changed=[isdom.id])
    assert (run.counts["removed"], run.counts["kept"], [lead.id for lead in Lead.select()]) == (2, 1, [cancity.id])
    assert Note.select().count() == 0
    assert [user.name for user in User.select().where(User.password_hash.is_null(), User.email_key.is_null())] == ["Moses Frase"]

    run = undo(ada_brings, run, remove_changed="all")
    assert (run.counts["removed"], run.counts["kept"], Lead.select().count()) == (3, 0, 0)
    assert User.select().where(User.name == "Moses Frase").count() == 0


def test_a_lead_that_is_in_the_bin_goes_too(sales, ada, ada_brings):
    run = ada_brings.bring(DEALS, create=("owners",))
    delete_leads([Lead.select().first().id], actor=ada.actor)

    assert import_undo.changed_since(run.id, limit=10) == (0, [])
    undo(ada_brings, run)

    assert Lead.select().count() == 0


def test_list_entries_that_others_use_by_now_stay(sales, make, ada_brings):
    text = "Company,Stage,Source,Lost reason\nAcme,Offer,Fair,\nBirch,Lost,,Too dear\n"
    run = ada_brings.bring(text, create=("stages", "sources", "reasons"))
    make.lead("Other", stage=make.stage("Offer", sales), source=Source.get().id)

    undo(ada_brings, run)

    assert (Stage.select().where(Stage.name == "Offer").count(), Source.select().count()) == (1, 1)
    assert [reason.name for reason in LostReason.select()] == []


def test_an_owner_who_has_a_token_by_now_stays(sales, ada, ada_brings):
    run = ada_brings.bring(DEALS, create=("owners",))
    owner = User.select().where(User.id > ada.id).order_by(User.id.desc()).get()
    add_token(owner.id, name="Form", scopes=["leads:read"], actor=ada.actor)

    undo(ada_brings, run)

    assert User.get_or_none(User.id == owner.id) is not None


def test_an_undo_goes_on_where_it_was_killed(sales, mona_brings, monkeypatch):
    run = mona_brings.bring("Company\n" + "\n".join(f"Firm {number}" for number in range(1200)))
    remove, calls = import_undo._remove, []

    def remove_until_killed(record_type, lead_ids, step):
        remove(record_type, lead_ids, step)
        calls.append(len(lead_ids))
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(import_undo, "_remove", remove_until_killed)
    import_undo.start_undo(run.id, actor=mona_brings.actor)
    with pytest.raises(KeyboardInterrupt):
        import_undo.undo_import(run.id)
    assert Lead.select().count() == 700

    mona_brings.run_jobs()

    assert (calls, Lead.select().count(), mona_brings.run(run.id).counts["removed"]) == ([500, 500, 500, 200], 0, 1200)
    assert Event.select().where(Event.kind == "lead_deleted").count() == 1200


def test_two_undos_at_once_are_one(sales, mona_brings):
    run = mona_brings.bring("Company\nAcme\n")
    import_undo.start_undo(run.id, actor=mona_brings.actor)

    with pytest.raises((Conflict, Refused)):
        import_undo.start_undo(run.id, actor=mona_brings.actor)


@pytest.mark.parametrize("who", ["anna", "vera"])
def test_taking_back_is_for_managers(who, request, sales, mona_brings, settings, run_jobs):
    run = mona_brings.bring("Company\nAcme\n")

    with pytest.raises(NotAllowed):
        undo(Importing(request.getfixturevalue(who).actor, settings, run_jobs), run)

    assert Lead.select().count() == 1


def test_the_search_index_has_no_orphans(sales, mona_brings):
    run = mona_brings.bring("Company\nAcme\nBirch\n")

    undo(mona_brings, run)

    assert one("select count(*) from lead_text") == (0,)
    if is_sqlite():
        assert one("select count(*) from lead_text where words match 'acme'") == (0,)
