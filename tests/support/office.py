"""Somebody who does anything at all with leads, contacts and organisations, and what must hold meanwhile."""

import random
from datetime import date, timedelta

from leadboard.db import atomic, database, execute, rows
from leadboard.domain.activities import log_call
from leadboard.domain.checks import CHECKS
from leadboard.domain.conversion import Side, convert_lead
from leadboard.domain.leads import assign_leads, create_lead, delete_leads, restore_leads, update_lead
from leadboard.domain.linking import create_linked_lead, make_of_lead, refuse_link
from leadboard.domain.merging import merge_records
from leadboard.domain.notes import add_note, delete_note, edit_note, pin_note
from leadboard.domain.parties import assign_parties, create_party, delete_parties, restore_parties, update_party
from leadboard.domain.points import Point, set_points
from leadboard.domain.purge import purge_bin
from leadboard.domain.record_checks import native, wrong_fields, wrong_keys
from leadboard.domain.relations import add_employment, end_employment, link_lead, set_main_firm, set_primary_contact
from leadboard.domain.tasks import add_task, change_task, complete_task, delete_task, reopen_task
from leadboard.domain.undo import undo_change
from leadboard.models.record_fields import RECORD_TYPES

NOT_STATE = {"version", "updated_at", "created_at", "position", "stage_entered_at", "edited_at"}
STATE = ("lead", "contact", "organisation", "note", "task", "activity", "contact_point", "employment")
# They are made anew when they are put back.
RENEWED = {"contact_point", "employment"}
# {table: {column: what it points to}}
REFERENCES = {
    "lead": {"contact_id": "contact", "organisation_id": "organisation", "merged_into_id": "lead"},
    "contact": {"organisation_id": "organisation", "merged_into_id": "contact"},
    "organisation": {"parent_id": "organisation", "primary_contact_id": "contact", "merged_into_id": "organisation"},
}


def state():
    """Everything that lives, with what points to what; without clocks, versions and numbers of rows that are made anew."""
    found = {}
    for table in STATE:
        columns = [column.name for column in database.get_columns(table) if column.name not in NOT_STATE]
        columns = [name for name in columns if not (table in RENEWED and name == "id")]
        alive = "" if table in RENEWED else " where deleted_at is null"
        found[table] = sorted(rows(f"select {', '.join(columns)} from {table}{alive}"), key=repr)
    return found


def dangling():
    """References to records that are not there, from what lives to what was merged away, and whatever else is wrong."""
    found = {}
    for table, columns in REFERENCES.items():
        for column, target in columns.items():
            found[f"{table}.{column}"] = rows(
                f"select id from {table} where {column} is not null and not exists (select 1 from {target} t where t.id = {table}.{column})"
            )
            if column != "merged_into_id":
                found[f"{table}.{column} of what was merged away"] = rows(
                    f"select x.id from {table} x join {target} t on t.id = x.{column}"
                    " where x.deleted_at is null and t.merged_into_id is not null"
                )
        found[f"{table} merged but alive"] = rows(
            f"select id from {table} where deleted_at is null and merged_into_id is not null"
        )
    return {name: wrong for name, wrong in found.items() if wrong}


def unwell():
    """What `leadboard db check` would say of the rows."""
    found = {check.name: rows(native(check.sql)) for check in CHECKS}
    found |= {"fields": wrong_fields(), "keys": wrong_keys()}
    return {name: wrong for name, wrong in found.items() if wrong}


