"""What the tests of the API share."""

from tests.domain.test_conversion import lead
from tests.fields.conftest import every_field, field

__all__ = ["every_field", "field", "lead"]


def fields_of(answer):
    """{field: message} of an error, checked to have the one shape."""
    error = answer.json["error"]
    assert set(error) == {"code", "message", "fields", "request_id"}
    assert error["request_id"] == answer.headers["X-Request-Id"]
    assert answer.mimetype == "application/json"
    return {name: found["message"] for name, found in error["fields"].items()}
