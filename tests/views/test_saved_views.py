"""Saved views: kept by one person, shared by managers, pinned and opened by each for themselves."""

import pytest

from leadboard.cli.exports import _condition
from leadboard.db import is_sqlite, rows
from leadboard.domain.custom_fields import archive_field
from leadboard.domain.settings import change_settings
from leadboard.domain.stage_deleting import delete_stage
from leadboard.domain.views import change_view, delete_view, make_default, pin_view, save_view
from leadboard.errors import NotAllowed, NotFound, Refused
from leadboard.models import ChangeSet, Event, SavedView, Stage
from leadboard.permissions import SYSTEM
from leadboard.queries.views import default_view, find_view, pinned_views, views_of


def names(person):
    return [view.name for view in views_of(person.actor)]


def titles(html, answer):
    return html(answer).texts("td.who a")


def test_a_view_is_ones_own_until_a_manager_shares_it(anna, ben, mona):
    own = save_view("My hot leads", "leads", {"owner": "me", "view": "3", "after": "x"}, actor=anna.actor)
    shared = save_view("Team", "leads", {"query": "value>=5000"}, actor=mona.actor, is_shared=True)

    assert (names(anna), names(ben), names(mona)) == (["My hot leads", "Team"], ["Team"], ["Team"])
    assert dict(find_view(own, anna.actor).args) == {"owner": "me"}
    with pytest.raises(NotFound):
        find_view(own, ben.actor)
    with pytest.raises(NotAllowed):
        save_view("Everybody", "leads", {}, actor=ben.actor, is_shared=True)
    with pytest.raises(NotAllowed):
        change_view(own, actor=anna.actor, is_shared=True)
    with pytest.raises(NotAllowed):
        change_view(shared, actor=ben.actor, name="Mine")
    with pytest.raises(NotFound):
        delete_view(own, actor=mona.actor)


def test_admins_change_and_delete_what_others_share(ada, mona, ben):
    shared = save_view("Team", "leads", {}, actor=mona.actor, is_shared=True)
    change_view(shared, actor=ada.actor, name="All of us")
    assert names(ben) == ["All of us"]
    delete_view(shared, actor=ada.actor)
    assert (names(ben), names(mona)) == ([], [])


