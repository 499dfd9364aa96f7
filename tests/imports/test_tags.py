"""Tags in files: read, made where they are missing, written again, and gone with the import that brought them."""

from leadboard.domain.exports import export_leads
from leadboard.domain.import_undo import start_undo
from leadboard.domain.tags import MOST_ON_A_LEAD, add_tag, change_tags, set_tags
from leadboard.models import Lead, LeadTag, Tag
from leadboard.permissions import SYSTEM
from tests.imports.test_export import EVERYTHING, empty, exact, records, whole

TITLE = {"title": "title"}


def tags_by_title():
    found = {lead.title: [] for lead in Lead.select()}
    for title, name in LeadTag.select(Lead.title, Tag.name).join(Lead).switch(LeadTag).join(Tag).order_by(Tag.name_key).tuples():
        found[title].append(name)
    return found


def test_tags_of_a_file_are_given_and_made_where_they_are_missing(make, mona_brings):
    make.pipeline()
    add_tag("VIP", actor=SYSTEM)
    text = 'title,Tags\nA,"vip, Fair 2026"\nB,Fair 2026;cold\nC,\nD,"Łódź\nvip"\n'

    checked = mona_brings.check(text, TITLE)
    assert checked.options.mapping == {"title": "title", "Tags": "tags"}
    assert (checked.counts["rejected"], checked.counts["new_tags"], Tag.select().count()) == (0, 3, 1)
    assert set(checked.progress["made"]["tags"]) == {"Fair 2026", "cold", "Łódź"}
    mona_brings.bring(text, TITLE)

    assert tags_by_title() == {"A": ["Fair 2026", "VIP"], "B": ["cold", "Fair 2026"], "C": [], "D": ["Łódź", "VIP"]}


def test_several_columns_are_tags_together(make, mona_brings):
    make.pipeline()
    mona_brings.bring('title,one,two\nA,x,"y,X"\n', {**TITLE, "one": "tags", "two": "tags"})
    assert tags_by_title() == {"A": ["x", "y"]}


def test_a_cell_that_is_no_tag_is_kept_aside_and_the_row_comes_in(make, mona_brings):
    make.pipeline()
    many = ",".join(f"t{number}" for number in range(MOST_ON_A_LEAD + 1))
    run = mona_brings.bring(f'title,tags\nA,{"x" * 41}\nB,"{many}"\nC,fine\n', TITLE)

    assert (run.counts["rejected"], run.counts["warnings"]) == (0, 2)
    assert tags_by_title() == {"A": [], "B": [], "C": ["fine"]}
    assert "x" * 41 in Lead.get(Lead.title == "A").other_columns and "t30" in Lead.get(Lead.title == "B").other_columns


def test_no_more_tags_are_made_than_there_may_be(make, mona_brings, monkeypatch):
    make.pipeline()
    monkeypatch.setattr("leadboard.domain.tags.MOST_TAGS", 2)
    run = mona_brings.check("title,tags\nA,one\nB,two\nC,three\nD,one\n", TITLE)
    assert (run.counts["new_tags"], run.counts["warnings"]) == (2, 1)
    run = mona_brings.bring("title,tags\nA,one\nB,two\nC,three\nD,one\n", TITLE)
    assert (run.counts["warnings"], tags_by_title()) == (1, {"A": ["one"], "B": ["two"], "C": [], "D": ["one"]})


def test_an_export_with_tags_comes_back_byte_for_byte(make, mona_brings):
    make.pipeline()
    for title, names in (("A", ["b", "Älter", "c;d"]), ("B", ["c;d"]), ("C", [])):
        set_tags(make.lead(title).id, names, actor=SYSTEM)
    before = exact()
    assert {row["Title"]: row["Tags"] for row in records(before)} == {"A": "Älter, b, c;d", "B": "c;d", "C": ""}
    LeadTag.delete().execute()
    empty()

    mona_brings.bring(before, unguard=False)

    assert exact() == before


def test_undo_takes_the_tags_that_nothing_else_has(make, ada_brings, ada):
    make.pipeline()
    mine = make.lead("Mine")
    run = ada_brings.bring("title,tags\nA,used\nB,unused\n", TITLE)
    change_tags(mine.id, add=[Tag.get(Tag.name == "used").id], actor=ada.actor)

    start_undo(run.id, actor=ada.actor)
    ada_brings.run_jobs()

    assert tags_by_title() == {"Mine": ["used"]}
    assert [tag.name for tag in Tag.select()] == ["used"]
    # What a page offers is not what was there before.
    assert "unused" not in whole(export_leads(*EVERYTHING, actor=SYSTEM))


def test_rows_that_do_not_come_in_make_no_tags(make, mona_brings):
    make.pipeline()
    mona_brings.bring("title,External ID,tags\nA,7,first\n", TITLE, external_source="x")

    run = mona_brings.bring("title,External ID,tags\nA,7,second\nB,8,third\n", TITLE, external_source="x")

    assert (run.counts["already_there"], tags_by_title()) == (1, {"A": ["first"], "B": ["third"]})
    assert sorted(tag.name for tag in Tag.select()) == ["first", "third"]