class Worker:
    """Does something at random; what is refused changes nothing. `steps` are the change sets that are to be undone."""

    def __init__(self, seed, actor, stages, owners):
        self.random, self.actor, self.stages, self.owners = random.Random(seed), actor, stages, owners
        self.ids = {noun: [] for noun in RECORD_TYPES}
        self.entries = {"note": [], "task": []}
        self.steps = []
        self.verbs = [
            self.create, self.change, self.set_custom, self.link, self.make, self.refuse, self.leave, self.hang, self.rework,
            self.convert, self.merge, self.merge, self.delete, self.points, self.assign, self.purge, self.undo,
        ]  # fmt: skip

    def act(self):
        self.random.choice(self.verbs)()

    def begin(self, noun):
        """One that is there before anything is done."""
        done = create_lead({"title": "First"}, actor=self.actor) if noun == "lead" else self.made(noun, "First")
        self.ids[noun].append(done.lead_id if noun == "lead" else done.id)

    def made(self, noun, name, **values):
        needed = {"fields.area": "North"} if noun == "organisation" else {}
        return create_party(noun, {"name": name, **needed, **values}, actor=self.actor, complete=True)

    def noun(self):
        return self.random.choice([*self.ids])

    def pick(self, noun):
        return self.random.choice(self.ids[noun])

    def place(self, noun=None):
        noun = noun or self.noun()
        return {f"{noun}_id": self.pick(noun)}

    def did(self, step):
        if step is not None:
            self.steps.append(step)

    def update(self, noun, values):
        if noun == "lead":
            done = update_lead(self.pick(noun), values, actor=self.actor)
        else:
            done = update_party(noun, self.pick(noun), values, actor=self.actor)
        self.did(done.change_set_id)

    # ------------------------------------------------------------------------------------------ verbs

    def create(self):
        noun = self.noun()
        name = self.random.choice(["Acme", "Birch", "Kim", "Lee"])
        address = f"{name.lower()}@{name.lower()}.example"
        if noun == "lead":
            values = {"person_name": name, "organisation_name": f"{name} GmbH", "email": address, "fields.area": "South"}
            done, _ = create_linked_lead(values, actor=self.actor)
            self.ids[noun].append(done.lead_id)
        else:
            done = self.made(noun, name, email=address)
            self.ids[noun].append(done.id)
        self.did(done.change_set_id)

    def change(self):
        noun, text = self.noun(), self.random.choice(["Kiel", "Bonn", ""])
        known = [
            (noun, {"city": text}),
            (noun, {"email": f"{text.lower()}@x.example" if text else ""}),
            (noun, {"phone": self.random.choice(["", "+49 30 901820", "040 1"])}),
            ("organisation", {"parent": self.pick("organisation")}),
            ("contact", {"organisation": self.random.choice([None, self.pick("organisation")]), "job_title": text}),
        ]
        self.update(*self.random.choice(known))

    def set_custom(self):
        noun = self.noun()
        values = [
            {"fields.area": self.random.choice(["North", "South", "" if noun == "contact" else "East"])},
            {"fields.adviser": self.random.choice([None, self.pick("contact")])},
            {"fields.agrees": self.random.choice([True, False, None])},
        ]
        self.update(noun, self.random.choice(values))

    def link(self):
        person, firm = self.pick("contact"), self.pick("organisation")
        known = [
            lambda: link_lead(self.pick("lead"), contact_id=person, organisation_id=firm, actor=self.actor),
            lambda: link_lead(self.pick("lead"), contact_id=None, actor=self.actor),
            lambda: add_employment(person, firm, job_title=self.random.choice(["", "CEO"]), actor=self.actor),
            lambda: set_primary_contact(firm, self.random.choice([person, None]), actor=self.actor),
            lambda: set_main_firm(person, firm, actor=self.actor),
        ]
        self.did(self.random.choice(known)())

    def make(self):
        self.did(make_of_lead(self.pick("lead"), self.random.choice(["contact", "organisation"]), actor=self.actor))

    def refuse(self):
        noun = self.random.choice(["contact", "organisation"])
        self.did(refuse_link(self.pick("lead"), noun, self.pick(noun), actor=self.actor))

    def leave(self):
        self.did(end_employment(self.pick("contact"), self.pick("organisation"), actor=self.actor))

    def hang(self):
        where, day = self.place(), date(2026, 12, 1) + timedelta(days=self.random.randrange(3))
        what = self.random.randrange(3)
        if what == 0:
            done = add_note(body="x", actor=self.actor, **where)
            self.entries["note"].append(done.id)
        elif what == 1:
            done = add_task(title="x", due_on=self.random.choice([None, day]), actor=self.actor, **where)
            self.entries["task"].append(done.id)
        else:
            done = log_call(direction="incoming", outcome="reached", body="x", actor=self.actor, **where)
        self.did(done.change_set_id)

    def rework(self):
        kind = self.random.choice([name for name, found in self.entries.items() if found] or ["none"])
        if kind == "none":
            return
        number = self.random.choice(self.entries[kind])
        known = {
            "note": [
                lambda: edit_note(number, body=self.random.choice(["y", "z"]), actor=self.actor),
                lambda: pin_note(number, pinned=self.random.random() < 0.5, actor=self.actor),
                lambda: delete_note(number, actor=self.actor),
            ],
            "task": [
                lambda: change_task(number, due_on=date(2026, 11, 1), actor=self.actor),
                lambda: complete_task(number, actor=self.actor),
                lambda: reopen_task(number, actor=self.actor),
                lambda: delete_task(number, actor=self.actor),
            ],
        }
        self.did(self.random.choice(known[kind])())

    def convert(self):
        """Sometimes without the required field of a firm, which is refused as a whole."""
        given = self.random.choice([{}, {"fields.area": "East"}])
        sides = [Side(is_new=True, values=given), Side(), Side(self.pick("organisation"), values=given)]
        people = [Side(is_new=True), Side(), Side(self.pick("contact"), values={"fields.agrees": True})]
        done = convert_lead(
            self.pick("lead"), organisation=self.random.choice(sides), contact=self.random.choice(people),
            to_stage_id=self.random.choice([None, *self.stages]), actor=self.actor, complete=True,
            carry=self.random.choice([None, frozenset()]),
        )  # fmt: skip
        self.did(done.change_set_id)

    def merge(self):
        noun = self.noun()
        self.did(merge_records(noun, self.pick(noun), self.pick(noun), actor=self.actor).change_set_id)

    def delete(self):
        noun = self.noun()
        verbs = (delete_leads, restore_leads) if noun == "lead" else (delete_parties, restore_parties)
        told = ([self.pick(noun)],) if noun == "lead" else (noun, [self.pick(noun)])
        self.did(self.random.choice(verbs)(*told, actor=self.actor))

    def points(self):
        known = [Point("email", f"p{number}@x.example", label) for number in range(2) for label in ("", "work")]
        known += [Point("phone", f"+49 30 9018{number}") for number in range(20, 22)]
        self.did(set_points(self.random.sample(known, self.random.randrange(4)), actor=self.actor, **self.place()))

    def assign(self):
        noun, owner = self.noun(), self.random.choice(self.owners)
        ids = {self.pick(noun), self.pick(noun)}
        if noun == "lead":
            self.did(assign_leads(ids, owner_id=owner, actor=self.actor))
        else:
            self.did(assign_parties(noun, ids, owner_id=owner, actor=self.actor))

    def purge(self):
        """What has nothing to do with the rest goes for good, with one that was merged into it."""
        noun = self.noun()
        ids = []
        for _ in range(2):
            done = create_lead({"title": "Old"}, actor=self.actor) if noun == "lead" else self.made(noun, "Old")
            ids.append(done.lead_id if noun == "lead" else done.id)
        add_note(body="x", actor=self.actor, **{f"{noun}_id": ids[1]})
        merge_records(noun, *ids, actor=self.actor)
        with atomic():
            execute(f"update {noun} set deleted_at = 1 where id in (?, ?)", ids)
        purge_bin()
        assert rows(f"select id from {noun} where id in (?, ?)", ids) == []

    def undo(self):
        """Take the last thing back: what is done can be undone at any time, so nobody does it twice."""
        if self.steps:
            undo_change(self.steps.pop(), actor=self.actor)
