"""People and firms of the tests of their pages."""

import pytest


@pytest.fixture
def acme(make, anna):
    return make.organisation(
        "Acme GmbH", owner=anna.user, website="acme.example", phone="+48 22 555 01 20", email="info@acme.example",
        industry="Tools", city="Gdańsk",
    )  # fmt: skip


@pytest.fixture
def kim(make, anna, acme):
    return make.contact(
        "Anna Kim", owner=anna.user, organisation=acme.id, job_title="Head of Buying", email="kim@acme.example", city="Sopot"
    )
