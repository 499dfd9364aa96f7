"""Reading changes nothing, whoever reads whatever page."""

import pytest

from tests.walks.walking import difference, dump, visits


@pytest.mark.parametrize("role", ["nobody", "viewer", "member", "manager", "admin"])
def test_no_get_changes_a_record(role, world):
    before = dump()
    walked = [str(visit) for visit in visits(world, world.people[role])]

    assert len(walked) > 50
    assert difference(before, dump()) == "", f"which page? {culprits(world, role)}"


def culprits(world, role):
    """The first pages that write, found by a second, slower walk."""
    before, found = dump(), []
    for visit in visits(world, world.people[role]):
        after = dump()
        if changed := difference(before, after):
            found.append(f"{visit}: {changed}")
        before = after
    return found[:5] or "it wrote only the first time"


def test_every_page_that_is_linked_answers(world):
    """No dead link: what a page of an admin links to is there."""
    problems = [
        f"{visit}: {visit.response.status}"
        for visit in visits(world, world.people["admin"])
        if visit.response.status_code >= 500 or (visit.response.status_code >= 400 and not gone(world, visit))
    ]

    assert not problems, "\n".join(["", *problems])


def gone(world, visit):
    """An address of the world's own list may be of a deleted lead, or of a form that is over; a link may not."""
    return visit.url in {url for method, rule in world.routes() if method == "GET" for url in world.addresses(rule)}
