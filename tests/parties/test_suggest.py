"""Fields for a contact or an organisation: what they suggest, and whom a typed name means."""

import pytest
from werkzeug.datastructures import MultiDict

from leadboard.db import one, rows
from leadboard.domain.parties import NewParty, create_contact, delete_parties, update_party
from leadboard.domain.settings import change_settings
from leadboard.domain.undo import undo_change
from leadboard.errors import Refused
from leadboard.forms.base import Form
from leadboard.forms.party_inputs import PartyField
from leadboard.permissions import SYSTEM


class FirmForm(Form):
    firm = PartyField("Firm", record_type="organisation", may_make=True)
    above = PartyField("Above", record_type="organisation")
    person = PartyField("Person", record_type="contact")


@pytest.fixture
def sent(app):
    def form(**values):
        with app.test_request_context(method="POST"):
            return FirmForm(MultiDict({name.replace("_pick", "-pick"): text for name, text in values.items()}))

    return form


def names(answer, html):
    return html(answer).texts("li")


def test_organisations_are_suggested_by_their_first_letters(anna, make, html):
    for name in ("Acme GmbH", "acme Holding", "Bäcker Brod", "Äcker und Söhne"):
        make.organisation(name)

    assert names(anna.get("/organisations/suggest?q=acm"), html) == ["Acme GmbH", "acme Holding"]
    assert names(anna.get("/organisations/suggest?q=ack"), html) == ["Äcker und Söhne"]
    assert names(anna.get("/organisations/suggest?q="), html) == []
    assert names(anna.get("/organisations/suggest?q=%E2%80%A6"), html) == []


def test_a_firm_is_suggested_by_domain_and_by_its_name_without_the_legal_form(anna, make, html):
    make.organisation("Acme GmbH", website="https://www.acme.example/shop")

    for typed in ("ACME Ltd.", "acme.example", "info@acme.example"):
        assert names(anna.get("/organisations/suggest", query_string={"q": typed}), html) == ["Acme GmbH acme.example"]


def test_people_are_suggested_with_their_firm(anna, make, html):
    firm = make.organisation("Acme")
    make.contact("Anna Kim", organisation=firm.id, email="kim@acme.example", phone="+49 30 901820")
    make.contact("Anna Lind")

    assert names(anna.get("/contacts/suggest?q=anna"), html) == ["Anna Kim Acme", "Anna Lind"]
    assert names(anna.get("/contacts/suggest", query_string={"q": "KIM@acme.example"}), html) == ["Anna Kim Acme"]
    assert names(anna.get("/contacts/suggest", query_string={"q": "030 901820"}), html) == ["Anna Kim Acme"]


def test_a_field_asks_under_its_own_name_and_gets_ids_of_its_own(anna, make, html):
    firm = make.organisation("Acme")
    page = html(anna.htmx("/organisations/suggest", {"of": "firm", "firm": "acme", "list": "e-firm"}, method="GET"))

    option = page.one("li")
    assert (option.attrs["id"], option.attrs["data-pick"], option.attrs["data-text"]) == ("e-firm-o1", str(firm.id), "Acme")


def test_what_is_hidden_or_in_the_bin_is_not_suggested(anna, ben, make, html):
    make.organisation("Acme Berlin", owner=ben.user)
    make.organisation("Acme Paris", owner=anna.user)
    gone = make.organisation("Acme Rome")
    delete_parties("organisation", [gone.id], actor=SYSTEM)
    change_settings(actor=SYSTEM, member_visibility="own")

    assert names(anna.get("/organisations/suggest?q=acme"), html) == ["Acme Paris"]


def test_a_new_one_is_offered_unless_it_is_there(anna, make, html):
    make.organisation("Acme GmbH")

    assert names(anna.get("/organisations/suggest?q=Acm&new=1"), html) == ["Acme GmbH", "Make a new one: Acm"]
    assert names(anna.get("/organisations/suggest?q=acme&new=1"), html) == ["Acme GmbH"]


def test_at_most_eight_are_suggested_in_a_fixed_number_of_statements(anna, make, html, queries):
    make.organisation("Acme 1")
    with queries(at_most=20) as few:
        anna.get("/organisations/suggest?q=acme")
    for number in range(2, 12):
        make.organisation(f"Acme {number}")
    with queries(at_most=20) as many:
        answer = anna.get("/organisations/suggest?q=acme")

    assert len(html(answer).all("li")) == 8
    assert len(many.texts) == len(few.texts)


