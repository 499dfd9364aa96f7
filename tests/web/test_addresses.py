"""Remembered shapes of addresses: the same as those that Flask builds."""

import pytest
from flask import Flask, url_for


def of_numbers(app):
    """(endpoint, values) of every route whose values are numbers, with one more that goes into the query."""
    for rule in app.url_map.iter_rules():
        if all(type(converter).__name__ == "IdConverter" for converter in rule._converters.values()):
            values = {name: 7 + place for place, name in enumerate(sorted(rule.arguments))}
            yield rule.endpoint, values
            yield rule.endpoint, {**values, "before": 3}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("script", ["", "/crm"])
def test_every_address_of_numbers_is_the_one_that_flask_builds(app, script):
    with app.test_request_context("/", environ_overrides={"SCRIPT_NAME": script}):
        for endpoint, values in of_numbers(app):
            for offset in (0, 10):  # made, then remembered
                given = {name: value + offset for name, value in values.items()}
                assert url_for(endpoint, **given) == Flask.url_for(app, endpoint, **given)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "values, address",
    [
        ({"lead_id": 5}, "/leads/5"),
        ({"lead_id": 5, "_anchor": "notes"}, "/leads/5#notes"),
        ({"lead_id": 5, "_external": True}, "http://localhost/leads/5"),
        ({"lead_id": 5, "before": None}, "/leads/5"),
        ({"before": 9, "lead_id": 5}, "/leads/5?before=9"),
        ({"lead_id": 5, "q": "{0} 810000000000000001"}, "/leads/5?q=%7B0%7D+810000000000000001"),
    ],
)
def test_addresses_of_more_than_numbers_are_as_they_were(app, values, address):
    with app.test_request_context("/"):
        assert [url_for("leads.detail", **values) for _ in range(2)] == [address, address]


@pytest.mark.sqlite_only
def test_an_endpoint_that_does_not_exist_is_told_each_time(app):
    with app.test_request_context("/"):
        for _ in range(2):
            with pytest.raises(Exception, match=r"no\.such"):
                url_for("no.such", lead_id=1)
