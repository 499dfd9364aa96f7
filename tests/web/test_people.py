"""The people page, and the link that lets a colleague in."""

import pytest

from leadboard.db import now_ms
from leadboard.domain.passwords import hash_password
from leadboard.models import Event, Lead, PasswordLink, Session, User

PASSWORD = "correct horse battery"


@pytest.fixture
def admin(ada):
    """An admin who can sign in, so that there is one who counts."""
    User.update(password_hash=hash_password(PASSWORD)).where(User.id == ada.id).execute()
    return ada


def user(name):
    return User.get(User.name == name)


def add(admin, html, name="Dora Neri", email="dora@team.example", role="member"):
    """Add somebody by the form; the path of the link that the next page shows."""
    answer = admin.post("/admin/people/new", {"name": name, "email": email, "role": role})
    assert answer.status_code == 303
    shown = html(admin.get(answer.headers["Location"])).one("#link-text").attrs["value"]
    assert shown.startswith("http://localhost/welcome/")
    return shown.removeprefix("http://localhost")


def test_the_list_tells_role_state_and_leads(admin, anna, make, html):
    make.user("Imported Owner", email="")
    make.user("Gone Person", is_active=False)
    make.lead(owner=anna.user)

    rows = html(admin.get("/admin/people")).all("tbody tr")

    shown = [[row.one(".who a").text, *row.texts("td .tag"), row.one("td.num").text] for row in rows]
    assert shown == [
        ["Ada Admin", "Admin", "Active", "0"],
        ["Anna Kowalska", "Member", "Not invited", "1"],
        ["Imported Owner", "Member", "Not invited", "0"],
        ["Gone Person", "Member", "Deactivated", "0"],
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_needs_the_same_statements_for_any_number(count, admin, make, queries):
    for _ in range(count):
        make.user()
    admin.get("/admin/people")
    with queries(at_most=3):
        assert admin.get("/admin/people").status_code == 200


def test_a_colleague_comes_in_by_link(admin, carla, html):
    link = add(admin, html)
    page = html(carla.get(link))
    assert page.one("h1").text == "Welcome, Dora Neri"
    assert page.one("#email").attrs["value"] == "dora@team.example"

    answer = carla.post(link, {"password": PASSWORD})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert html(carla.get("/account")).one("#profile-name").attrs["value"] == "Dora Neri"


def test_the_link_is_shown_once(admin, html):
    answer = admin.post("/admin/people/new", {"name": "Dora", "email": "dora@team.example", "role": "member"})

    first, second = (html(admin.get(answer.headers["Location"])) for _ in range(2))

    assert len(first.all("#link-text")) == 1
    assert second.all("#link-text") == []


def test_a_link_made_on_the_server_s_own_screen_says_that_it_leads_nowhere_else(admin, html):
    answer = admin.post("/admin/people/new", {"name": "Dora", "email": "dora@team.example", "role": "member"})

    assert "works on this computer only" in html(admin.get(answer.headers["Location"])).one("#link").text


def test_a_link_works_once(admin, carla, html):
    link = add(admin, html)
    carla.post(link, {"password": PASSWORD})

    assert [carla.get(link).status_code, carla.post(link, {"password": "another password 42"}).status_code] == [404, 404]


def test_a_refused_password_leaves_the_link_alive(admin, carla, html):
    link = add(admin, html)

    answer = carla.post(link, {"password": "dora neri dora"})

    assert answer.status_code == 422
    assert "easy to guess" in html(answer).one("#password-error").text
    assert carla.post(link, {"password": PASSWORD}).status_code == 303


def test_a_link_runs_out(admin, carla, html):
    link = add(admin, html)
    PasswordLink.update(expires_at=now_ms() - 1).execute()

    answer = carla.get(link)

    assert answer.status_code == 404
    assert "ask an admin for a new link" in html(answer).one("main").text
    assert carla.post(link, {"password": PASSWORD}).status_code == 404


def test_a_new_link_ends_the_old_one_and_the_sessions_when_used(admin, anna, carla, html):
    answer = admin.post(f"/admin/people/{anna.id}/link")
    old = html(admin.get(answer.headers["Location"])).one("#link-text").attrs["value"]
    admin.post(f"/admin/people/{anna.id}/link")
    new = html(admin.get(f"/admin/people/{anna.id}")).one("#link-text").attrs["value"]

    assert carla.get(old).status_code == 404
    assert carla.post(new, {"password": PASSWORD}).status_code == 303
    assert anna.get("/account").status_code == 303


def test_a_link_of_a_deactivated_person_is_dead(admin, carla, html):
    link = add(admin, html)
    admin.post(f"/admin/people/{user('Dora Neri').id}/deactivate", {"give_leads_to": "0"})

    assert carla.get(link).status_code == 404
    assert carla.post(link, {"password": PASSWORD}).status_code == 404


def test_somebody_without_address_is_not_invited(admin, make, html):
    owner = make.user("Imported Owner", email="")

    assert admin.post(f"/admin/people/{owner.id}/link").status_code == 422
    assert html(admin.get(f"/admin/people/{owner.id}")).texts("main form button") == ["Save"]


@pytest.mark.parametrize(
    "values, field, message",
    [
        ({"name": ""}, "name", "Type a name."),
        ({"email": ""}, "email", "Type an e-mail address."),
        ({"email": "dora@"}, "email", "dora@ is not an e-mail address"),
        ({"email": "ANNA@team.example"}, "email", "Anna Kowalska has this e-mail address already."),
        ({"name": "x" * 10_000}, "name", "at most 120 characters"),
        ({"role": "owner"}, "role", "Not a valid choice"),
    ],
)
def test_what_is_wrong_with_a_new_person_is_named(values, field, message, admin, anna, html):
    answer = admin.post("/admin/people/new", {"name": "Dora", "email": "dora@team.example", "role": "member", **values})

    assert answer.status_code == 422
    assert message in html(answer).one(f"#{field}-error").text
    assert User.get_or_none(User.email == "dora@team.example") is None


def test_role_name_and_address_are_changed(admin, anna):
    admin.post(f"/admin/people/{anna.id}", {"name": "Anna Nowak", "email": "nowak@team.example", "role": "manager"})

    found = User.get_by_id(anna.id)
    assert (found.name, found.email, found.email_key, found.role) == (
        "Anna Nowak", "nowak@team.example", "nowak@team.example", "manager",
    )  # fmt: skip
    assert anna.get("/admin/people").status_code == 403
    assert [event.kind for event in Event.select()][-1] == "user_changed"


def test_nobody_changes_their_own_role(admin):
    answer = admin.post(f"/admin/people/{admin.id}", {"name": "Ada", "email": "ada@team.example", "role": "viewer"})

    assert answer.status_code == 422
    assert User.get_by_id(admin.id).role == "admin"


def test_nobody_deactivates_themselves(admin):
    assert admin.post(f"/admin/people/{admin.id}/deactivate", {"give_leads_to": "0"}).status_code == 422
    assert User.get_by_id(admin.id).is_active


def test_the_last_admin_who_can_sign_in_stays_one(admin, person, html):
    """A second admin who was never let in cannot take the only working one away."""
    other = person("Otto", "admin")

    demotion = other.post(f"/admin/people/{admin.id}", {"name": "Ada Admin", "email": "ada@team.example", "role": "member"})
    leaving = other.post(f"/admin/people/{admin.id}/deactivate", {"give_leads_to": "0"})

    assert (demotion.status_code, leaving.status_code) == (422, 422)
    assert "only admin" in html(demotion).one("#role-error").text
    assert "only admin" in html(leaving).one("[role=alert]").text
    assert (User.get_by_id(admin.id).role, User.get_by_id(admin.id).is_active) == ("admin", True)


def test_leaving_ends_the_sessions_and_keeps_the_leads(admin, anna, make):
    lead = make.lead(owner=anna.user)

    admin.post(f"/admin/people/{anna.id}/deactivate", {"give_leads_to": "0"})

    assert anna.get("/account").status_code == 303
    assert Session.select().where(Session.user == anna.id).count() == 0
    assert Lead.get_by_id(lead.id).owner_id == anna.id


def test_leaving_may_give_the_leads_to_a_colleague(admin, anna, ben, make, html):
    mine, closed, other = make.lead(owner=anna.user), make.lead(owner=anna.user, stage="Won"), make.lead()

    admin.post(f"/admin/people/{anna.id}/deactivate", {"give_leads_to": str(ben.id)})

    assert [Lead.get_by_id(lead.id).owner_id for lead in (mine, closed, other)] == [ben.id, ben.id, None]
    assert Lead.get_by_id(mine.id).version == 2
    assert [event.kind for event in Event.select().where(Event.lead_id == mine.id).order_by(Event.id)] == [
        "lead_created",
        "lead_updated",
    ]


def test_leads_are_not_given_to_somebody_who_left(admin, anna, make):
    gone = make.user("Gone", is_active=False)

    assert admin.post(f"/admin/people/{anna.id}/deactivate", {"give_leads_to": str(gone.id)}).status_code == 422
    assert User.get_by_id(anna.id).is_active


def test_coming_back(admin, anna):
    admin.post(f"/admin/people/{anna.id}/deactivate", {"give_leads_to": "0"})

    admin.post(f"/admin/people/{anna.id}/reactivate")

    assert User.get_by_id(anna.id).is_active


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_the_people_pages_are_for_admins(role, person, anna):
    somebody = person("Dora", role)
    paths = ["", "/new", f"/{anna.id}", f"/{anna.id}/deactivate"]
    posts = ["/new", f"/{anna.id}", f"/{anna.id}/link", f"/{anna.id}/deactivate", f"/{anna.id}/reactivate"]

    assert [somebody.get(f"/admin/people{path}").status_code for path in paths] == [403] * 4
    data = {"name": "Evil", "email": "evil@evil.example", "role": "admin"}
    assert [somebody.post(f"/admin/people{path}", data).status_code for path in posts] == [403] * 5
    assert User.select().where(User.name == "Evil").count() == 0
    assert PasswordLink.select().count() == 0


def test_an_unknown_person_is_not_found(admin):
    assert admin.get("/admin/people/999").status_code == 404
    assert admin.post("/admin/people/999/link").status_code == 404
