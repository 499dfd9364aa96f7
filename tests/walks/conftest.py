"""The world that the walks go through."""

import pytest

from tests.walks.world import build_world, plain_text


@pytest.fixture
def world(app, make):
    return build_world(app, make, plain_text())
