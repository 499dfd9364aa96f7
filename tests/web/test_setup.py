"""The set-up: by a link, once."""

import pytest

from leadboard import jobs
from leadboard.app import create_app
from leadboard.db import now_ms
from leadboard.domain.demo_state import sample_state
from leadboard.domain.links import make_link
from leadboard.domain.setup import Regional, prepare_instance, set_up
from leadboard.domain.sign_in import Browser
from leadboard.domain.users import new_setup_link
from leadboard.errors import NotFound, Refused
from leadboard.models import LostReason, PasswordLink, Pipeline, Setting, Source, Stage, User
from leadboard.queries.settings import instance
from leadboard.testing.people import Person

FIRST = {
    "name": "Ada Admin", "team": "Baltic Sails", "email": "ada@baltic.example", "password": "correct horse battery",
    "country": "PL", "filled_for": "PL", "currency": "PLN", "time_zone": "Europe/Warsaw", "phone_region": "PL", "week_start": "0",
}  # fmt: skip
POLAND = Regional(country="PL", currency="PLN", time_zone="Europe/Warsaw", phone_region="PL", week_start=0)


@pytest.fixture
def fresh(settings):
    """An application on an instance that nobody has set up."""
    return create_app(settings)


@pytest.fixture
def visitor(fresh):
    return Person(user=None, client=fresh.test_client())


def test_a_stranger_is_told_where_the_link_is(visitor, html):
    answer = visitor.get("/setup")

    assert "terminal" in html(answer).one("main").text
    assert html(answer).all("form") == []
    assert visitor.get("/account").headers["Location"] == "/setup"


def test_the_link_leads_to_the_form_filled_for_the_browser_s_country(visitor, html):
    page = html(visitor.get(f"/setup/{new_setup_link()}", headers={"Accept-Language": "fr, de-CH;q=0.9, en-US;q=0.5"}))

    chosen = {select.attrs["name"]: select.one("option[selected]").attrs["value"] for select in page.all("select")}
    assert chosen == {"country": "CH", "currency": "CHF", "time_zone": "Europe/Zurich", "phone_region": "CH", "week_start": "0"}


def test_the_set_up_makes_an_admin_who_is_signed_in_and_a_pipeline(visitor):
    answer = visitor.post(f"/setup/{new_setup_link()}", FIRST)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/start")
    user = User.get()
    assert (user.name, user.email, user.role, user.is_active) == ("Ada Admin", "ada@baltic.example", "admin", True)
    found = instance()
    assert (found.is_set_up, found.name, found.country, found.currency, found.time_zone, found.week_start) == (
        True, "Baltic Sails", "PL", "PLN", "Europe/Warsaw", 0,
    )  # fmt: skip
    assert [pipeline.name for pipeline in Pipeline.select()] == ["Sales"]
    assert [(stage.name, stage.kind, stage.probability) for stage in Stage.select().order_by(Stage.position)] == [
        ("New", "open", 20), ("Contacted", "open", 40), ("Meeting", "open", 60), ("Offer", "open", 80), ("Won", "won", 100),
        ("Lost", "lost", 0),
    ]  # fmt: skip
    assert len(Source.select()) == 6
    assert [reason.name for reason in LostReason.select().order_by(LostReason.position)][-1] == "Not stated"
    assert visitor.get("/start").status_code == 200


def test_a_country_chosen_without_scripts_fills_what_was_left_as_it_was(visitor):
    data = {**FIRST, "country": "EG", "filled_for": "PL", "time_zone": "Europe/Paris"}

    visitor.post(f"/setup/{new_setup_link()}", data)

    found = instance()
    assert (found.currency, found.time_zone, found.phone_region, found.week_start) == ("EGP", "Europe/Paris", "EG", 5)


def test_a_country_chosen_with_htmx_brings_its_fields(visitor, html):
    answer = visitor.htmx(f"/setup/{new_setup_link()}/country", {"country": "JP", "filled_for": ""}, method="GET")

    page = html(answer)
    assert [select.one("option[selected]").attrs["value"] for select in page.all("#country-fields select")] == [
        "JPY", "Asia/Tokyo", "JP", "6",
    ]  # fmt: skip
    assert page.one("#filled_for").attrs["value"] == "JP"


