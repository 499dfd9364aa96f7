"""The filter that list, board and export share."""

from datetime import date, timedelta

import pytest
from werkzeug.datastructures import MultiDict

from leadboard.db import rows
from leadboard.domain.leads import delete_leads
from leadboard.domain.moves import Loss, move_lead, snooze_lead
from leadboard.errors import Refused
from leadboard.models import Stage
from leadboard.permissions import SYSTEM
from leadboard.queries.lead_filter import LeadFilter, known_values

TODAY = date(2026, 6, 15)


def found(found_by, actor=SYSTEM):
    """The titles of the leads that a filter finds, both ways of asking for its text."""
    answers = []
    for walk in (False, True):
        sql, params = found_by.where(actor, "lead", TODAY, walk=walk)
        answers.append([title for (title,) in rows(f"select title from lead where {sql} order by id", params)])
    assert answers[0] == answers[1]
    return answers[0]


def from_url(query, actor=SYSTEM):
    return LeadFilter.from_args(MultiDict(query), actor, known_values())


@pytest.mark.parametrize(
    "text",
    [
        "anna", "NOWAK", "łódź", "lodz", "owa", "anna nowak", "nowak anna", "balt fo", '"baltic foods"', "anna@baltic", "ltic.exa",
        "+48 22 555 01 20", "22 555 01", "555-0120", "(22) 5550", "0048225550", "022 555", "۲۲۵۵۵", "+48", "20 foods", "an",
    ],
)  # fmt: skip
def test_any_fragment_finds_the_lead(make, text):
    make.lead(
        "Anna Nowak",
        organisation_name="Baltic Foods Sp. z o.o.",
        email="anna@baltic.example",
        phone="+48 22 555 01 20",
        city="Łódź",
    )
    make.lead("Other", phone="+49 30 901820")

    assert found(LeadFilter(text=text)) == ["Anna Nowak"]


@pytest.mark.parametrize(
    "text", ["xyz", "%", "_", "a%a", "*", "nowak*", "'", '"', "nowak OR other", "NEAR(a b)", "-", "anna -nowak", "\\", "0 0"]
)
def test_signs_are_looked_for_not_obeyed(make, text):
    make.lead("Anna Nowak")
    make.lead("Other")

    assert found(LeadFilter(text=text)) == []


def test_signs_in_a_title_are_found(make):
    make.lead("100% (*)_'x' of \\ it")
    make.lead("100 of it")

    assert [found(LeadFilter(text=text)) for text in ("100%", "(*)", "*)_'x'", "of \\ it")] == [["100% (*)_'x' of \\ it"]] * 4


def test_one_or_two_letters_find_titles_that_begin_with_them(make):
    make.lead("Łucja")
    make.lead("Acme Ł")

    assert (found(LeadFilter(text="Łu")), found(LeadFilter(text="l")), found(LeadFilter(text="ac"))) == (
        ["Łucja"],
        ["Łucja"],
        ["Acme Ł"],
    )


def test_a_number_in_a_title_is_found_with_the_sign_between(make):
    make.lead("Order 4711/24")

    assert found(LeadFilter(text="4711/24")) == ["Order 4711/24"]


def test_a_common_text_is_noticed(make):
    make.leads(3, city="Gdańsk")

    assert [LeadFilter(text="gdansk").text_is_common(more_than=count) for count in (2, 3)] == [True, False]
    assert not LeadFilter(text="gd").text_is_common(more_than=0)


def test_owner_may_be_me_nobody_or_somebody(make, anna, ben):
    make.lead("Anna's", owner=anna.user)
    make.lead("Ben's", owner=ben.user)
    make.lead("Nobody's")

    assert [found(from_url({"owner": owner}), anna.actor) for owner in ("me", "none", str(ben.id))] == [
        ["Anna's"],
        ["Nobody's"],
        ["Ben's"],
    ]


def test_a_filter_shows_no_more_than_the_actor_may_see(make, anna, ben):
    make.set_up(member_visibility="own")
    make.lead("Anna's", owner=anna.user)
    make.lead("Nobody's")

    assert found(LeadFilter(), ben.actor) == ["Nobody's"]
    assert found(LeadFilter(owner=anna.id), ben.actor) == []
    assert found(LeadFilter(text="anna"), ben.actor) == []


