"""Two records that are one, and one that was two: whatever is done, everything keeps pointing to something that is there."""

import random
from datetime import date

import pytest

from leadboard.db import database, execute, one, rows
from leadboard.domain.conversion import Side, convert_lead
from leadboard.domain.first_contacts import ABSENT
from leadboard.domain.hosts import Host
from leadboard.domain.leads import create_lead, delete_leads, restore_leads, update_lead
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note
from leadboard.domain.parties import (
    create_contact,
    create_organisation,
    create_party,
    delete_parties,
    restore_parties,
    update_party,
)
from leadboard.domain.points import Point, points_of, set_points
from leadboard.domain.relations import add_employment, end_employment, link_lead, set_primary_contact
from leadboard.domain.tasks import add_task
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, LeadboardError, Refused

NOT_STATE = {"version", "updated_at", "created_at", "position", "stage_entered_at"}
TABLES = ("lead", "contact", "organisation", "note", "task", "activity", "contact_point", "employment")


def state():
    """Everything that lives, with what points to what; without clocks, versions and numbers of rows that are made anew."""
    found = {}
    for table in TABLES:
        columns = [name for (name,) in columns_of(table) if name not in NOT_STATE]
        renewed = table in {"contact_point", "employment"}
        columns = [name for name in columns if not (renewed and name == "id")]
        alive = "" if renewed else " where deleted_at is null"
        found[table] = sorted(rows(f"select {', '.join(columns)} from {table}{alive}"), key=repr)
    return found


def columns_of(table):
    return [(column.name,) for column in database.get_columns(table)]


@pytest.fixture
def pair(anna):
    first = create_contact({"name": "Anna Kim", "email": "anna@acme.example", "city": "Kiel"}, actor=anna.actor).id
    second = create_contact(
        {"name": "A. Kim", "email": "kim@home.example", "phone": "+49 30 1", "job_title": "CEO"}, actor=anna.actor
    ).id
    execute("update contact set updated_at = updated_at - 1000 where id = ?", (second,))
    return first, second


def test_the_newer_values_win_gaps_are_filled_and_no_address_is_lost(anna, make, pair):
    keep, other = pair
    lead = make.lead(owner=anna.user, actor=anna.actor)
    link_lead(lead.id, contact_id=other, actor=anna.actor)
    note = add_note(body="From the fair", contact_id=other, actor=anna.actor)
    add_task(title="Call", due_on=date(2026, 12, 1), contact_id=other, actor=anna.actor)
    set_points([Point("phone", "+49 30 2", "desk")], contact_id=other, actor=anna.actor)
    before = state()
    done = merge_records("contact", keep, other, actor=anna.actor)
    assert one("select name, email, phone, job_title, city, next_task_id is null from contact where id = ?", (keep,))[:5] == (
        "Anna Kim", "anna@acme.example", "+49 30 1", "CEO", "Kiel",
    )  # fmt: skip
    assert points_of(Host("contact", keep, None)) == [Point("email", "kim@home.example"), Point("phone", "+49 30 2", "desk")]
    assert (one("select contact_id from note where id = ?", (note.id,)), one("select contact_id from lead")) == ((keep,), (keep,))
    with pytest.raises(Refused, match=f"was merged into #{keep} Anna Kim"):
        merge_records("contact", other, keep, actor=anna.actor)
    with pytest.raises(Refused, match=f"It was merged into #{keep}"):
        restore_parties("contact", [other], actor=anna.actor)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_chosen_values_are_taken(anna, pair):
    keep, other = pair
    merge_records("contact", keep, other, values={"name": "A. Kim", "city": ""}, actor=anna.actor)
    assert one("select name, city, email from contact where id = ?", (keep,)) == ("A. Kim", "", "anna@acme.example")


def test_what_came_later_stays_when_they_are_split(anna, pair):
    keep, other = pair
    done = merge_records("contact", keep, other, actor=anna.actor)
    later = add_note(body="Later", contact_id=keep, actor=anna.actor)
    update_party("contact", keep, {"city": "Bonn"}, actor=anna.actor)
    undo_change(done.change_set_id, actor=anna.actor)
    assert one("select contact_id from note where id = ?", (later.id,)) == (keep,)
    assert rows("select name, city from contact where deleted_at is null order by id") == [("Anna Kim", "Bonn"), ("A. Kim", "")]