@pytest.mark.parametrize(
    "name, place, args, field",
    [
        ("", "leads", {}, "name"), ("x" * 81, "leads", {}, "name"), ("Twice", "leads", {}, "name"), ("twice", "leads", {}, "name"),
        ("New", "moon", {}, "place"), ("New", "leads", {"query": "x" * 9000}, "args"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused(anna, name, place, args, field):
    save_view("Twice", "leads", {}, actor=anna.actor)
    with pytest.raises(Refused) as refusal:
        save_view(name, place, args, actor=anna.actor)
    assert refusal.value.field == field
    assert names(anna) == ["Twice"]


def test_everybody_pins_and_opens_first_for_themselves(anna, ben, mona):
    shared = save_view("Team", "leads", {"owner": "me"}, actor=mona.actor, is_shared=True)
    other = save_view("Other", "leads", {"owner": "none"}, actor=mona.actor, is_shared=True)
    pin_view(other, is_pinned=True, actor=anna.actor)
    pin_view(shared, is_pinned=True, actor=anna.actor)
    make_default(shared, is_default=True, actor=ben.actor)

    assert [view.name for view in pinned_views(anna.actor)] == ["Other", "Team"]
    assert (pinned_views(ben.actor), default_view(anna.actor, "leads")) == ([], None)
    make_default(other, is_default=True, actor=ben.actor)
    first = default_view(ben.actor, "leads")
    assert first is not None and first.name == "Other"

    change_view(other, actor=mona.actor, is_shared=False)
    assert [view.name for view in pinned_views(anna.actor)] == ["Team"]
    assert default_view(ben.actor, "leads") is None


def test_at_most_eight_are_pinned(anna):
    ids = [save_view(f"View {number}", "leads", {}, actor=anna.actor) for number in range(9)]
    for view_id in ids[:8]:
        pin_view(view_id, is_pinned=True, actor=anna.actor)
    with pytest.raises(Refused, match="At most 8"):
        pin_view(ids[8], is_pinned=True, actor=anna.actor)
    pin_view(ids[7], is_pinned=True, actor=anna.actor)
    delete_view(ids[0], actor=anna.actor)
    pin_view(ids[8], is_pinned=True, actor=anna.actor)
    assert len(pinned_views(anna.actor)) == 8


def test_every_change_is_an_event_and_is_taken_back(anna, ben):
    view_id = save_view("Mine", "leads", {"owner": "me"}, actor=anna.actor)
    renamed = change_view(view_id, actor=anna.actor, name="Ours", args={"owner": "none"})
    gone = delete_view(view_id, actor=anna.actor)
    assert [event.kind for event in Event.select().where(Event.record_type == "saved_view")] == ["view_changed"] * 3

    assert ben.post(f"/undo/{gone}").status_code == 403
    assert anna.post(f"/undo/{gone}").status_code == 303
    assert anna.post(f"/undo/{renamed}").status_code == 303
    view = find_view(view_id, anna.actor)
    assert (view.name, dict(view.args)) == ("Mine", {"owner": "me"})
    assert SavedView.get_by_id(view_id).version == 5


def test_a_view_is_saved_opened_changed_updated_and_deleted(anna, make, html):
    make.pipeline()
    make.lead("Acme", owner=anna.user, value_amount=900_000)
    make.lead("Baltic", value_amount=100)
    made = anna.post("/views/new", {"place": "leads", "name": "Mine", "args": "owner=me&sort=-value", "is_pinned": "1"})
    assert made.status_code == 303
    page = anna.get(made.headers["Location"])
    assert titles(html, page) == ["Acme"]
    assert "Mine" in html(page).one("#view-menu summary").text and "changed" not in html(page).one("#view-menu summary").text
    assert html(page).texts("#pinned .nav-i") == ["Mine"]
    assert html(anna.get("/views/counts")).texts(".panel .nav-i") == ["Mine1"]
    assert anna.htmx("/views/counts", method="GET").get_data(as_text=True).count("nav-i") == 1

    view_id = views_of(anna.actor)[0].id
    changed = anna.get(f"/leads?view={view_id}&query=value<100")
    assert titles(html, changed) == ["Baltic"]
    assert "changed" in html(changed).one("#view-menu summary").text
    form = next(one for one in html(changed).all("#view-menu form") if one.attrs["action"].endswith("/update"))
    sent = next(one for one in form.all("input") if one.attrs.get("name") == "args")
    assert anna.post(form.attrs["action"], {"args": sent.attrs["value"]}).status_code == 303
    assert dict(find_view(view_id, anna.actor).args) == {"query": "value<100"}

    assert anna.post(f"/views/{view_id}/edit", {"name": ""}).status_code == 422
    assert anna.post(f"/views/{view_id}/edit", {"name": "Small"}).status_code == 303
    gone = anna.post(f"/views/{view_id}/delete")
    assert gone.status_code == 303
    assert anna.get(f"/leads?view={view_id}").status_code == 404
    assert ChangeSet.select().where(ChangeSet.kind == "view.delete").count() == 1


def test_a_shared_view_shows_no_more_than_its_reader_may_see(anna, mona, carla, make, html):
    make.pipeline()
    make.lead("Hers", owner=mona.user)
    make.lead("Mine", owner=anna.user)
    shared = save_view("All", "leads", {"closed": "open", "sort": "title"}, actor=mona.actor, is_shared=True)
    pin_view(shared, is_pinned=True, actor=anna.actor)
    change_settings(actor=SYSTEM, member_visibility="own")

    assert titles(html, anna.get(f"/leads?view={shared}")) == ["Mine"]
    assert titles(html, mona.get(f"/leads?view={shared}")) == ["Hers", "Mine"]
    assert html(anna.get("/views/counts")).texts(".panel .nav-i") == ["All1"]


def test_a_view_says_what_it_leaves_out(anna, ada, make, html):
    make.pipeline()
    make.field("Tier", "choice", options={"choices": ["gold", "silver"]})
    make.lead("Acme", city="Berlin")
    new = Stage.select().where(Stage.name == "New").get()
    gone = Stage.select().where(Stage.name == "Meeting").get()
    view_id = save_view(
        "Mine", "leads", {"stage": f"{gone.id},{new.id}", "f.tier": "gold",
                          "query": "city:berlin (tier:gold or city:paris) -tier:silver", "sort": "f.tier"}, actor=anna.actor,
    )  # fmt: skip
    archive_field("tier", is_archived=True, actor=SYSTEM)
    delete_stage(gone.id, actor=ada.actor)

    page = anna.get(f"/leads?view={view_id}")

    assert page.status_code == 200
    told = html(page).one("#filter-line .banner").text
    assert (
        "is archived" in told and f"stage={gone.id}" in told and "-tier:silver" in told and "There is no sort by f.tier" in told
    )
    assert titles(html, page) == ["Acme"]
    assert html(page).one("#filter-text").attrs["value"].endswith("city:berlin")


def test_boards_and_parties_have_views_of_their_own(anna, make, html):
    first, second = make.pipeline("Sales"), make.pipeline("Renewals")
    make.lead("Acme", owner=anna.user)
    make.contact("Ann")
    on_board = save_view("Mine", "board", {"owner": "me", "stage": "1"}, actor=anna.actor, pipeline_id=first.id)
    people = save_view("People", "contacts", {"query": "name:ann"}, actor=anna.actor)

    assert "Mine" in html(anna.get(f"/board/{first.id}?view={on_board}")).one("#view-menu summary").text
    assert [view.name for view in views_of(anna.actor, "board", second.id)] == []
    assert titles(html, anna.get(f"/contacts?view={people}")) == ["Ann"]
    make_default(on_board, is_default=True, actor=anna.actor)
    make_default(people, is_default=True, actor=anna.actor)
    home = html(anna.get("/"))
    assert "Owner: me" in home.texts(".chip.on span")
    links = {link.attrs["href"] for link in home.all(".side a")}
    assert f"/contacts?view={people}" in links
    assert titles(html, anna.get("/contacts")) == ["Ann"]


def test_pages_read_views_without_a_statement(anna, make, queries):
    make.pipeline()
    make.lead("Acme")
    for number in range(3):
        view_id = save_view(f"View {number}", "leads", {"owner": "me"}, actor=anna.actor)
        pin_view(view_id, is_pinned=True, actor=anna.actor)
    anna.get("/leads")
    with queries(at_most=8):
        anna.get("/leads")
    # The session, what there is to filter by, and one for each view, on PostgreSQL with its time limit.
    with queries(at_most=9 if not is_sqlite() else 6):
        anna.htmx("/views/counts", method="GET")


def test_exports_and_programs_take_a_view(mona, ben, make):
    make.pipeline()
    make.lead("Acme", city="Berlin")
    make.lead("Baltic")
    view_id = save_view("Berlin", "leads", {"query": "city:berlin"}, actor=mona.actor)
    others = save_view("People", "contacts", {}, actor=mona.actor)

    text = mona.post(f"/leads/export?view={view_id}", {"kind": "exact"}).get_data(as_text=True)
    assert "Acme" in text and "Baltic" not in text
    assert mona.get(f"/leads/export?view={others}").status_code == 400
    assert mona.get(f"/leads/export?view={view_id}&query=nonsense:1").status_code == 400
    assert ben.get(f"/leads?view={view_id}").status_code == 404


def test_the_shell_takes_a_view_and_a_typed_filter(anna, make):
    make.pipeline()
    make.lead("Acme", city="Berlin", value_amount=900_000)
    make.lead("Baltic", city="Berlin")
    view_id = save_view("Berlin", "leads", {"query": "city:berlin"}, actor=anna.actor)
    for query, view, expected in [
        ("", str(view_id), 2),
        ("value>=5000", str(view_id), 1),
        ("owner=none&q=baltic", "", 1),
        ("acme", "", 1),
    ]:
        sql, params = _condition("lead", query, view)
        assert rows(f"select count(*) from lead where {sql}", params) == [(expected,)], (query, view)