def test_an_endless_text_is_cut(anna, make):
    make.organisation("A" * 200)
    assert anna.get("/organisations/suggest", query_string={"q": "A" * 10_000}).status_code == 200


# ---------------------------------------------------------------------------------------------- whom a name means


def test_a_typed_name_means_the_only_one_of_that_name(anna, make, sent):
    firm, person = make.organisation("Acme GmbH"), make.contact("Anna Kim")
    form = sent(firm=" acme  ", person="anna kim")

    assert (form.firm.resolve(anna.actor), form.person.resolve(anna.actor), form.above.resolve(anna.actor)) == (
        firm.id, person.id, None,
    )  # fmt: skip


def test_the_one_spelled_like_it_goes_before_other_legal_forms(anna, make, sent):
    make.organisation("Acme GmbH")
    firm = make.organisation("Acme Ltd")

    assert sent(firm="ACME LTD").firm.resolve(anna.actor) == firm.id


def test_of_several_one_must_be_chosen(anna, make, sent):
    first, second = make.organisation("Acme", city="Paris"), make.organisation("Acme", city="Rome")
    form = sent(firm="Acme")

    with pytest.raises(Refused) as refusal:
        form.firm.resolve(anna.actor)

    assert refusal.value.message == "There are several organisations of this name. Choose one."
    assert [(one.id, one.detail) for one in form.firm.offered] == [(first.id, "Paris"), (second.id, "Rome")]
    assert sent(firm="Acme", firm_pick=f"{second.id}|Acme").firm.resolve(anna.actor) == second.id


def test_a_choice_counts_for_the_text_that_it_was_made_for(anna, make, sent):
    first, second = make.organisation("Acme"), make.organisation("Bolt")

    assert sent(firm="Bolt", firm_pick=f"{first.id}|Acme").firm.resolve(anna.actor) == second.id


def test_a_choice_of_something_hidden_means_what_is_typed(anna, ben, make, sent):
    hidden = make.organisation("Acme", owner=ben.user)
    change_settings(actor=SYSTEM, member_visibility="own")
    form = sent(above="Acme", above_pick=f"{hidden.id}|Acme")

    with pytest.raises(Refused, match="There is no organisation of this name"):
        form.above.resolve(anna.actor)


@pytest.mark.parametrize("pick", ["x|Acme", "|", "new|Acme", "99999999999999999999|Acme", "0|Acme", "-1|Acme"])
def test_a_choice_that_was_made_up_is_none(anna, sent, pick):
    with pytest.raises(Refused):
        sent(above="Acme", above_pick=pick).above.resolve(anna.actor)


def test_an_unknown_name_is_made_only_when_asked_for(anna, sent):
    form = sent(firm="Acme")

    with pytest.raises(Refused, match="choose to make it"):
        form.firm.resolve(anna.actor)

    assert form.firm.offers_new
    assert sent(firm="Acme", firm_pick="new|Acme").firm.resolve(anna.actor) == NewParty("organisation", "Acme")


def test_a_person_and_their_new_firm_are_one_action(anna):
    done = create_contact({"name": "Anna Kim", "organisation": NewParty("organisation", "Acme")}, actor=anna.actor)

    assert one("select o.name, o.owner_id from contact c join organisation o on o.id = c.organisation_id") == ("Acme", anna.id)
    undo_change(done.change_set_id, actor=anna.actor)
    assert (
        rows("select 1 from organisation where deleted_at is null")
        == rows("select 1 from contact where deleted_at is null")
        == []
    )


def test_a_persons_firm_is_changed_to_a_new_one_and_back(anna, make):
    old = make.organisation("Old")
    person = make.contact("Anna Kim", organisation=old.id)
    done = update_party("contact", person.id, {"organisation": NewParty("organisation", "Acme")}, actor=anna.actor)

    assert one("select name from organisation where id = (select organisation_id from contact)") == ("Acme",)
    undo_change(done.change_set_id, actor=anna.actor)
    assert one("select organisation_id from contact") == (old.id,)
