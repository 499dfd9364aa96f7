"""Mails from a folder, as colleagues meet them; and mails of any quality."""

import json
import os
import random
import time

import pytest
from click.testing import CliRunner
from leadboard_plugins.mail_drop import boxes, lists, read, taking
from leadboard_plugins.mail_drop.mime import read_mail
from leadboard_plugins.mail_drop.quotes import as_written, split_quote

from leadboard.api import NotAllowed, NotFound, Refused, execute, one, rows, settings_for
from leadboard.domain.plugins import save_settings
from leadboard.domain.settings import change_settings
from leadboard.forms.plugin_settings import settings_form_of
from leadboard.permissions import SYSTEM

LETTER = """From: Ilse Lüders <ilse@hof.example>
To: anna@team.example
Subject: =?utf-8?q?Das_D=C3=A4ch?=
Date: Sat, 21 Nov 2026 10:00:00 +0100
Message-ID: <{id}@hof.example>
Content-Type: text/plain; charset=utf-8

The roof leaks.

On Fri, Anna Kowalska wrote:
> How is the roof?
"""


def aged(path, data, seconds=60):
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    at = time.time() - seconds
    os.utime(path, (at, at))
    return path


def letter(number=1, **headers):
    text = LETTER.format(id=number)
    for name, value in headers.items():
        text = f"{name.replace('_', '-')}: {value}\n{text}"
    return text


def entries():
    return rows("select lead_id, kind, direction, subject, body, author_id from activity where deleted_at is null order by id")


def states():
    return [row[0] for row in rows("select state from p_mail_drop_mail order by id")]


def test_a_mail_is_on_the_timeline_of_the_lead_that_it_concerns_once(drop, box, anna, make, run_jobs, html):
    lead = make.lead("Ferienhof Lüders", email="Ilse@Hof.example")
    make.lead("Other", email="other@hof.example")
    path = drop(letter())
    report = taking.read_folder()
    assert (report.states, report.again) == ({"logged": 1}, 0)
    assert entries() == [(lead.id, "mail", "incoming", "Das Däch", "The roof leaks.\n\n[…]", None)]
    shown = html(anna.get(f"/leads/{lead.id}"))
    assert "The roof leaks." in shown.one("#a1").text
    link = shown.one("#panel-mail_drop-mails a")
    whole = html(anna.get(link.attrs["href"]))
    assert "How is the roof?" in whole.one("details.hist").text
    # The mail program looked at it and moved it; another copy came by another way.
    path.rename(box / "cur" / f"{path.name}:2,S")
    drop(letter())
    report = taking.read_folder()
    assert (report.states, report.again, len(entries())) == ({}, 1, 1)
    assert taking.read_folder().read == 0
    assert sorted(file.name for file in box.rglob("17.*")) == ["17.M0.host:2,S", "17.M1.host"]


def test_what_a_colleague_sends_is_theirs_and_goes_to_each_lead(drop, anna, make):
    leads = [make.lead(email=f"{name}@hof.example") for name in ("ilse", "otto")]
    drop(
        "From: Anna <ANNA@team.example>\nTo: ilse@hof.example, Otto <otto@hof.example>\nCc: ben@ours.example\nSubject: Offer\nMessage-ID: <o>\n\nHi"
    )
    taking.read_folder()
    assert sorted(row[0] for row in entries()) == [lead.id for lead in leads]
    assert {row[1:] for row in entries()} == {("mail", "outgoing", "Offer", "Hi", anna.id)}


@pytest.mark.parametrize(
    "headers, state",
    [
        ({"Auto_Submitted": "auto-replied"}, "quiet"),
        ({"Precedence": "bulk"}, "quiet"),
        ({"List_Id": "<news>", "List_Unsubscribe": "<mailto:a@b.example>"}, "quiet"),
        ({"Return_Path": "<>"}, "quiet"),
        ({"Auto_Submitted": "no"}, "logged"),
    ],
)
def test_machines_do_not_write_on_timelines(drop, make, headers, state):
    make.lead(email="ilse@hof.example")
    drop(letter(**headers))
    taking.read_folder()
    assert (states(), len(entries())) == ([state], 1 if state == "logged" else 0)


def test_mails_among_us_and_from_nobody_are_kept_apart(drop, make, anna):
    drop("From: office@team.example\nTo: someone@ours.example\n\nLunch?")
    drop("Subject: no addresses\n\nHello")
    drop(letter())
    taking.read_folder()
    assert sorted(states()) == ["broken", "inner", "open"]
    assert "no date, no sender" in anna.get("/p/mail_drop/?state=broken").text