@pytest.mark.parametrize(
    "field, value, message",
    [
        ("name", "", "Type your name."),
        ("email", "nonsense", "nonsense is not an e-mail address"),
        ("password", "short", "Use at least 12 characters"),
        ("password", "baltic sails 2026", "This is easy to guess"),
        ("country", "", "Choose a country."),
        ("team", "", "Type a name for your team."),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(field, value, message, visitor, html):
    answer = visitor.post(f"/setup/{new_setup_link()}", {**FIRST, field: value})

    page = html(answer)
    assert answer.status_code == 422
    assert message in page.one(f"#{field}-error").text
    kept = {**FIRST, field: value}
    assert {name: page.one(f"input[name={name}]").attrs["value"] for name in ("name", "team", "email")} == {
        name: kept[name] for name in ("name", "team", "email")
    }
    assert User.select().count() == 0


def test_a_wrong_link_leads_back_to_the_terminal(visitor, html):
    new_setup_link()

    for answer in (visitor.get("/setup/wrong"), visitor.post("/setup/wrong", FIRST)):
        assert answer.status_code == 404
        assert "terminal" in html(answer).one("main").text
    assert User.select().count() == 0


def test_the_link_runs_out_after_a_day(visitor):
    token = new_setup_link(now=now_ms() - 86_400_001)

    assert visitor.get(f"/setup/{token}").status_code == 404
    assert visitor.post(f"/setup/{token}", FIRST).status_code == 404


def test_a_new_link_replaces_the_old_one(visitor):
    old, new = new_setup_link(), new_setup_link()

    assert [visitor.get(f"/setup/{token}").status_code for token in (old, new)] == [404, 200]
    assert PasswordLink.select().count() == 1


def test_after_the_first_user_the_set_up_is_gone(visitor, fresh):
    token = new_setup_link()
    visitor.post(f"/setup/{token}", FIRST)
    stranger = Person(user=None, client=fresh.test_client())

    answers = [
        stranger.get("/setup"), stranger.get(f"/setup/{token}"), stranger.get(f"/setup/{token}/country"),
        stranger.post(f"/setup/{token}", {**FIRST, "email": "evil@evil.example"}),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404] * 4
    assert User.select().count() == 1
    with pytest.raises(Refused):
        new_setup_link()


def test_of_two_who_set_up_at_once_one_wins(fresh):
    token = new_setup_link()
    values = {"name": "Ada", "password": "correct horse battery", "team": "Team", "regional": POLAND, "browser": Browser()}
    set_up(token, email="ada@baltic.example", **values)

    with pytest.raises(NotFound):
        set_up(token, email="eve@baltic.example", **values)

    assert [user.email for user in User.select()] == ["ada@baltic.example"]


def test_a_password_link_does_not_open_the_set_up(fresh, visitor):
    user = User.create(name="Imported", role="member")
    token = make_link(user.id)

    assert visitor.get(f"/setup/{token}").status_code == 404
    assert visitor.post(f"/setup/{token}", FIRST).status_code == 404


def test_preparing_twice_adds_nothing(fresh):
    prepare_instance()
    before = (Pipeline.select().count(), Source.select().count(), LostReason.select().count(), Setting.select().count())

    prepare_instance()

    assert before == (1, 6, 6, 2)
    assert (Pipeline.select().count(), Source.select().count(), LostReason.select().count(), Setting.select().count()) == before


# ---------------------------------------------------------------------------------------------- the second step


@pytest.fixture
def fill(monkeypatch):
    """A stand-in for the job that writes sample data: remembers its payload, marks the data as present."""
    seen = []

    def handler(**payload):
        seen.append(payload)
        state = sample_state()
        state.phase = "ready"
        state.save()

    monkeypatch.setitem(jobs._handlers, "demo.fill", handler)
    return seen


def test_sample_data_is_filled_in_the_background_once(ada, fill, run_jobs, html):
    assert ada.post("/start", {"start": "sample"}).headers["Location"] == "/start/sample"
    ada.post("/start", {"start": "sample"})
    waiting = ada.htmx("/start/sample", method="GET")
    assert html(waiting).one("#filling").attrs["hx-trigger"] == "every 1s"

    run_jobs()

    assert fill == [{"leads": 200, "seed": 1, "user_id": ada.id}]
    assert ada.htmx("/start/sample", method="GET").headers["HX-Redirect"] == "/"


def test_a_failure_to_fill_shows_the_way_on(ada, run_jobs, html, monkeypatch):
    def broken(**_payload):
        raise OSError("disk full")

    monkeypatch.setitem(jobs._handlers, "demo.fill", broken)
    monkeypatch.setattr(jobs, "RETRY_CAP_MS", 0)
    ada.post("/start", {"start": "sample"})
    run_jobs()

    page = html(ada.htmx("/start/sample", method="GET"))

    assert "could not be written" in page.text
    assert "hx-get" not in page.one("#filling").attrs
    assert ada.post("/start", {"start": "sample"}).headers["Location"] == "/start/sample"


@pytest.mark.parametrize("role", ["manager", "member", "viewer"])
def test_only_an_admin_chooses_how_to_start(role, person):
    somebody = person("Dora", role)

    assert [somebody.get("/start").status_code, somebody.post("/start", {"start": "sample"}).status_code] == [403, 403]


def test_with_leads_there_is_nothing_to_choose(ada, make):
    make.lead()

    assert ada.get("/start").headers["Location"] == "/"
