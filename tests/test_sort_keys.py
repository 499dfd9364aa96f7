"""Sort keys are compared byte by byte on both engines."""

from leadboard.db import is_sqlite, one, rows
from leadboard.models import Lead


def test_titles_come_in_the_order_of_their_keys(make):
    for title in ("Zebra", "Łódź", "acme", "lz", "Ábel", "item 10", "item 2"):
        make.lead(title)

    keys = [key for (key,) in rows("select title_key from lead order by title_key, id")]

    assert keys == sorted(keys)
    assert [lead.title for lead in Lead.select().order_by(Lead.title_key)] == [
        "Ábel",
        "acme",
        "item 2",
        "item 10",
        "Łódź",
        "lz",
        "Zebra",
    ]


def test_the_server_s_language_does_not_matter(app):
    if is_sqlite():
        assert one("select 'a' < 'B'") == (0,)  # bytes already
        return
    found = rows(
        "select collation_name from information_schema.columns where table_name = 'lead' and column_name like '%\\_key' order by 1"
    )
    assert found == [("C",), ("C",), (None,)]
