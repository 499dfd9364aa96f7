"""`leadboard db check` and contacts and organisations: each thing that can be wrong is found, and put right where it can be."""

import pytest

from leadboard.db import execute, one
from leadboard.domain.checks import check_database, repair
from leadboard.domain.field_indexes import keep_indexes
from leadboard.domain.notes import add_note
from leadboard.domain.points import Point, set_points
from leadboard.domain.relations import set_primary_contact
from leadboard.domain.tasks import add_task
from leadboard.permissions import SYSTEM


@pytest.fixture
def filled(make):
    """A firm with a person, a further address, a note and a next step. On PostgreSQL other tests leave indexes of their fields."""
    keep_indexes()
    firm = make.organisation("Baltic Foods GmbH", website="baltic.example")
    person = make.contact("Ewa Nowak", email="ewa@baltic.example", phone="+48 22 555 01 20", organisation=firm.id)
    set_points([Point("email", "second@home.example"), Point("phone", "+48 22 555 01 21")], contact_id=person.id, actor=SYSTEM)
    set_primary_contact(firm.id, person.id, actor=SYSTEM)
    add_note(body="A note", contact_id=person.id, actor=SYSTEM)
    add_task(title="Call", contact_id=person.id, actor=SYSTEM)
    return person


def wrong(settings):
    return {finding.name: finding.wrong for finding in check_database(settings) if finding.count}


def test_what_the_program_writes_is_well(settings, filled):
    assert wrong(settings) == {}


@pytest.mark.parametrize(
    "damage, name",
    [
        ("update contact set name_key = 'x'", "contacts and organisations are found by what they hold"),
        ("update contact set email_key = null", "contacts and organisations are found by what they hold"),
        ("update contact set phone_reversed = '1'", "contacts and organisations are found by what they hold"),
        ("update organisation set domain = null", "contacts and organisations are found by what they hold"),
        ("update organisation set match_key = 'x'", "contacts and organisations are found by what they hold"),
        ("update contact_point set key = 'x'", "contacts and organisations are found by what they hold"),
        ("delete from contact_text", "contacts can be searched"),
        ("update contact set next_task_id = null", "next steps of contacts are the earliest open ones"),
        ("update contact set last_touch_at = 1", "last contacts of contacts are not before their last note"),
        ("update organisation set primary_contact_id = 999", "first contacts of organisations work there"),
        ("update contact set organisation_id = null", "first contacts of organisations work there"),
        ("drop index contact_by_name", "indexes are there"),
    ],
)
def test_damage_is_found_and_put_right(settings, filled, damage, name):
    execute(damage)
    assert list(wrong(settings)) == [name]

    repair(settings)

    assert wrong(settings) == {}


@pytest.mark.parametrize(
    "damage, name",
    [
        ("update contact set merged_into_id = 999", "contacts that were merged are in the bin, and the other one is there"),
        ("update organisation set parent_id = id", "no organisation is part of itself"),
    ],
)
def test_what_only_a_person_can_decide_is_found(settings, filled, damage, name):
    execute(damage)

    assert list(wrong(settings)) == [name]


@pytest.mark.sqlite_only
def test_words_without_a_record_are_found(settings, filled):
    execute("insert into organisation_text (rowid, words) values (999, 'nobody')")
    assert list(wrong(settings)) == ["search words belong to organisations"]

    repair(settings)

    assert one("select count(*) from organisation_text where rowid = 999") == (0,)
