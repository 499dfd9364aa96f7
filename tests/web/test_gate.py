"""The door: host, origin, sign-in, headers."""

import pytest


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
