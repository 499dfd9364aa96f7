"""Notes over HTTP: plain forms, fragments, conflicts, hostile and huge texts."""

import json

import pytest

from leadboard.domain.notes import edit_note
from leadboard.models import Note

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[click](vbscript:msgbox(1))",
    "![x](javascript:alert(1))",
    '![x](x "onerror=alert(1)")',
    "[a](<javascript:alert(1)>)",
    "[a][b]\n\n[b]: javascript:alert(1)",
    "<svg/onload=alert(1)>",
    "<iframe src=//evil.example>",
    "<a href=x style=position:fixed;inset:0>all</a>",
    "<form action=//evil.example><input name=p>",
    "</textarea><script>alert(1)</script>",
    "`</code><script>alert(1)</script>`",
    "```\n</pre><script>alert(1)</script>\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '@"><script>alert(1)</script>',
    "@<b>x</b> @a\" onmouseover=alert(1) @'x'",
    '[@ben](https://x.example "a>@eve<b>")',
    "| a |\n|---|\n| <script>x</script> |",
    "<!--><script>alert(1)</script>-->",
    "\u202egnp.exe <div hx-get=/undo/1 hx-trigger=load></div>",
]
SAFE_TAGS = [
    "p",
    "br",
    "em",
    "strong",
    "s",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "a",
    "span",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
]
SAFE_ATTRIBUTES = {"href", "title", "rel", "target", "class", "start"}


@pytest.fixture
def lead(make, anna):
    return make.lead(owner=anna.user)


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def test_a_note_by_htmx_comes_back_in_the_timeline(lead, anna, html):
    answer = anna.htmx(f"/leads/{lead.id}/notes", {"body": "Budget **approved**"})

    page = html(answer)
    assert (answer.status_code, page.one("#note-form textarea").text) == (200, "")
    assert page.one("hx-partial[hx-target='#timeline'] .note").text == "Budget approved"
    assert (toast(answer)["text"], toast(answer)["undo"].startswith("/undo/")) == ("Note saved", True)


@pytest.mark.parametrize("body, message", [("  \n", "empty"), ("x" * 100_001, "100000 characters")])
def test_a_refused_note_keeps_what_was_typed(body, message, lead, anna, html):
    url = f"/leads/{lead.id}/notes"
    for answer in (anna.htmx(url, {"body": body}), anna.post(url, {"body": body})):
        page = html(answer)
        assert answer.status_code == 422
        assert message in page.one("#note-form .error").text
        assert page.one("#note-form textarea").text == body.strip()
    assert Note.select().count() == 0


def test_hostile_markdown_stays_text(lead, make, anna, html):
    ids = [make.note(lead, text, actor=anna.actor) for text in HOSTILE]

    answers = [anna.get(f"/leads/{lead.id}")]
    for note_id in ids:
        answers += [anna.htmx(f"/notes/{note_id}", method="GET"), anna.htmx(f"/notes/{note_id}/edit", method="GET")]
    for answer in answers:
        tree = html(answer)
        assert answer.status_code == 200
        for node in [node for prose in tree.all(".prose") for node in prose.walk()]:
            assert set(node.attrs) <= SAFE_ATTRIBUTES, node.attrs
            assert node.attrs.get("href", "https:").split(":")[0] in {"http", "https", "mailto", "tel", "x"}
            assert node.tag in SAFE_TAGS
        assert [node for node in tree.all("script") if "src" not in node.attrs] == []
        assert tree.all("iframe") == tree.all("[onerror]") == tree.all("[hx-trigger=load]") == []
    assert len(html(answers[0]).all(".note")) == len(HOSTILE)


def test_mentions_are_marked_outside_links_and_code(lead, make, anna, html):
    make.note(lead, "Ask @ben and a@b.example, `@code`, [@link](https://x.example), @Łukasz.", actor=anna.actor)

    assert html(anna.get(f"/leads/{lead.id}")).texts(".mention") == ["@ben", "@Łukasz"]


def test_a_hundred_kilobytes_do_not_weigh_on_the_page(lead, make, anna, html):
    make.note(lead, "**ż** [a](b) @x `c` " * 5000, actor=anna.actor)
    note_id = Note.get().id

    page = anna.get(f"/leads/{lead.id}")
    assert len(page.data) < 80_000
    assert html(page).one(f"#n{note_id} a.small").text == "Show the whole note"
    whole = anna.htmx(f"/notes/{note_id}", method="GET")
    assert whole.status_code == 200
    assert len(html(whole).all(".mention")) == 5000


def test_an_edit_replaces_the_entry(lead, make, anna, html):
    note_id = make.note(lead, "first", actor=anna.actor)
    form = html(anna.htmx(f"/notes/{note_id}/edit", method="GET")).one("form")
    assert (form.one("textarea").text, form.one("input[name=version]").attrs["value"]) == ("first", "1")

    answer = anna.htmx(f"/notes/{note_id}/edit", {"body": "second", "version": "1"})

    entry = html(answer).one(f"#n{note_id}")
    assert (entry.one(".note").text, "edited" in entry.one(".tl-h").text) == ("second", True)
    assert html(anna.get(f"/notes/{note_id}/history")).texts(".hist .prose") == ["first"]


def test_an_edit_that_meets_another_one_shows_both_and_can_be_saved_again(lead, make, anna, mona, html):
    note_id = make.note(lead, "first", actor=anna.actor)
    edit_note(note_id, body="by Mona", actor=mona.actor)
    url, typed = f"/notes/{note_id}/edit", {"body": "by Anna", "version": "1"}

    for answer, status in ((anna.htmx(url, typed), 422), (anna.post(url, typed), 409)):
        page = html(answer)
        assert answer.status_code == status
        assert (page.one(".note").text, page.one("textarea").text) == ("by Mona", "by Anna")
        assert page.one("input[name=version]").attrs["value"] == "2"
    assert Note.get().body == "by Mona"

    assert anna.post(url, {**typed, "version": "2"}).status_code == 303
    assert Note.get().body == "by Anna"


def test_a_note_that_was_never_edited_says_so(lead, make, anna, html):
    note_id = make.note(lead, "first", actor=anna.actor)

    assert "never edited" in html(anna.get(f"/notes/{note_id}/history")).one("main").text


def test_pin_and_delete_answer_with_what_changed(lead, make, anna, html):
    note_id = make.note(lead, "first", actor=anna.actor)

    pinned = anna.htmx(f"/notes/{note_id}/pin")
    assert html(pinned).texts("#timeline .note.pinned") == ["first"]
    assert toast(pinned)["undo"].startswith("/undo/")
    assert "HX-Trigger" not in anna.htmx(f"/notes/{note_id}/pin").headers
    assert html(anna.htmx(f"/notes/{note_id}/unpin")).all(".note.pinned") == []

    deleted = anna.htmx(f"/notes/{note_id}/delete")
    assert (deleted.data, toast(deleted)["text"]) == (b"", "Note deleted")
    anna.post(toast(deleted)["undo"])
    assert html(anna.get(f"/leads/{lead.id}")).texts("#timeline .note") == ["first"]
