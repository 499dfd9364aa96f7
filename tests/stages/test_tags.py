"""Tags: what admins keep of them, and what anybody does with them on a lead."""

import pytest

from leadboard.db import rows
from leadboard.domain.tags import add_tag, archive_tag, change_tags, set_tags, update_tag
from leadboard.domain.undo import undo_change
from leadboard.errors import Conflict, NotAllowed, NotFound, Refused
from leadboard.queries.lead_filter import LeadFilter, known_values
from leadboard.queries.settings import today
from leadboard.queries.tags import known_tags, tags_of
from leadboard.testing.factories import actor_for


def on(lead):
    return [tag.name for tag in tags_of([lead.id]).get(lead.id, [])]


def test_tags_are_typed_and_made_where_they_are_missing(make, anna, ada):
    lead = make.lead()
    add_tag("VIP", tone="pink", actor=ada.actor)

    set_tags(lead.id, ["vip ", "Messe 2026", "Vip"], actor=anna.actor)

    assert on(lead) == ["Messe 2026", "VIP"]
    assert [(tag.name, tag.tone) for tag in known_tags().values()][1] == ("VIP", "pink")


def test_an_undo_takes_back_only_what_was_done_then(make, anna, ben):
    lead = make.lead()
    set_tags(lead.id, ["A", "B"], actor=anna.actor)
    done = set_tags(lead.id, ["B", "C"], actor=anna.actor)
    set_tags(lead.id, ["B", "C", "D"], actor=ben.actor)

    undo_change(done, actor=anna.actor)

    assert on(lead) == ["A", "B", "D"]


def test_an_undo_with_nothing_left_to_do_says_so(make, anna):
    lead = make.lead()
    done = set_tags(lead.id, ["A"], actor=anna.actor)
    set_tags(lead.id, [], actor=anna.actor)
    with pytest.raises(Conflict):
        undo_change(done, actor=anna.actor)


@pytest.mark.parametrize("names", [["a,b"], ["x" * 41], [str(number) for number in range(31)]])
def test_what_is_no_tag_is_refused_and_nothing_is_saved(make, anna, names):
    lead = make.lead()
    with pytest.raises(Refused):
        set_tags(lead.id, names, actor=anna.actor)
    assert (on(lead), dict(known_tags())) == ([], {})


def test_only_admins_keep_the_list_and_viewers_tag_nothing(make, mona, vera):
    lead = make.lead()
    for work in (lambda: add_tag("A", actor=mona.actor), lambda: set_tags(lead.id, ["A"], actor=vera.actor)):
        with pytest.raises(NotAllowed):
            work()


def test_who_does_not_see_a_lead_does_not_tag_it(make, anna, ben):
    make.set_up(member_visibility="own")
    lead = make.lead(owner=ben.user)
    with pytest.raises(NotFound):
        set_tags(lead.id, ["A"], actor=actor_for(anna.user))


def test_a_tag_is_renamed_for_all_and_names_stay_apart(make, ada, anna):
    lead = make.lead()
    set_tags(lead.id, ["Big", "Small"], actor=anna.actor)
    big, small = known_tags().values()

    update_tag(big.id, name="Large", tone="red", actor=ada.actor)
    with pytest.raises(Refused):
        update_tag(small.id, name="LARGE", tone="red", actor=ada.actor)
    with pytest.raises(Conflict):
        update_tag(big.id, name="Huge", tone="red", actor=ada.actor, seen={"name": "Big", "tone": "red"})

    assert on(lead) == ["Large", "Small"]


def test_leads_are_found_by_tag(make, anna, ada):
    vip = add_tag("VIP", actor=ada.actor)
    tagged, plain = make.lead("Tagged"), make.lead("Plain")
    change_tags(tagged.id, add=[vip], actor=anna.actor)

    def found(**args):
        wanted = LeadFilter.from_args(args, anna.actor, known_values())
        sql, params = wanted.where(anna.actor, "lead", today())
        return [title for (title,) in rows(f"select title from lead where {sql}", params)], wanted

    assert found(tag=str(vip))[0] == ["Tagged"]
    titles, wanted = found(query="tag:vip")
    assert (titles, wanted.tag_id) == (["Tagged"], vip)
    assert found(query="tag:none")[0] == ["Plain"]
    assert found(query="tag:any")[0] == ["Tagged"]
    assert wanted.typed(known_values(), anna.actor) == "tag:VIP"
    assert plain


def test_the_lead_page_edits_them_in_place_and_without_scripts(make, anna, html):
    lead = make.lead()
    shown = html(anna.htmx(f"/leads/{lead.id}/tags", method="GET"))
    assert shown.one("#tags-i").attrs["value"] == ""

    after = html(anna.htmx(f"/leads/{lead.id}/tags", {"tags": "VIP, Messe"}))
    assert after.texts("#lead-tags .tag") == ["Messe", "VIP"]
    assert anna.htmx(f"/leads/{lead.id}/tags", {"tags": "x" * 50}).status_code == 422
    assert anna.post(f"/leads/{lead.id}/tags", {"tags": "VIP"}).status_code == 303
    page = html(anna.get(f"/leads/{lead.id}"))
    assert page.texts("#lead-tags .tag") == ["VIP"]
    assert "Tags" in page.one("#timeline").text


def test_the_board_shows_them_and_filters_by_them(make, anna, ada, html):
    first, second = make.lead("One"), make.lead("Two")
    vip = add_tag("VIP", tone="pink", actor=ada.actor)
    change_tags(first.id, add=[vip], actor=anna.actor)

    page = html(anna.get("/"))
    assert page.texts(f"#l{first.id} .tag") == ["VIP"]
    assert page.texts(f"#l{second.id} .tag") == []
    filtered = html(anna.get(f"/board/{first.pipeline_id}?tag={vip}"))
    assert [one.text for one in filtered.all(".lc-n")] == ["One"]
    assert "Tag: VIP" in filtered.one(".filters").text


def test_the_admin_page_adds_renames_and_archives(ada, make, html):
    assert ada.post("/admin/tags", {"name": "VIP", "tone": "pink"}).status_code == 303
    assert ada.post("/admin/tags", {"name": "vip", "tone": "pink"}).status_code == 422
    tag = next(iter(known_tags()))
    form = {
        one.attrs["name"]: one.attrs.get("value", "")
        for one in html(ada.get(f"/admin/tags/{tag}")).all("input")
        if "name" in one.attrs
    }
    ada.post(f"/admin/tags/{tag}", {**form, "name": "Big", "tone": "red"})
    assert known_tags()[tag][1:3] == ("Big", "red")
    ada.post(f"/admin/tags/{tag}/archive", {"archived": "1"})
    assert known_tags()[tag].is_archived
    archive_tag(tag, is_archived=False, actor=ada.actor)
    assert not known_tags()[tag].is_archived
