"""Duplicates as their users meet them."""

import pytest
from leadboard_plugins.duplicates import pairs
from leadboard_plugins.duplicates.finders import matches

from leadboard.api import Draft, NotFound, find_duplicates, rows
from leadboard.delivery import deliver_all
from leadboard.domain.leads import delete_leads, update_lead
from leadboard.domain.plugins import disable, save_settings
from leadboard.domain.settings import change_settings
from leadboard.permissions import SYSTEM


@pytest.fixture(autouse=True)
def on(plugin, app):
    plugin("duplicates")


def found(actor, **values):
    return [(suspect.lead.id, suspect.reasons) for suspect in find_duplicates(Draft(values=values), actor)]


def test_each_reason_is_found_and_told(anna, make, app):
    lead = make.lead("Ilse Lüders", person_name="Ilse Lüders", email="ilse@hof.example", phone="030 901820", city="Kiel")
    make.lead("Somebody else", email="else@hof.example", phone="+49 40 1234567", city="Kiel")
    with app.test_request_context():
        assert found(anna.actor, email="ILSE@hof.example") == [(lead.id, ("same e-mail",))]
        assert found(anna.actor, phone="+49 (0)30 / 901-820") == [(lead.id, ("same phone",))]
        assert found(anna.actor, person_name="ilse lüders", city="KIEL") == [(lead.id, ("same name and place",))]
        assert found(anna.actor, title="Ilse Lüders") == [(lead.id, ("same name",))]
        assert found(anna.actor, person_name="Ilse Lüders", city="Bonn") == []
        assert found(anna.actor, email="ilse@hof.example", phone="030901820") == [(lead.id, ("same e-mail", "same phone"))]
        assert found(anna.actor, person_name="Nobody", email="no address", phone="110") == []
        assert matches(Draft(values={}), anna.actor) == []
        assert found(anna.actor, title="x" * 300) == []
        own = Draft(values={"email": "ilse@hof.example"}, lead_id=lead.id)
        assert find_duplicates(own, anna.actor) == []


def test_the_forms_say_it_and_name_only_leads_that_the_reader_sees(anna, ben, make, html):
    lead = make.lead("Ferienhof Lüders", email="ilse@hof.example", owner=anna.user)
    pipeline = lead.pipeline_id
    assert html(anna.get("/leads/new")).one("#suspects")
    hint = anna.htmx("/leads/suspects", {"email": "ilse@hof.example"})
    assert " ".join(html(hint).one(".qa-d").text.split()) == "Looks like Ferienhof Lüders: same e-mail"
    typed = {"text": "Ilse, ilse@hof.example\nBen, ben@other.example"}
    preview = html(anna.htmx(f"/board/{pipeline}/quick-add/preview", typed))
    assert [" ".join(text.split()) for text in preview.texts(".qa-d")] == ["Looks like Ferienhof Lüders: same e-mail"]
    change_settings(member_visibility="own", actor=SYSTEM)
    assert "Lüders" not in ben.htmx("/leads/suspects", {"email": "ilse@hof.example"}).text
    assert "Lüders" not in ben.htmx(f"/board/{pipeline}/quick-add/preview", typed).text
    disable("duplicates", actor=SYSTEM)
    assert 'id="suspects"' not in anna.get("/leads/new").text


def test_the_daily_look_finds_pairs_once_and_leaves_switchboards_out(anna, make):
    twins = [make.lead(email="ilse@hof.example") for _ in range(3)]
    for _ in range(pairs.MOST_ALIKE + 1):
        make.lead(email="info@firm.example")
    phones = [make.lead(phone="030 901820"), make.lead(phone="+49 30 901820")]
    gone = make.lead(email="ilse@hof.example")
    delete_leads([gone.id], actor=SYSTEM)
    assert (pairs.scan(), pairs.scan()) == (3, 0)
    assert {(row.older.id, row.newer.id, row.reason) for row in pairs.open_pairs(anna.actor)} == {
        (twins[0].id, twins[1].id, "email"), (twins[0].id, twins[2].id, "email"), (phones[0].id, phones[1].id, "phone"),
    }  # fmt: skip


def test_a_lead_is_looked_at_when_it_is_written(anna, make, run_jobs):
    deliver_all()
    one, two = make.lead(email="ilse@hof.example"), make.lead("Two")
    deliver_all()
    run_jobs()
    assert pairs.open_pairs(anna.actor) == []
    update_lead(two.id, {"email": "ilse@hof.example"}, actor=anna.actor)
    deliver_all()
    run_jobs()
    assert [(row.older.id, row.newer.id) for row in pairs.open_pairs(anna.actor)] == [(one.id, two.id)]


def test_the_list_shows_pairs_that_the_reader_sees_and_takes_them_off(anna, ben, vera, make, html):
    first, second = (
        make.lead("Ferienhof Lüders", email="ilse@hof.example"),
        make.lead("Lüders", email="ilse@hof.example", owner=anna.user),
    )
    pairs.scan()
    page = html(anna.get("/p/duplicates/"))
    assert [" ".join(text.split()) for text in page.texts("tbody td a")] == [first.title, second.title, "Merge"]
    assert page.one("tbody .tone-amber").text.strip() == "same e-mail"
    assert vera.get("/p/duplicates/").status_code == 403
    change_settings(member_visibility="own", actor=SYSTEM)
    assert "No duplicates" in ben.get("/p/duplicates/").text
    pair_id = rows("select id from p_duplicates_pair")[0][0]
    assert ben.post(f"/p/duplicates/{pair_id}/dismiss").status_code == 404
    with pytest.raises(NotFound):
        pairs.dismiss(99, actor=anna.actor)
    assert anna.htmx(f"/p/duplicates/{pair_id}/dismiss").text == ""
    pairs.scan()
    assert pairs.open_pairs(anna.actor) == []
    anna.post(f"/p/duplicates/{pair_id}/dismiss", {"undo": "1"})
    assert len(pairs.open_pairs(anna.actor)) == 1


def test_pages_go_on_where_the_last_one_ended_in_a_fixed_number_of_statements(anna, make, html, queries, monkeypatch):
    monkeypatch.setattr(pairs, "PAGE", 2)
    for number in range(5):
        make.lead(email=f"{number}@hof.example")
        make.lead(email=f"{number}@hof.example")
    pairs.scan()
    seen, url = [], "/p/duplicates/"
    while url:
        with queries(at_most=3):
            page = html(anna.get(url))
        rows_shown = page.all("tbody tr")
        seen += [row.attrs["id"] for row in rows_shown]
        more = [link for link in page.all("a.btn-line") if "after=" in link.attrs["href"]]
        url = more[0].attrs["href"] if more else ""
    assert len(seen) == len(set(seen)) == 5
    assert anna.get("/p/duplicates/?after=nonsense").status_code == 200


def test_a_second_lead_with_one_address_is_refused_when_the_setting_says_so(anna, make):
    make.lead("Ferienhof Lüders", email="ilse@hof.example")
    lead = make.lead("Two")
    save_settings("duplicates", {"refuses_same_email": True}, {}, actor=SYSTEM)
    answer = anna.post("/leads/new", {"title": "Three", "email": "ilse@hof.example"})
    assert (answer.status_code, "Ferienhof Lüders has this e-mail already" in answer.text) == (422, True)
    assert anna.post(f"/leads/{lead.id}/fields/email", {"email": "Ilse@hof.example"}).status_code == 422
    assert anna.post(f"/leads/{lead.id}/fields/email", {"email": "two@hof.example"}).status_code == 303
