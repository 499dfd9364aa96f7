"""The door: host, origin, sign-in, headers."""

import socket

import pytest

from leadboard.app import create_app
from leadboard.domain.users import new_setup_link
from leadboard.web.gate import own_names


def test_an_unknown_host_gets_400_and_the_name_of_the_setting(carla):
    answer = carla.get("/healthz", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "LEADBOARD_TRUSTED_HOSTS" in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["[", "[::1", "::1]", "[evil]", ""])
def test_a_host_that_is_none_is_unknown_too(host, carla):
    answer = carla.get("/login", headers={"Host": host})

    assert answer.status_code == 400
    assert "LEADBOARD_TRUSTED_HOSTS" in answer.text


def test_a_current_page_that_is_none_is_not_gone_back_to(carla):
    answer = carla.htmx("/leads", method="GET", headers={"HX-Current-URL": "http://["})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_an_address_of_the_network_is_taken_as_host(carla):
    assert carla.get("/healthz", headers={"Host": "192.168.1.20:8000"}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_write_started_by_another_site_is_refused(site, anna):
    answer = anna.post("/leads/new", {"title": "x"}, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403


def test_every_answer_carries_the_security_headers(carla):
    headers = carla.get("/nowhere").headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("host", ["crm", "crm.office.example", "crm.local", "CRM.office.example.", "crm.office.example:8000"])
@pytest.mark.parametrize("hostname", ["crm", "crm.office.example"])
def test_the_machine_answers_to_each_of_its_own_names(hostname, host, settings, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "crm.office.example", ("127.0.1.1", 0))]
    monkeypatch.setattr("leadboard.web.gate.socket.gethostname", lambda: hostname)
    monkeypatch.setattr("leadboard.web.gate.socket.getaddrinfo", lambda *args, **kwargs: found)
    own_names.cache_clear()

    app = create_app(settings)

    assert app.test_client().get("/healthz", headers={"Host": host}).status_code == 200
    own_names.cache_clear()


def test_a_machine_that_nobody_can_look_up_answers_to_its_name(settings, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr("leadboard.web.gate.socket.gethostname", lambda: "crm")
    monkeypatch.setattr("leadboard.web.gate.socket.getaddrinfo", unknown)
    own_names.cache_clear()

    app = create_app(settings)

    assert app.test_client().get("/healthz", headers={"Host": "crm.local"}).status_code == 200
    own_names.cache_clear()


NOT_ENCRYPTED = "This page is not encrypted: others on this network can read along. Put Leadboard behind HTTPS."
ON_THE_LAN = {"Host": "192.168.1.20:8000"}


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/welcome/over"])
def test_every_page_for_strangers_says_that_it_is_not_encrypted(path, carla, html):
    assert html(carla.get(path, headers=ON_THE_LAN)).texts(".banner") == [NOT_ENCRYPTED]
    assert html(carla.get(path)).texts(".banner") == []


@pytest.mark.parametrize("path", ["/", "/leads", "/account", "/nowhere"])
def test_every_page_for_users_says_that_it_is_not_encrypted(path, anna, html):
    # Browsers keep cookies by host.
    anna.client.set_cookie("leadboard", anna.client.get_cookie("leadboard").value, domain="192.168.1.20")
    assert html(anna.get(path, headers=ON_THE_LAN)).texts(".banner") == [NOT_ENCRYPTED]
    assert html(anna.get(path)).texts(".banner") == []


def test_the_set_up_says_that_it_is_not_encrypted(settings, html):
    visitor = create_app(settings).test_client()

    for path in ("/setup", f"/setup/{new_setup_link()}"):
        assert html(visitor.get(path, headers=ON_THE_LAN)).texts(".banner") == [NOT_ENCRYPTED]


def test_browsers_get_no_header_that_they_would_complain_about(carla):
    assert "Cross-Origin-Opener-Policy" not in carla.get("/login", headers=ON_THE_LAN).headers
    assert carla.get("/login").headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert carla.get("/login", base_url="https://192.168.1.20").headers["Cross-Origin-Opener-Policy"] == "same-origin"
