"""Who may do what, and which leads somebody sees."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadboard.db import atomic, rows
from leadboard.domain.lead_rows import blank_row, insert_rows
from leadboard.errors import NotAllowed
from leadboard.models.users import Role
from leadboard.permissions import (
    ROLE_PERMISSIONS,
    SYSTEM,
    Permission,
    may_delete,
    require,
    user_actor,
    visible_sql,
)

# The table of docs and design: what each role adds to the one before.
ADDS = {
    Role.VIEWER: {Permission.READ},
    Role.MEMBER: {Permission.WRITE},
    Role.MANAGER: {Permission.DELETE_ANY, Permission.RESTORE, Permission.ASSIGN, Permission.IMPORT, Permission.EXPORT},
    Role.ADMIN: {Permission.STAGES, Permission.PEOPLE, Permission.SETTINGS},
}


class GiveUp(Exception):
    """Ends an example; its rows are rolled back."""


def test_each_role_includes_the_ones_below_it_and_adds_its_own():
    included = set()
    for role, added in ADDS.items():
        included |= added
        assert ROLE_PERMISSIONS[role] == included, role
    assert included == set(Permission), "a permission that no role has"
    assert set(ADDS) == set(Role) == set(ROLE_PERMISSIONS), "a role without permissions"


@pytest.mark.parametrize("permission", list(Permission))
@pytest.mark.parametrize("role", list(Role))
def test_require_refuses_what_the_role_does_not_include(role, permission):
    actor = user_actor(1, "A", role, member_visibility="all")

    if permission in ROLE_PERMISSIONS[role]:
        require(actor, permission)
    else:
        with pytest.raises(NotAllowed):
            require(actor, permission)
    assert actor.may(permission) == (permission in ROLE_PERMISSIONS[role])


@pytest.mark.parametrize(
    "role, own, somebody_elses, nobodys",
    [("viewer", False, False, False), ("member", True, False, False), ("manager", True, True, True), ("admin", True, True, True)],
)
def test_members_delete_their_own_leads_and_managers_any(role, own, somebody_elses, nobodys):
    actor = user_actor(1, "A", role, member_visibility="all")

    assert (may_delete(actor, 1), may_delete(actor, 2), may_delete(actor, None)) == (own, somebody_elses, nobodys)


@pytest.mark.parametrize("role, setting, sees_all", [
    ("viewer", "all", True), ("member", "all", True), ("manager", "all", True), ("admin", "all", True),
    ("viewer", "own", False), ("member", "own", False), ("manager", "own", True), ("admin", "own", True),
])  # fmt: skip
def test_the_setting_limits_members_and_viewers_only(role, setting, sees_all):
    assert user_actor(1, "A", role, member_visibility=setting).sees_all is sees_all


def test_the_system_sees_and_may_everything():
    assert (SYSTEM.sees_all, SYSTEM.permissions) == (True, frozenset(Permission))


LEADS = st.lists(st.tuples(st.sampled_from(["anna", "ben", None]), st.booleans()), max_size=12)


def test_the_condition_finds_what_somebody_may_see_and_nothing_else(make, anna, ben):
    stage = (make.pipeline(), make.stage("New"))[1]
    owners = {"anna": anna.id, "ben": ben.id, None: None}

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(LEADS)
    def agree(leads):
        with suppress(GiveUp):
            compare(stage, [(owners[owner], deleted) for owner, deleted in leads], (anna.id, ben.id))

    agree()


def compare(stage, leads, users):
    with atomic():
        ids = insert_rows([lead_row(stage, number, *lead) for number, lead in enumerate(leads)])
        expected = dict(zip(ids, leads, strict=True))
        for role in Role:
            for setting in ("all", "own"):
                for user_id in users:
                    compare_one(user_actor(user_id, "A", role, member_visibility=setting), expected)
        compare_one(SYSTEM, expected)
        raise GiveUp


def lead_row(stage, number, owner_id, deleted):
    row = blank_row()
    row.update(
        pipeline_id=stage.pipeline_id, stage_id=stage.id, position=number, title="x", title_key="x", owner_id=owner_id,
        deleted_at=1 if deleted else None,
    )  # fmt: skip
    return row


def compare_one(actor, expected):
    sees = {
        lead_id
        for lead_id, (owner_id, deleted) in expected.items()
        if not deleted and (actor.sees_all or owner_id in (None, actor.id))
    }
    condition, params = visible_sql(actor, "l")
    found = {row[0] for row in rows(f"select l.id from lead l where {condition}", params)}
    condition, params = visible_sql(actor, deleted=True)
    in_the_bin = {row[0] for row in rows(f"select id from lead where {condition}", params)}
    binned = {i for i, (owner_id, deleted) in expected.items() if deleted and (actor.sees_all or owner_id in (None, actor.id))}

    assert found == sees
    assert in_the_bin == binned
