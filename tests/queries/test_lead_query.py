"""The filter that is typed: what it means, alike on both engines and in plain Python, and what it says when it cannot be read."""

import json
import random
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from leadboard.db import as_day, execute, now_ms, rows
from leadboard.domain.custom_fields import archive_field
from leadboard.domain.moves import Loss, move_lead
from leadboard.domain.relations import link_lead
from leadboard.domain.settings import change_settings
from leadboard.errors import Refused
from leadboard.lib.dates import today_in
from leadboard.lib.querytext import parse_query
from leadboard.models import Lead, Stage
from leadboard.permissions import SYSTEM
from leadboard.queries.lead_filter import LeadFilter, known_values
from tests.support.plain_filter import is_so

DAY = 86_400_000
ZONE = "Europe/Berlin"
TODAY = today_in(ZONE)
CITIES = ("", "Berlin", "berlin", "Łódź", "Αθήνα", "São Paulo", "McAllen", "none")
TITLES = ("Baltic Foods", "Anna Nowak", "ANNA KIM", "Zebra ltd", "Ørsted", "100 % legal")
CURRENCIES = ("EUR", "USD", "JPY", "KWD")


@pytest.fixture
def crowd(make, anna, ben):
    """Sixty leads of every kind, and the world that plain_filter asks."""
    chance = random.Random(7)
    pipelines = [make.pipeline("Sales"), make.pipeline("Renewals")]
    stages = list(Stage.select().order_by(Stage.id))
    sources, reason = [make.source("Web site"), make.source("Trade fair")], make.lost_reason("Too dear")
    make.field("Budget", "number", options={"decimals": 1})
    make.field("Remark", "text")
    make.field("Tier", "choice", options={"choices": ["gold", "silver"]})
    open_stages = [one for one in stages if one.kind == "open"]
    for _ in range(60):
        lead = make.lead(
            chance.choice(TITLES), city=chance.choice(CITIES), email=chance.choice(["", "a@b.example", "Anna@Baltic.example"]),
            value_amount=chance.choice([None, 0, 5000, 500_000, 499_999, 5_000_000]), value_currency=chance.choice(CURRENCIES),
            probability=chance.choice([None, 10, 50]), employees=chance.choice([None, 5, 200]),
            interest=chance.choice(["", "hot", "cold"]), country=chance.choice(["", "DE", "PL"]),
            owner=chance.choice([None, anna.user, ben.user]), source=chance.choice([None, *(one.id for one in sources)]),
            stage=chance.choice(open_stages),
            expected_close_on=chance.choice([None, TODAY + timedelta(days=chance.randrange(-40, 40))]),
            **{"fields.budget": chance.choice([None, 1, 2.5, 40]), "fields.remark": chance.choice([None, "Zażółć", "red tape"]),
               "fields.tier": chance.choice([None, "gold", "silver"])},
        )  # fmt: skip
        execute(
            "update lead set created_at = ?, last_touch_at = ? where id = ?",
            (*(now_ms() - chance.randrange(90) * DAY for _ in "ab"), lead.id),
        )
        if chance.random() < 0.3:
            make.task(lead, due_on=chance.choice([None, TODAY + timedelta(days=chance.randrange(-3, 4))]))
        if chance.random() < 0.3:
            kind = chance.choice(["won", "lost"])
            stage = next(one for one in stages if one.pipeline_id == lead.pipeline_id and one.kind == kind)
            move_lead(lead.id, to_stage_id=stage.id, loss=Loss(reason.id) if kind == "lost" else None, actor=SYSTEM)
    assert len(pipelines) == 2
    return world(anna)


def world(person):
    names = known_values()
    return {
        "names": {
            "stage": names.stages, "pipeline": names.pipelines, "owner": names.owners, "source": names.sources, "lost_reason": names.lost_reasons,
        },
        "kinds": {stage.id: stage.kind for stage in Stage.select()}, "today": TODAY, "zone": ZONE, "actor": person.actor.id,
    }  # fmt: skip


def all_rows():
    columns = [field.column_name for field in Lead._meta.sorted_fields]
    found = [dict(zip(columns, row, strict=True)) for row in rows(f"select {', '.join(columns)} from lead order by id")]
    for row in found:
        row["fields"] = json.loads(row["fields"]) if isinstance(row["fields"], str) else row["fields"]
        for name in ("expected_close_on", "snoozed_until", "next_task_on"):
            row[name] = as_day(row[name])
    return found


def ids(text, person):
    wanted = LeadFilter.from_args(MultiDict({"query": text}), person.actor, known_values())
    sql, params = wanted.where(person.actor, "lead", TODAY)
    return [number for (number,) in rows(f"select id from lead where {sql} order by id", params)]


