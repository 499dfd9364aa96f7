"""The panels of the lead page, on a page of their own until the real one is there."""

import pytest
from flask import Flask

from tests.support.lead_page import register_stand_ins


@pytest.fixture(autouse=True)
def lead_page(app: Flask) -> None:
    register_stand_ins(app)
