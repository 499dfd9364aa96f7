"""A telephone system that tells of calls, and an agent whose telephone it knows."""

from datetime import UTC, datetime, timedelta

import pytest
from leadboard_plugins.telephony_hook import doors, lists

from leadboard.api import new_signing_secret
from leadboard.domain.plugins import disable, remove_data, save_settings
from leadboard.permissions import SYSTEM

TOKEN = "t" * 32
SECRET = new_signing_secret()
START = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)


@pytest.fixture
def token():
    return TOKEN


@pytest.fixture
def secret():
    return SECRET


@pytest.fixture(autouse=True)
def on(plugin, app):
    plugin("telephony_hook")
    save_settings("telephony_hook", {}, {"token": TOKEN, "secret": SECRET}, actor=SYSTEM)
    doors._lately.clear()
    yield
    # On PostgreSQL the database outlives the test.
    disable("telephony_hook", actor=SYSTEM)
    remove_data("telephony_hook", actor=SYSTEM)


@pytest.fixture
def tell(app):
    """tell("ringing", call_id=…) as the telephone system does it; the answer."""

    def post(event, call_id="c1", *, after=0, headers=None, **values):
        doors._lately.clear()
        at = (START + timedelta(seconds=after)).isoformat()
        body = {"event": event, "call_id": call_id, "at": at, **values}
        return app.test_client().post("/in/telephony", json=body, headers=headers or {"Authorization": f"Bearer {TOKEN}"})

    return post


@pytest.fixture
def agent(anna):
    """Anna's telephone is 201."""
    lists.save_extensions({anna.id: "201"}, actor=SYSTEM)
    return anna
