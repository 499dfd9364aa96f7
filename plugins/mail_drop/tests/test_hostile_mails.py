"""Mails made to cost time, and HTML as mails really have it."""

import time

import pytest
from leadboard_plugins.mail_drop.html_text import text_of_html
from leadboard_plugins.mail_drop.mime import read_mail

HEAD = b"From: ilse@hof.example\nMessage-ID: <1@x>\n"
NEST = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number) for number in range(200))


@pytest.mark.parametrize(
    "rest",
    [
        *(b"Content-Type: text/html\n\n" + sign * (1_000_000 // len(sign)) for sign in (b"<!--", b"<a ", b"</", b'<a "', b"<?", b"<p>x<")),
        b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 500_000 + b"-" + b"b" * 400_000,
        b"Content-Type: text/plain" + b";" * 1_000_000 + b"\n\nx",
        b'Content-Disposition: attachment; filename="' + b"=?a?q?" * 160_000 + b'"\n\nx',
        NEST + b"\n" * 1_000_000,
        NEST + b"x" * 70 + (b"\n" + b"x" * 70) * 30_000,
        b"a:\n" * 600_000,
    ],
    ids=lambda rest: repr(rest[:60]),
)  # fmt: skip
def test_a_mail_made_to_cost_time_costs_little(rest):
    began = time.monotonic()
    mail = read_mail(HEAD + rest)
    assert time.monotonic() - began < 5
    assert mail.from_addresses == ["ilse@hof.example"]


@pytest.mark.parametrize(
    "text, shown",
    [
        ("<p>a<!-- <b>no</b> -->b</p>c", "ab\nc"),
        ("a<!-- never ended > b", "a b"),
        ('<img alt=\'1 > 0\' src="x>y">seen <b title="unended>too</b>', "seen too"),
        ("1 < 2 &amp; <3 and a<", "1 < 2 & <3 and a<"),
        ("<SCRIPT>x('<p>')</SCRIPT >on<style>p{}", "on"),
        ("<![CDATA[x]]><?php y ?><!doctype html>z", "z"),
        ("<ul><li>one<li>two</ul><blockquote>old<br>mail</blockquote>new", "- one\n- two\n\n> old\n> mail\n\nnew"),
        ("<template><p>no</p></template>yes<br/>&lt;b&gt;", "yes\n\n<b>"),
    ],
)
def test_html_is_read_as_text(text, shown):
    assert text_of_html(text) == shown


def test_headers_of_the_eighties_are_read():
    mail = read_mail(b"From  : Ilse <ilse@hof.example>\nTo\t: anna@team.example\n\nNote : this stays\n")
    assert (mail.from_addresses, mail.to_addresses, mail.text) == (
        ["ilse@hof.example"],
        ["anna@team.example"],
        "Note : this stays",
    )