def test_a_name_that_looks_like_an_address_is_a_name(drop, make):
    make.lead(email="boss@acme.example")
    drop('From: "boss@acme.example" <evil@else.example>\nMessage-ID: <1>\n\nx')
    drop("From: =?utf-8?q?boss=40acme=2Eexample?= <evil@else.example>\nMessage-ID: <2>\n\nx")
    taking.read_folder()
    assert entries() == []


def test_what_is_still_being_written_waits(drop, box, make):
    make.lead(email="ilse@hof.example")
    path = drop(letter()[:80])
    os.utime(path)
    assert taking.read_folder().read == 0
    aged(path, letter())
    aged(box / "tmp" / "17.M9.host", letter(9))
    aged(box / "new" / ".hidden", letter(8))
    assert taking.read_folder().states == {"logged": 1}


def test_an_mbox_is_read_on_from_where_the_last_run_stopped(tmp_path, make, monkeypatch):
    lead = make.lead(email="ilse@hof.example")
    box = tmp_path / "crm.mbox"
    first = "".join(f"From ilse Sat Nov 21 10:00:00 2026\n{letter(number)}\n>From here on all is well.\n\n" for number in (1, 2))
    aged(box, first)
    save_settings("mail_drop", {"folder": str(box)}, {}, actor=SYSTEM)
    (tmp_path / "crm.mbox.lock").touch()
    assert taking.read_folder().read == 0
    (tmp_path / "crm.mbox.lock").unlink()
    assert taking.read_folder().states == {"logged": 2}
    assert taking.read_folder().read == 0
    aged(box, first + f"From ilse Sat Nov 21 11:00:00 2026\n{letter(3)}")
    seen = []
    monkeypatch.setattr(taking, "take", lambda found, ours, real=taking.take: seen.append(found.data) or real(found, ours))
    assert (taking.read_folder().states, len(seen)) == ({"logged": 1}, 1)
    assert "From here on" in one("select quoted || body from p_mail_drop_mail where id = 1")[0]
    # Another program threw the first mail away and wrote the box anew.
    aged(box, f"From otto Sat Nov 21 10:00:00 2026\n{letter(2)}\n\nFrom ilse Sat Nov 21 11:00:00 2026\n{letter(3)}")
    assert taking.read_folder().states == {}
    assert (len(entries()), {row[0] for row in entries()}) == (3, {lead.id})


def test_a_run_takes_so_many_and_the_next_goes_on(drop, make, monkeypatch):
    monkeypatch.setattr(taking, "MOST_A_RUN", 2)
    make.lead(email="ilse@hof.example")
    for number in range(5):
        drop(letter(number))
    assert [taking.read_folder().read for _ in range(4)] == [2, 2, 1, 0]
    answer = CliRunner().invoke(read, ["--json"])
    assert json.loads(answer.output) == {"read": 0, "again": 0, "states": {}, "reasons": {}}
    drop(letter(9))
    assert "1 mails read" in CliRunner().invoke(read).output


def test_large_mails_are_known_by_their_head_and_attachments_by_their_names(drop, make):
    make.lead(email="ilse@hof.example")
    save_settings("mail_drop", {"folder": settings_for("mail_drop").folder, "most_mb": 1}, {}, actor=SYSTEM)
    drop(letter() + "x" * 1_100_000)
    head = "From: ilse@hof.example\nMessage-ID: <2>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    drop(
        head + "--b\nContent-Type: text/html\n\n<p>See <b>plan</b></p><script>x()</script><blockquote>old</blockquote>\n--b\n"
        'Content-Type: application/pdf\nContent-Disposition: attachment; filename="=?utf-8?q?Pl=C3=A4ne.pdf?="\n\n%PDF\n--b--\n'
    )
    taking.read_folder()
    large, other = rows("select reason, body, quoted, attachments from p_mail_drop_mail order by id")
    assert (large[0], large[1]) == ("too large", "")
    assert (other[1], other[2], json.loads(other[3])) == ("See plan", "> old", ["Pläne.pdf (1 kB)"])
    assert entries()[1][4] == "See plan\n\n[…]\n\n- Pläne.pdf (1 kB)"


