"""The banner about old backups."""

import os
import time

import pytest


@pytest.fixture
def last_backup(settings):
    def days_ago(days: float) -> None:
        (settings.instance / "last_backup").touch()
        at = time.time() - days * 86_400 - 60
        os.utime(settings.instance / "last_backup", (at, at))

    return days_ago


@pytest.mark.parametrize("days", [0, 2.5])
def test_a_young_backup_is_not_mentioned(days, last_backup, ada, html):
    last_backup(days)

    assert html(ada.get("/admin/sample")).all(".banner") == []


def test_an_old_backup_is_told_to_admins_only(last_backup, ada, anna, html):
    last_backup(4)

    assert (
        html(ada.get("/admin/sample")).one(".banner span").text.startswith("No backup for 4 days. The log of the server says why")
    )
    assert html(anna.get("/leads")).all(".banner") == []