def test_firms_are_merged_with_people_leads_and_daughters(anna, make):
    keep, other, top = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "Acme Ltd", "Top"))
    update_party("organisation", other, {"parent": top}, actor=anna.actor)
    update_party("organisation", keep, {"parent": other}, actor=anna.actor)
    kim = create_contact({"name": "Kim", "organisation": other}, actor=anna.actor).id
    lee = create_contact({"name": "Lee", "organisation": keep}, actor=anna.actor).id
    add_employment(lee, other, actor=anna.actor)
    set_primary_contact(other, kim, actor=anna.actor)
    before = state()
    done = merge_records("organisation", keep, other, actor=anna.actor)
    assert rows("select organisation_id from contact order by id") == [(keep,), (keep,)]
    assert one("select parent_id from organisation where id = ?", (keep,)) == (top,)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_a_person_who_is_two_stays_at_both_firms_and_their_first_contact(anna):
    acme, birch = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "Birch"))
    keep = create_contact({"name": "Kim", "organisation": acme, "job_title": "CEO"}, actor=anna.actor).id
    other = create_contact({"name": "Kim", "organisation": birch, "job_title": "Advisor"}, actor=anna.actor).id
    for firm, person in ((acme, keep), (birch, other)):
        set_primary_contact(firm, person, actor=anna.actor)
    before = state()
    for values, main, further in (({}, acme, (birch, "Advisor")), ({"organisation": birch}, birch, (acme, "CEO"))):
        done = merge_records("contact", keep, other, values=values, actor=anna.actor)
        assert one("select organisation_id from contact where id = ?", (keep,)) == (main,)
        assert rows("select organisation_id, job_title from employment where contact_id = ?", (keep,)) == [further]
        assert rows("select primary_contact_id from organisation") == [(keep,), (keep,)]
        assert dangling() == {}
        undo_change(done.change_set_id, actor=anna.actor)
        assert state() == before


def test_of_no_firm_nobody_is_the_first_contact(anna):
    """Whoever merges may say that the person is at no firm."""
    acme = create_organisation({"name": "Acme"}, actor=anna.actor).id
    keep, other = (create_contact({"name": "Kim", "organisation": firm}, actor=anna.actor).id for firm in (None, acme))
    set_primary_contact(acme, other, actor=anna.actor)
    before = state()
    done = merge_records("contact", keep, other, values={}, actor=anna.actor)
    assert one("select primary_contact_id from organisation") == (None,)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


def test_a_split_firm_forgets_a_first_contact_who_left_meanwhile(anna):
    acme, birch, ltd = (create_organisation({"name": name}, actor=anna.actor).id for name in ("Acme", "Birch", "Acme Ltd"))
    kim = create_contact({"name": "Kim", "organisation": ltd}, actor=anna.actor).id
    set_primary_contact(ltd, kim, actor=anna.actor)
    done = merge_records("organisation", acme, ltd, actor=anna.actor)
    update_party("contact", kim, {"organisation": birch}, actor=anna.actor)
    assert dangling() == {}
    undo_change(done.change_set_id, actor=anna.actor)
    assert dangling() == {}


def test_links_that_only_the_other_had_come_over(anna, make):
    keep, other = (make.lead(title, owner=anna.user, actor=anna.actor) for title in ("Acme", "Acme kitchen"))
    done = convert_lead(other.id, organisation=Side(is_new=True, values={"name": "Acme"}), contact=Side(), actor=anna.actor)
    before = state()
    merged = merge_records("lead", keep.id, other.id, actor=anna.actor)
    found = one("select organisation_id, converted_at is null from lead where id = ?", (keep.id,))
    assert (found[0], bool(found[1])) == (done.organisation_id, False)
    undo_change(merged.change_set_id, actor=anna.actor)
    assert state() == before
    firm = create_organisation({"name": "ACME"}, actor=anna.actor).id
    kim = create_contact({"name": "Kim", "organisation": done.organisation_id}, actor=anna.actor).id
    set_primary_contact(done.organisation_id, kim, actor=anna.actor)
    before = state()
    merged = merge_records("organisation", firm, done.organisation_id, actor=anna.actor)
    assert one("select primary_contact_id from organisation where id = ?", (firm,)) == (kim,)
    undo_change(merged.change_set_id, actor=anna.actor)
    assert state() == before