@pytest.mark.parametrize(
    "date, problem",
    [
        ("", "no date"),
        ("Thursday-ish", "unreadable date"),
        ("Sat, 99 Nov 2026 10:00:00", "unreadable date"),
        ("Sat, 21 Nov 9999 10:00:00 +0000", ""),
    ],
)
def test_a_mail_without_a_usable_date_has_that_of_its_file(drop, make, date, problem):
    make.lead(email="ilse@hof.example")
    path = drop(f"From: ilse@hof.example\nDate: {date}\n\nx")
    taking.read_folder()
    at, reason = one("select at, reason from p_mail_drop_mail")
    assert abs(at - path.stat().st_mtime * 1000) < 2
    assert reason == problem


@pytest.mark.parametrize(
    "charset",
    ["utf-8", "iso-8859-2", "windows-1252", "koi8-r", "x-unknown", "ascii", "", "utf-7\x00", "ü", "undefined", "idna", "hex"],
)
def test_any_charset_is_survived(charset):
    data = (
        f'From: a@b.example\nContent-Type: text/plain; charset="{charset}"\n\n'.encode()
        + "Zażółć".encode("iso-8859-2")
        + b"\x00\xff"
    )
    mail = read_mail(data)
    assert mail.from_addresses == ["a@b.example"]
    assert mail.text


def test_random_damage_never_raises(drop, make):
    make.lead(email="ilse@hof.example")
    dice = random.Random(7)
    whole = (
        letter(MIME_Version="1.0", Content_Type="multipart/mixed; boundary=b").encode()
        + b"\n--b\nContent-Type: text/html\n\n<p>x\n--b--"
    )
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 30)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        read_mail(bytes(data[: dice.randrange(len(data))]))
    deep = "From: ilse@hof.example\n" + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))
    drop(deep)
    drop(b"")
    drop(bytes(range(256)) * 50)
    assert sum(taking.read_folder().states.values()) == 3


def test_a_mail_without_a_lead_is_given_to_one_or_makes_one(drop, anna, make, html):
    lead = make.lead("Ferienhof Lüders")
    drop(letter(1))
    drop(letter(2))
    drop("From: otto@hof.example\nTo: anna@team.example\nMessage-ID: <3>\nSubject: Else\n\nHi")
    taking.read_folder()
    page = html(anna.get("/p/mail_drop/"))
    assert len(page.all("tbody tr")) == 3
    other = one("select id from p_mail_drop_mail where subject = 'Else'")[0]
    assert "Ferienhof Lüders" in anna.get(f"/p/mail_drop/mails/{other}?q=ferienhof").text
    assert anna.post(f"/p/mail_drop/mails/{other}/assign", {"lead": lead.id}).status_code == 303
    assert anna.post(f"/p/mail_drop/mails/{other}/assign", {"lead": lead.id}).status_code == 422
    assert [anna.post(f"/p/mail_drop/mails/{other}/assign", {"lead": text}).status_code for text in ("", "x", "9" * 30)] == [
        422
    ] * 3
    first = one("select min(id) from p_mail_drop_mail where state = 'open'")[0]
    assert anna.post(f"/p/mail_drop/mails/{first}/lead", {"title": "x" * 300}).status_code == 422
    assert anna.post(f"/p/mail_drop/mails/{first}/lead", {"title": "Ilse"}).status_code == 303
    made = one("select id, email from lead where title = 'Ilse'")
    assert (made[1], sorted(row[0] for row in entries())) == ("ilse@hof.example", [lead.id, made[0], made[0]])
    assert "No mails here" in anna.get("/p/mail_drop/").text


def test_who_sees_which_mail(drop, anna, ben, mona, vera, carla, make):
    make.lead("Hidden", email="ilse@hof.example", owner=mona.user)
    drop(letter(1))
    drop("From: otto@hof.example\nTo: anna@team.example\nMessage-ID: <3>\n\nHi")
    taking.read_folder()
    change_settings(member_visibility="own", actor=SYSTEM)
    logged, open_ = (one("select id from p_mail_drop_mail where state = ?", (state,))[0] for state in ("logged", "open"))
    people = (anna, ben, mona, vera, carla)
    assert [who.get(f"/p/mail_drop/mails/{logged}").status_code for who in people] == [404, 404, 200, 404, 303]
    assert [who.get(f"/p/mail_drop/mails/{open_}").status_code for who in people] == [200, 404, 200, 404, 303]
    assert "otto@" not in ben.get("/p/mail_drop/").text
    assert (vera.get("/p/mail_drop/").status_code, ben.post(f"/p/mail_drop/mails/{open_}/dismiss").status_code) == (403, 404)
    with pytest.raises(NotAllowed):
        lists.assign(open_, 1, actor=vera.actor)
    with pytest.raises(NotFound):
        lists.make_lead(open_, "x", actor=ben.actor)
    assert anna.post(f"/p/mail_drop/mails/{open_}/dismiss").status_code == 303
    assert lists.mails(mona.actor, "open") == []