def test_pipeline_stage_and_source(make):
    first, second = make.pipeline(), make.pipeline()
    source = make.source()
    make.lead("One", stage=make.stage("New", first), source=source.id)
    make.lead("Two", stage=make.stage("Offer", first))
    make.lead("Three", stage=make.stage("New", second))
    stages = [str(stage.id) for stage in Stage.select().where(Stage.name << ["New", "Offer"]).order_by(Stage.id)][:2]

    assert found(from_url({"pipeline": str(second.id)})) == ["Three"]
    assert found(from_url({"stage": stages})) == ["One", "Two"] == found(from_url({"stage": ",".join(stages)}))
    assert found(from_url({"source": str(source.id)})) == ["One"]


def test_open_won_and_lost(make):
    reason = make.lost_reason()
    leads = [make.lead(name) for name in ("Open", "Won", "Lost", "Later")]
    move_lead(leads[1].id, to_stage_id=make.stage("Won").id, actor=SYSTEM)
    move_lead(leads[2].id, to_stage_id=make.stage("Lost").id, actor=SYSTEM, loss=Loss(reason.id))
    snooze_lead(leads[3].id, until=TODAY + timedelta(days=7), today=TODAY, actor=SYSTEM)

    assert [found(from_url({"closed": kind})) for kind in ("open", "board", "later", "won", "lost", "closed")] == [
        ["Open", "Later"],
        ["Open"],
        ["Later"],
        ["Won"],
        ["Lost"],
        ["Won", "Lost"],
    ]


def test_states_of_the_next_step_share_the_leads_out(make):
    for title, days in (("Late", -1), ("Now", 0), ("Soon", 1)):
        make.task(make.lead(title), due_on=TODAY + timedelta(days=days))
    make.task(make.lead("Some time"))
    make.lead("None")

    assert [found(from_url({"next": state})) for state in ("overdue", "today", "planned", "none")] == [
        ["Late"],
        ["Now"],
        ["Soon", "Some time"],
        ["None"],
    ]


def test_the_bin_is_a_filter_too(make):
    make.lead("Here")
    delete_leads([make.lead("Gone").id], actor=SYSTEM)

    assert (found(LeadFilter()), found(from_url({"deleted": "1"}))) == (["Here"], ["Gone"])


def test_a_filter_and_its_url_say_the_same(make, anna):
    source, pipeline = make.source(), make.pipeline()
    stages = [stage.id for stage in pipeline.stages][:2]
    whole = LeadFilter(
        pipeline_id=pipeline.id, stage_ids=tuple(stages), owner=anna.id, source_id=source.id, text='x "y" & ż', closed="open",
        next_step="today", deleted=True,
    )  # fmt: skip

    assert whole.to_args() == {
        "pipeline": str(pipeline.id), "stage": f"{stages[0]},{stages[1]}", "owner": str(anna.id), "source": str(source.id),
        "q": 'x "y" & ż', "closed": "open", "next": "today", "deleted": "1",
    }  # fmt: skip
    assert from_url(whole.to_args()) == whole
    assert (
        from_url({})
        == LeadFilter()
        == whole.without("pipeline_id", "stage_ids", "owner", "source_id", "text", "closed", "next_step", "deleted")
    )
    assert LeadFilter().to_args() == {}


@pytest.mark.parametrize(
    "query, field",
    [
        ({"pipeline": "99"}, "pipeline"), ({"pipeline": "x"}, "pipeline"), ({"stage": "1,99"}, "stage"), ({"owner": "you"}, "owner"),
        ({"owner": "-1"}, "owner"), ({"source": "1 or 1=1"}, "source"), ({"closed": "maybe"}, "closed"), ({"next": "later"}, "next"),
        ({"deleted": "yes"}, "deleted"), ({"q": "x" * 201}, "q"), ({"owner": "9" * 5000}, "owner"), ({"stage": "²"}, "stage"),
    ],
)  # fmt: skip
def test_an_unknown_value_is_refused_by_name(make, query, field):
    make.pipeline()

    with pytest.raises(Refused) as refusal:
        from_url(query)

    assert refusal.value.field == field


def test_a_refusal_names_what_is_known(make):
    make.pipeline("Sales")

    with pytest.raises(Refused, match=r"pipeline=99 is not known. Known: \d+ \(Sales\)\."):
        from_url({"pipeline": "99"})
