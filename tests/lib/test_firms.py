"""What finds a firm again."""

import pytest

from leadboard.lib.firms import domain_of, firm_key, is_free_mail


@pytest.mark.parametrize(
    "one, other",
    [
        ("Acme", "ACME, Inc."),
        ("Ferienhof Lüders", "Ferienhof Luders GmbH & Co. KG"),
        ("Zielińska", "ZIELINSKA Sp. z o.o."),
        ("Þórsson", "Þórsson ehf."),
        ("Birch", "Birch & Co"),
        ("Nowak", "Nowak S.A."),
        ("O'Hara Timber", "OHara Timber Ltd."),
        ("Kraft", "Kraft  AG"),
    ],
)
def test_spellings_of_one_firm_meet(one, other):
    assert firm_key(one) == firm_key(other)


@pytest.mark.parametrize(
    "one, other", [("Acme North", "Acme South"), ("Limited Too", "Too"), ("شرکت احمدی", "شرکت رضایی"), ("Kraft", "Krafft")]
)
def test_different_firms_do_not(one, other):
    assert firm_key(one) != firm_key(other)


@pytest.mark.parametrize(
    "name, key",
    [
        ("GmbH", "gmbh"),
        ("", ""),
        ("…", ""),
        ("AG & Co. KG", "ag"),
        ("株式会社トヨタ", "株式会社トヨタ"),
        ("x" * 10_000, "x" * 200),
    ],
)
def test_keys_of_odd_names(name, key):
    assert firm_key(name) == key


@pytest.mark.parametrize(
    "text, domain",
    [
        ("https://www.Acme.example/shop?x=1", "acme.example"),
        ("acme.example", "acme.example"),
        ("http://user:pw@acme.example:8080/", "acme.example"),
        ("anna@sales.acme.example", "sales.acme.example"),
        ("Anna <anna@acme.example>", "acme.example"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("anna@gmail.com", None),
        ("anna@mail.gmail.com", None),
        ("anna@yahoo.co.uk", None),
        ("https://localhost/", None),
        ("127.0.0.1", None),
        ("no website", None),
        ("", None),
        ("a" * 70 + ".example", None),
        ("..", None),
        ("@", None),
    ],
)
def test_the_domain_of_an_address(text, domain):
    assert domain_of(text) == domain


def test_free_mail_is_known_by_domain_and_by_name():
    found = [is_free_mail(domain) for domain in ("gmail.com", "gmx.at", "live.nl", "web.de", "webde.example", "acme.example")]
    assert found == [True, True, True, True, False, False]