def test_what_was_changed_since_it_was_looked_at_is_named(anna, ben, pair):
    keep, other = pair
    update_party("contact", other, {"job_title": "CTO"}, actor=ben.actor)
    with pytest.raises(Conflict) as caught:
        merge_records("contact", keep, other, versions={keep: 1, other: 1}, actor=anna.actor)
    assert caught.value.details == {other: {"job_title": "Ben Carter"}}
    merge_records("contact", keep, other, versions={keep: 1, other: 2}, actor=anna.actor)


def test_somebody_elses_record_keeps_its_owner(anna, ben):
    keep = create_contact({"name": "Kim"}, actor=ben.actor).id
    other = create_contact({"name": "A. Kim", "owner": anna.id}, actor=anna.actor).id
    execute("update contact set updated_at = updated_at + 1000 where id = ?", (other,))
    merge_records("contact", keep, other, actor=anna.actor)
    assert one("select name, owner_id from contact where id = ?", (keep,)) == ("A. Kim", ben.id)


def test_leads_are_merged(anna, make):
    keep = make.lead("Acme", email="a@acme.example", owner=anna.user, actor=anna.actor)
    other = make.lead("Acme kitchen", phone="+49 30 1", owner=anna.user, actor=anna.actor)
    add_note(other.id, body="Hi", actor=anna.actor)
    before = state()
    done = merge_records("lead", keep.id, other.id, actor=anna.actor)
    assert one("select email, phone from lead where deleted_at is null") == ("a@acme.example", "+49 30 1")
    assert one("select lead_id from note") == (keep.id,)
    undo_change(done.change_set_id, actor=anna.actor)
    assert state() == before


# ---------------------------------------------------------------------------------------------- anything at all


