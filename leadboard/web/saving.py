"""Running a form's verb: errors of the domain come back in the form, with what was typed."""

from collections.abc import Callable

from flask import Response, after_this_request

from leadboard.errors import Conflict, Refused, TooManyTries
from leadboard.forms.base import Form
from leadboard.web.errors import STATUS


def problem_with(form: Form, work: Callable[[], object]) -> int:
    """Check the form and do the work: 0 when it was done, else the status with which the form is shown again."""
    if not form.validate():
        return STATUS[Refused]
    try:
        work()
    except (Refused, Conflict, TooManyTries) as error:
        form.show_error(error)
        if isinstance(error, TooManyTries):
            _retry_after(error.retry_after_s)
        return STATUS[type(error)]
    return 0


def _retry_after(seconds: int) -> None:
    @after_this_request
    def add_header(response: Response) -> Response:
        response.headers["Retry-After"] = str(seconds)
        return response