def random_query(chance):
    """A filter of one to three parts, some of them groups."""
    return " ".join(_part(chance, 0) for _ in range(chance.randrange(1, 4)))


def _part(chance, depth):
    if depth < 2 and chance.random() < 0.25:
        joint = chance.choice([" ", " or "])
        return f"{chance.choice(['', '-'])}({joint.join(_part(chance, depth + 1) for _ in range(chance.randrange(1, 4)))})"
    return chance.choice(["", "", "", "-"]) + _term(chance)


def _term(chance):
    key, signs, values = chance.choice(TERMS)
    sign = chance.choice(signs)
    value = chance.choice(values)
    # A range and what is empty come after a colon.
    if ".." in value or (value in {"none", "any"} and sign not in EQUAL):
        sign = ":"
    return f"{key}{sign}{value}" if key else value


EQUAL = (":", "=", "!=")
ORDERED = (*EQUAL, ">=", "<=", ">", "<")
DAYS = (
    "today", "-7d", "+14d", "this-month", "last-week", f"{TODAY}", f"{TODAY:%Y-%m}", "-1m", f"{TODAY.year}", "none", "any", "-30d..today", "..yesterday",
)  # fmt: skip
TERMS = (
    ("city", EQUAL, ("berlin", "Berlin", "ŁÓDŹ", "łódź", "Lodz", "αθήνα", "paulo", "mcallen", '"none"', "none", "any", "er,lin")),
    ("title", EQUAL, ("baltic", "ANNA", "ørsted", '"100 % legal"', "%", "_")),
    ("email", EQUAL, ("none", "anna@baltic.example", "baltic", "A@B")),
    ("stage", EQUAL, ("New", "meeting", "won,lost", "OFFER")),
    ("pipeline", EQUAL, ("sales", "Renewals")),
    ("owner", EQUAL, ("me", "none", "any", "Ben", "me,none")),
    ("source", EQUAL, ("none", '"web site"', '"Trade fair"')),
    ("state", EQUAL, ("open", "won", "lost", "closed", "board", "later", "won,lost")),
    ("value", ORDERED, ("5000", "49.99", "0", "5000EUR", "5000JPY", "5KWD", "10..5000", "none", "5000..")),
    ("probability", ORDERED, ("10", "11", "none")),
    ("employees", ORDERED, ("5", "200", "none", "any", "1..10")),
    ("interest", EQUAL, ("hot", "none", "cold,none")),
    *((key, ORDERED, DAYS) for key in ("created", "touched", "close", "ended", "entered", "next_step")),
    ("next_step", EQUAL, ("none", "overdue", "today", "planned", "any")),
    ("lost_reason", EQUAL, ("none", '"too dear"')),
    ("budget", ORDERED, ("1", "2.5", "3", "none", "1..3", "any")),
    ("remark", EQUAL, ("zazolc", "TAPE", "none")),
    ("tier", EQUAL, ("gold", "none", "gold,silver")),
    ("", EQUAL, ("baltic", "nowak", '"anna kim"', "athina", "lodz")),
)


def test_500_filters_mean_the_same_in_sql_and_in_plain_python(crowd, anna):
    chance = random.Random(11)
    everybody = all_rows()
    different, sizes = [], set()
    for _ in range(500):
        text = random_query(chance)
        expected = [row["id"] for row in everybody if all(is_so(part, row, crowd) for part in parse_query(text))]
        found = ids(text, anna)
        sizes.add(len(found))
        if found != expected:
            different.append((text, sorted(set(found) ^ set(expected))))
    assert different == [], "\n".join(map(str, different[:20]))
    assert len(sizes) > 20, "the filters should find now few, now many"


