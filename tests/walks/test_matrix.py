"""Who may go where: every route for nobody, a viewer, a member, a manager and an admin.

A route without a row fails, and so does a row without a route. What a cell says:
in      the view answered (also with a redirect, or with the form and what is wrong)
sign-in sent to the sign-in, or to the set-up
token   401: only a token is let in, no session (tests/api/test_gate.py has the table of scopes)
no      403: the role does not include it
hidden  404: there is no such thing, or not for this person
"""

from pathlib import Path

import pytest

from leadboard.models import Contact, Lead, Organisation, User
from leadboard.rest import takes_tokens
from tests.walks.world import ROLES, kept, taken_back

TABLE = Path(__file__).with_name("matrix.txt")


def read_table():
    rows = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {(method, rule): cells for method, rule, *cells in rows}


def outcome(answer):
    location = answer.headers.get("Location", "")
    if answer.status_code == 401 and answer.headers.get("WWW-Authenticate", "").startswith("Bearer"):
        return "token"
    if answer.status_code == 401 or (answer.status_code == 303 and location.startswith(("/login", "/setup"))):
        return "sign-in"
    return {403: "no", 404: "hidden"}.get(answer.status_code, "in" if answer.status_code < 500 else f"{answer.status_code}!")


def ask(world, role, method, url, *, follow=False):
    """What this person gets there; the world, and the cookies of the browser, are afterwards as before."""
    person = world.people[role]
    with kept(person.client), taken_back():
        headers = {} if method == "GET" else {"X-CSRFToken": person.csrf()}
        return outcome(person.client.open(url, method=method, headers=headers, follow_redirects=follow))


def rule_text(rule):
    return rule.rule.replace(" ", "")


def test_every_route_answers_each_role_as_the_table_says(world):
    table = read_table()
    problems = []
    for method, rule in world.routes():
        url = world.addresses(rule)[0]
        found = [ask(world, role, method, url) for role in ROLES]
        expected = table.get((method, rule_text(rule)))
        if expected != found:
            problems.append(
                f"{method} {rule_text(rule)} {' '.join(found)}"
                + (f"    but the table says {' '.join(expected)}" if expected else "")
            )

    assert not problems, f"\nin {TABLE.name} is wrong or missing:\n" + "\n".join(problems)


def test_the_table_names_no_route_that_has_gone(world):
    routes = {(method, rule_text(rule)) for method, rule in world.routes()}

    assert sorted(set(read_table()) - routes) == []


def test_each_cell_of_the_table_has_a_meaning():
    for (method, rule), cells in read_table().items():
        assert len(cells) == len(ROLES), (method, rule)
        assert set(cells) <= {"in", "sign-in", "token", "no", "hidden"}, (method, rule)


def by_token(world, rule):
    return takes_tokens(world.app.view_functions[rule.endpoint])


LEAD_ARGUMENTS = {"lead_id", "note_id", "task_id", "activity_id"}


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_somebody_elses_lead_is_hidden_when_members_see_only_their_own(role, world, make):
    """Everything that hangs on a lead hides with it, for reading and for writing."""
    make.set_up(member_visibility="own")
    stranger = User.get(User.email == "second@team.example")
    for model in (Lead, Contact, Organisation):
        model.update(owner=stranger).execute()
    problems = []
    for method, rule in world.routes():
        if not rule.arguments & LEAD_ARGUMENTS or by_token(world, rule):
            continue
        for url in world.addresses(rule)[:3]:
            found = ask(world, role, method, url, follow=method == "GET")
            if found != "hidden" and not (role == "viewer" and found == "no"):
                problems.append(f"{method} {url}: {found}")

    assert not problems, "\n".join(["", *problems])


@pytest.mark.parametrize("role", ROLES[1:])
def test_what_never_was_is_hidden(role, world):
    """An id that nobody has is a 404 (or a 403 for those who may not come here at all), never an error."""
    problems = []
    for method, rule in world.routes():
        numbers = {name: 987_654 for name in rule.arguments if name.endswith("_id")}
        if not numbers or by_token(world, rule):
            continue
        names = {name: world.choices(rule, name)[0] for name in rule.arguments - set(numbers)}
        url = world.app.url_map.bind("localhost").build(rule.endpoint, {**names, **numbers}, method)
        found = ask(world, role, method, url, follow=method == "GET")
        if found not in {"hidden", "no"}:
            problems.append(f"{method} {url}: {found}")

    assert not problems, "\n".join(["", *problems])


def test_an_ended_session_goes_to_the_sign_in(world):
    world.people["admin"].user.is_active = False
    world.people["admin"].user.save()

    for method, rule in world.routes():
        view = world.app.view_functions[rule.endpoint]
        if not getattr(view, "is_public", False) and not takes_tokens(view):
            assert ask(world, "admin", method, world.addresses(rule)[0]) == "sign-in", (method, rule)