def test_lists_take_a_fixed_number_of_statements_and_pages_go_on(drop, anna, make, html, queries, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 2)
    for number in range(5):
        drop(letter(number))
    taking.read_folder()
    seen, url = [], "/p/mail_drop/?state=open"
    anna.get(url)  # what is kept between requests is read once
    while url:
        with queries(at_most=3):
            page = html(anna.get(url))
        seen += dict.fromkeys(link.attrs["href"] for link in page.all("tbody a"))
        older = [link for link in page.all("a.btn-line") if "before=" in link.attrs["href"]]
        url = older[0].attrs["href"] if older else ""
    assert len(seen) == len(set(seen)) == 5
    assert anna.get("/p/mail_drop/?state=nonsense&before=x").status_code == 200


@pytest.mark.parametrize("folder", ["Maildir", "/nonexistent/x", "/"])
def test_a_folder_that_is_none_is_refused_with_what_is_there(app, folder):
    with pytest.raises(Refused) as refused:
        boxes.check_folder(folder)
    assert refused.value.field == "folder"
    with app.test_request_context():
        form = settings_form_of("mail_drop")(data={"folder": folder, "most_mb": 25})
        assert not form.validate()


@pytest.mark.parametrize("content", [b"SECRET_KEY=x\n", b"\x7fELF\0", b"\n\nfrom me\n"])
def test_a_file_that_is_no_mbox_is_not_read(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(Refused, match="no mbox file"):
        boxes.check_folder(str(path))
    path.write_bytes(b"")
    assert boxes.check_folder(str(path)) == path
    with pytest.raises(Refused):
        boxes.check_folder("/a\0b")


def test_links_and_what_cannot_be_read_hold_up_no_mail(drop, box, tmp_path, monkeypatch):
    secret = aged(tmp_path / "secret", "From: a@b.example\n\nsecret")
    (box / "new" / "1.link").symlink_to(secret)
    (box / "new" / "2.loop").symlink_to(box / "new" / "2.loop")
    os.mkfifo(box / "new" / "3.pipe")
    closed = drop(letter(1))
    opened = os.open

    def open_or_not(path, *args, **kwargs):
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", open_or_not)
    drop(letter(2))
    assert sum(taking.read_folder().states.values()) == 1
    assert one("select count(*) from p_mail_drop_mail where body like '%secret%'") == (0,)


def test_no_folder_reads_nothing(app):
    save_settings("mail_drop", {"folder": ""}, {}, actor=SYSTEM)
    assert taking.read_folder().read == 0


def test_mails_on_no_timeline_are_forgotten_after_ninety_days_and_not_read_again(drop, make):
    make.lead(email="ilse@hof.example")
    drop(letter(1))
    drop("From: otto@hof.example\nMessage-ID: <3>\n\nHi")
    taking.read_folder()
    execute("update p_mail_drop_mail set read_at = 1")
    assert (taking.sweep(), states(), taking.read_folder().read) == (1, ["logged"], 0)


@pytest.mark.parametrize(
    "text, written",
    [
        ("Yes.\n\nOn Mon, Anna\nwrote:\n> a\n> b", "Yes."),
        ("Ja.\n\nAm Montag schrieb Anna:\n> a", "Ja."),
        ("Yes.\n-----Original Message-----\nFrom: a\nno marks", "Yes."),
        ("> a\nyes\n> b\nno", "> a\nyes\n> b\nno"),
        ("plain", "plain"),
        ("> all of it is quoted", ""),
    ],
)
def test_quoted_mails_are_folded_and_answers_in_between_are_not(text, written):
    assert split_quote(text)[0] == written


def test_signs_do_not_become_headings():
    assert (
        as_written("# 1 in line\nAnna\n-- \nOffice\n=====\n      far in\n- item")
        == "\\# 1 in line\nAnna\n\\-- \nOffice\n\\=====\nfar in\n- item"
    )