class Team:
    """Does something at random; what is refused changes nothing."""

    def __init__(self, seed, actor, stages):
        self.random, self.actor, self.stages = random.Random(seed), actor, stages
        self.ids = {"lead": [], "contact": [], "organisation": []}
        self.steps = []

    def pick(self, noun):
        return self.random.choice(self.ids[noun])

    def act(self):
        verbs = [
            self.create,
            self.change,
            self.link,
            self.leave,
            self.hang,
            self.convert,
            self.merge,
            self.delete,
            self.points,
            self.undo,
        ]
        self.random.choice(verbs)()

    def create(self):
        noun = self.random.choice([*self.ids])
        name = self.random.choice(["Acme", "Birch", "Kim", "Lee"])
        if noun == "lead":
            values = {"person_name": name, "organisation_name": f"{name} GmbH", "email": f"{name.lower()}@{name.lower()}.example"}
            done = create_lead(values, actor=self.actor)
            self.ids[noun].append(done.lead_id)
        else:
            done = create_party(noun, {"name": name, "email": f"{name.lower()}@x.example"}, actor=self.actor)
            self.ids[noun].append(done.id)
        self.steps.append(done.change_set_id)

    def change(self):
        noun, city = self.random.choice([*self.ids]), self.random.choice(["Kiel", "Bonn", ""])
        if noun == "lead":
            self.steps.append(update_lead(self.pick(noun), {"city": city}, actor=self.actor).change_set_id)
        elif noun == "organisation" and self.random.random() < 0.5:
            self.steps.append(update_party(noun, self.pick(noun), {"parent": self.pick(noun)}, actor=self.actor).change_set_id)
        else:
            self.steps.append(update_party(noun, self.pick(noun), {"city": city}, actor=self.actor).change_set_id)

    def link(self):
        what = self.random.randrange(4)
        if what == 0:
            self.steps.append(
                link_lead(
                    self.pick("lead"),
                    contact_id=self.pick("contact"),
                    organisation_id=self.pick("organisation"),
                    actor=self.actor,
                )
            )
        elif what == 1:
            self.steps.append(add_employment(self.pick("contact"), self.pick("organisation"), actor=self.actor))
        elif what == 2:
            self.steps.append(set_primary_contact(self.pick("organisation"), self.pick("contact"), actor=self.actor))
        else:
            done = update_party("contact", self.pick("contact"), {"organisation": self.pick("organisation")}, actor=self.actor)
            self.steps.append(done.change_set_id)

    def leave(self):
        self.steps.append(end_employment(self.pick("contact"), self.pick("organisation"), actor=self.actor))

    def hang(self):
        noun = self.random.choice([*self.ids])
        where = {f"{noun}_id": self.pick(noun)}
        add = self.random.choice(
            [lambda: add_note(body="x", actor=self.actor, **where), lambda: add_task(title="x", actor=self.actor, **where)]
        )
        self.steps.append(add().change_set_id)

    def convert(self):
        sides = [Side(is_new=True), Side(), Side(self.pick("organisation"))]
        people = [Side(is_new=True), Side(), Side(self.pick("contact"))]
        done = convert_lead(
            self.pick("lead"), organisation=self.random.choice(sides), contact=self.random.choice(people),
            to_stage_id=self.random.choice(self.stages), actor=self.actor,
        )  # fmt: skip
        self.steps.append(done.change_set_id)

    def merge(self):
        noun = self.random.choice([*self.ids])
        self.steps.append(merge_records(noun, self.pick(noun), self.pick(noun), actor=self.actor).change_set_id)

    def delete(self):
        noun = self.random.choice([*self.ids])
        ids = [self.pick(noun)]
        verbs = (delete_leads, restore_leads) if noun == "lead" else None
        if verbs is not None:
            self.steps.append(self.random.choice(verbs)(ids, actor=self.actor))
        else:
            self.steps.append(self.random.choice([delete_parties, restore_parties])(noun, ids, actor=self.actor))

    def points(self):
        noun = self.random.choice([*self.ids])
        found = [Point("email", f"p{self.random.randrange(3)}@x.example")]
        self.steps.append(set_points(found, actor=self.actor, **{f"{noun}_id": self.pick(noun)}))

    def undo(self):
        """Take the last thing back: what is done can be undone at any time, so nobody does it twice."""
        if self.steps:
            self.steps.append(undo_change(self.steps.pop(), actor=self.actor).change_set_id)
            self.steps.pop()


def dangling():
    """References to records that are not there or, from living ones, to rows of nothing."""
    found = {}
    for table, column, target in (
        ("lead", "contact_id", "contact"), ("lead", "organisation_id", "organisation"), ("contact", "organisation_id", "organisation"),
        ("organisation", "parent_id", "organisation"), ("organisation", "primary_contact_id", "contact"),
        ("lead", "merged_into_id", "lead"), ("contact", "merged_into_id", "contact"),
    ):  # fmt: skip
        wrong = rows(
            f"select id from {table} where {column} is not null and not exists (select 1 from {target} t where t.id = {table}.{column})"
        )
        if wrong:
            found[f"{table}.{column}"] = wrong
    absent = rows(f"select o.id from organisation o where {ABSENT}")
    if absent:
        found["first contacts who do not work there"] = absent
    for record in ("lead", "contact", "organisation"):
        merged = rows(f"select id from {record} where deleted_at is null and merged_into_id is not null")
        if merged:
            found[f"{record} merged but alive"] = merged
    return found


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_is_undone_in_reverse_to_the_first_state(seed, anna, mona, make):
    make.pipeline()
    stages = [make.stage("New").id, make.stage("Won").id]
    team = Team(seed, mona.actor, stages)
    for noun in team.ids:
        for _ in range(2):
            created = (
                create_lead({"title": "First"}, actor=mona.actor).lead_id
                if noun == "lead"
                else create_party(noun, {"name": "First"}, actor=mona.actor).id
            )
            team.ids[noun].append(created)
    first = state()
    for _ in range(40):
        try:
            team.act()
        except LeadboardError:
            continue
        assert dangling() == {}
    steps = [step for step in team.steps if step is not None]
    assert len(steps) >= 5
    for step in reversed(steps):
        undo_change(step, actor=mona.actor)
    assert state() == first