@pytest.mark.parametrize(
    "text, at, message",
    [
        ("owner:me vlaue>=5", 9, "There is no field vlaue. Known: stage, pipeline, state,"),
        ("stage:new stage:moon", 10, "“moon” does not fit stage. Known: New, Contacted, Meeting, Offer, Won, Lost"),
        ("city>berlin", 0, "city cannot be compared with >. Known: : = !="),
        ("value>=lots", 0, "“lots” is no amount. Write it like 1234.50, 12k or 500USD."),
        ("created:neverday", 0, "“neverday” is no day. Write it like 2026-11-20, this-month or -30d."),
        ("interest:tepid", 0, "“tepid” does not fit interest. Known: cold, warm, hot"),
        ("employees>=1e9", 0, "“1e9” is no whole number, as employees needs it."),
        ("baltic city: x", 7, "A value is missing after “city:”. For fields without a value write none."),
        ("(baltic", 0, "The ( that begins here does not end. Close it."),
        ('city:"berlin', 5, 'The " that begins here does not end. Close it.'),
        ("baltic)", 6, "There is a ) without a ( before it. Take it away, or write the text between quotation marks."),
        ("a or", 2, "A condition is missing beside “or”."),
        ("()", 0, "There is nothing between these parentheses."),
        ("tone:2..", 0, "There is no field tone."),
        ("old:1", 0, "The field old is archived, so nothing can be found by it. Take it out of the filter."),
        ("tier>gold", 0, "tier cannot be compared with >. Known: : ="),
        ("tier:bronze", 0, "bronze"),
        ("a" * 2001, 2000, "The filter is too long: at most 2000 characters. Shorten it."),
        (" ".join(["a"] * 61), 120, "There are too many conditions: at most 60."),
        ("(" * 12 + "a" + ")" * 12, 9, "There are too many parentheses inside one another: at most 8."),
    ],
)
def test_what_cannot_be_read_is_pointed_at(make, anna, text, at, message):
    make.pipeline()
    make.field("Tier", "choice", options={"choices": ["gold", "silver"]})
    make.field("Old")
    archive_field("old", is_archived=True, actor=SYSTEM)

    with pytest.raises(Refused) as refusal:
        ids(text, anna)

    assert (refusal.value.field, refusal.value.params["at"]) == ("query", at)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    "text, args",
    [
        ("stage:new,meeting owner:me baltic", {"stage": "1,3", "owner": "me", "q": "baltic"}),
        ('state:won next_step:none source:"web site"', {"closed": "won", "next": "none", "source": "1"}),
        ("tier:gold value>=5000 city:berlin", {"f.tier": "gold", "query": "value>=5000 city:berlin"}),
        ("owner:ben -owner:me", {"owner": "2", "query": "-owner:me"}),
        ("owner:none,me", {"query": "owner:none,me"}),
        ("(stage:new or stage:won)", {"query": "(stage:new or stage:won)"}),
    ],
)
def test_what_is_typed_becomes_the_arguments_that_chips_know(make, anna, ben, text, args):
    make.pipeline()
    make.source("Web site")
    make.field("Tier", "choice", options={"choices": ["gold", "silver"]})

    wanted = LeadFilter.from_args(MultiDict({"query": text}), anna.actor, known_values())

    assert wanted.to_args() == args
    again = LeadFilter.from_args(MultiDict({"query": wanted.typed(known_values(), anna.actor)}), anna.actor, known_values())
    assert again == wanted


def test_leads_of_a_linked_firm_and_contact_are_found_by_name_and_number(make, anna, ben):
    firm, other = make.organisation("Äcme GmbH", owner=anna.user), make.organisation("Acme Holding")
    kim = make.contact("Anna Kim")
    leads = [make.lead(name, owner=None) for name in ("One", "Two", "Three")]
    link_lead(leads[0].id, organisation_id=firm.id, contact_id=kim.id, actor=SYSTEM)
    link_lead(leads[1].id, organisation_id=other.id, actor=SYSTEM)
    numbers = [lead.id for lead in leads]

    assert ids("firm:acme", anna) == numbers[:2]
    assert ids('firm="äcme gmbh"', anna) == ids(f"firm:#{firm.id}", anna) == ids("contact:anna", anna) == numbers[:1]
    assert ids(f"firm:{other.id}", anna) == numbers[1:2]
    assert (ids("firm:none", anna), ids("firm:any", anna), ids("-contact:any", anna)) == (numbers[2:], numbers[:2], numbers[1:])
    with pytest.raises(Refused, match="no name"):
        ids('firm:"…"', anna)
    typed = LeadFilter.from_args(MultiDict({"firm": str(firm.id), "person": str(kim.id)}), anna.actor, known_values())
    assert typed.typed(known_values(), anna.actor) == f"firm:#{firm.id} contact:#{kim.id}"
    change_settings(member_visibility="own", actor=SYSTEM)
    assert ids("firm:acme", ben) == numbers[1:2]


def test_the_board_tells_whose_leads_it_shows(make, anna, html):
    make.pipeline()
    firm = make.organisation("Acme")
    lead = make.lead("One")
    make.lead("Two")
    link_lead(lead.id, organisation_id=firm.id, actor=SYSTEM)
    page = html(anna.get(f"/board/{lead.pipeline_id}?firm={firm.id}"))
    assert "Organisation: Acme" in " ".join(page.one(".chip.on").text.split())
    assert len(page.all("li.lc")) == 1


def test_the_api_lists_the_leads_of_a_firm(make, anna, api):
    firm = make.organisation("Acme")
    lead = make.lead("One", owner=anna.user)
    make.lead("Two", owner=anna.user)
    link_lead(lead.id, organisation_id=firm.id, actor=SYSTEM)
    assert [one["id"] for one in api(anna, "leads:read").get(f"/leads?firm={firm.id}").json["data"]] == [lead.id]
