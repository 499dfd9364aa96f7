"""No write without its token: every unsafe route, for somebody who may do everything."""

from leadboard.rest import takes_tokens
from leadboard.testing.html import read_html
from tests.walks.walking import difference, dump


def unsafe(world):
    return [
        (method, url)
        for method, rule in world.routes()
        if method not in {"GET", "HEAD", "OPTIONS"}
        if not takes_tokens(world.app.view_functions[rule.endpoint])  # no cookie counts there: see the test below
        # Other servers post there, and are known by their signature; the view says which in its reason.
        and not getattr(world.app.view_functions[rule.endpoint], "csrf_exempt_reason", "")
        for url in world.addresses(rule)[:1]
    ]


def test_every_write_without_a_token_is_refused_and_writes_nothing(world):
    admin, nobody = world.people["admin"], world.people["nobody"]
    before = dump()
    problems = []
    for method, url in unsafe(world):
        for person in (admin, nobody):
            answer = person.client.open(url, method=method, data={"title": "x", "email": "admin@team.example", "password": "x"})
            if answer.status_code not in ({400} if person is admin else {400, 303, 401}):
                problems.append(f"{method} {url}: {answer.status}")
    if changed := difference(before, dump()):
        problems.append(changed)

    assert not problems, "\n".join(["", *problems])


def test_a_token_of_somebody_else_is_refused(world):
    admin, member = world.people["admin"], world.people["member"]
    before = dump()
    foreign = member.csrf()
    problems = [
        f"{method} {url}: {answer.status}"
        for method, url in unsafe(world)
        if (answer := admin.client.open(url, method=method, headers={"X-CSRFToken": foreign})).status_code != 400
    ]

    assert not problems, "\n".join(["", *problems])
    assert difference(before, dump()) == ""


def test_where_no_csrf_token_is_asked_for_no_session_counts(world):
    admin, before = world.people["admin"], dump()
    for method, rule in world.routes():
        if takes_tokens(world.app.view_functions[rule.endpoint]):
            answer = admin.client.open(world.addresses(rule)[0], method=method, json={}, headers={"X-CSRFToken": admin.csrf()})
            assert answer.status_code == 401, (method, rule)

    assert difference(before, dump()) == ""


def test_where_other_servers_post_to_no_session_counts(world):
    """Without a signature the answer is the same for an admin as for nobody, and nothing is written."""
    admin, nobody, before = world.people["admin"], world.people["nobody"], dump()
    exempt = [
        (method, world.addresses(rule)[0])
        for method, rule in world.routes()
        if method == "POST" and getattr(world.app.view_functions[rule.endpoint], "csrf_exempt_reason", "")
    ]
    assert exempt
    for method, url in exempt:
        answers = {person.client.open(url, method=method, json={}).status_code for person in (admin, nobody)}
        assert len(answers) == 1 and min(answers) >= 400, (method, url, answers)

    assert difference(before, dump()) == ""


def test_every_form_of_every_page_carries_the_token(world):
    """Without JavaScript nothing adds it."""
    problems = []
    for method, rule in world.routes():
        if method != "GET":
            continue
        for url in world.addresses(rule):
            answer = world.people["admin"].get(url)
            if answer.mimetype != "text/html":
                continue
            problems += [f"{url}: {form.attrs.get('action', '')}" for form in forms_without_token(answer)]

    assert not problems, "\n".join(["", *sorted(set(problems))])


def forms_without_token(answer):
    for form in read_html(answer).all("form"):
        if form.attrs.get("method", "get").lower() == "post" and not form.all("input[name=csrf_token]"):
            yield form
