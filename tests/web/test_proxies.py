"""Behind a proxy with TLS, as the installation guide sets it up, and what is said when a setting is missing."""

from dataclasses import replace

import pytest

from leadboard.app import create_app
from leadboard.domain.passwords import hash_password
from leadboard.models import Session
from leadboard.testing.people import sign_in_directly

PASSWORD = "correct horse battery"
# What the configuration of nginx in the guide sends for a visitor with a browser of today.
BY_NGINX = {
    "Host": "crm.example.com", "X-Forwarded-Host": "crm.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9",
}  # fmt: skip
BROWSER = {"Sec-Fetch-Site": "none"}
NO_PROXY = "A proxy stands in front of Leadboard, so all visitors seem to come from one address. Set LEADBOARD_TRUSTED_PROXIES=1"
NO_PROTO = (
    "The proxy in front does not tell Leadboard that this page is encrypted. Let it send X-Forwarded-Proto, then reload it."
)
NO_BASE_URL = "Cookies could still travel unencrypted. Set LEADBOARD_BASE_URL=https://crm.example.com"


HERE = "http://crm.example.com"  # what reaches Leadboard: the proxy took the TLS off


def moved(client, came_from="localhost"):
    """The client with its session sent to HERE: browsers keep cookies by host, and this client is where the proxy is."""
    name = client.application.config["SESSION_COOKIE_NAME"]
    client.set_cookie(name, client.get_cookie(name, domain=came_from).value, domain="crm.example.com")
    return client


@pytest.fixture
def behind(settings, ada, anna):
    """behind(base_url=…, trusted_proxies=…): clients of an admin and of a member."""

    def build(**changes):
        app = create_app(replace(settings, **changes))
        return {"ada": moved(sign_in_directly(app, ada.user)), "anna": moved(sign_in_directly(app, anna.user))}

    return build


FULL = {"base_url": "https://crm.example.com", "trusted_proxies": 1}


def test_the_guide_leaves_nothing_to_complain_about(behind, html):
    answer = behind(**FULL)["ada"].get("/leads", headers=BY_NGINX | BROWSER, base_url=HERE)

    assert html(answer).texts(".banner") == []
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_visitor_is_whom_the_nearest_proxy_names(settings, make, html):
    ada = make.user("Ada Admin", password_hash=hash_password(PASSWORD))
    client = create_app(replace(settings, **FULL)).test_client()
    page = client.get("/login", headers=BY_NGINX, base_url=HERE)
    moved(client, came_from="crm.example.com")
    token = html(page).one("input[name=csrf_token]").attrs["value"]

    answer = client.post(
        "/login", data={"csrf_token": token, "email": ada.email, "password": PASSWORD},
        headers=BY_NGINX | {"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "Origin": "https://crm.example.com", "Referer": "https://crm.example.com/login"},
        base_url=HERE,
    )  # fmt: skip

    assert answer.status_code == 303
    assert all("Secure" in cookie and cookie.startswith("__Host-") for cookie in answer.headers.getlist("Set-Cookie"))
    assert [row.address for row in Session.select()] == ["203.0.113.9"]


@pytest.mark.parametrize(
    "changes, sent, told",
    [
        ({"base_url": "https://crm.example.com"}, {"Host": "crm.example.com"}, NO_PROXY),
        ({"trusted_hosts": ("crm.example.com",)}, {"Host": "crm.example.com"}, NO_PROXY),
        (FULL, {"Host": "crm.example.com", "X-Forwarded-For": "203.0.113.9"}, NO_PROTO),
        ({"trusted_hosts": ("crm.example.com",), "trusted_proxies": 1}, BY_NGINX, NO_BASE_URL),
    ],
)
def test_an_admin_is_told_which_setting_is_missing(changes, sent, told, behind, html):
    clients = behind(**changes)

    (banner,) = html(clients["ada"].get("/leads", headers=sent | BROWSER, base_url=HERE)).texts(".banner")
    assert banner.startswith(told)
    assert html(clients["anna"].get("/leads", headers=sent | BROWSER, base_url=HERE)).texts(".banner") == []
