"""The lists of bundled plugins on a phone, with the longest that people write: nothing overflows, axe finds nothing serious."""

import os

import pytest
from leadboard_plugins.duplicates import pairs
from leadboard_plugins.mail_drop import taking

from leadboard.domain.plugins import enable, save_settings
from leadboard.permissions import SYSTEM
from tests.browser.test_screens import LOOKS, keep, overflow, serious

pytestmark = pytest.mark.browser
ON = ("duplicates", "mail_drop", "telephony_hook", "visit_plan", "webhooks")
FILLED = {"/p/duplicates/": 1, "/p/mail_drop/": 1, "/leads": 2}
LONG = "bartholomaeus.featherstonehaugh@the-very-long-name-of-a-company.example"


@pytest.fixture
def arranged(make, tmp_path):
    for name in ON:
        enable(name, actor=SYSTEM)
    for title in ("Ferienhof Lüders und Söhne", "Ferienhof Lueders"):
        make.lead(title, email=LONG, organisation_name="Ferienhof Lüders und Söhne Verwaltungsgesellschaft", city="Wolfsburg")
    folder = tmp_path / "mails"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    mail = f"From: Bartholomaeus <x{LONG}>\nTo: us@example.org\nSubject: {'About-' * 20}\nMessage-ID: <1@example.org>\n\nHello"
    file = folder / "new" / "1.m"
    file.write_text(mail)
    os.utime(file, (0, 0))  # one that is not being written any more
    save_settings("mail_drop", {"folder": str(folder)}, {}, actor=SYSTEM)
    taking.read_folder()
    pairs.scan()


@pytest.mark.parametrize("look", ["phone-light", "phone-dark-rtl", "wide-dark"])
def test_the_lists_fit(make, arranged, ada, second_browser, look):
    width, height, scheme, language = LOOKS[look]
    make.set_up(language=language)
    page = second_browser(ada, viewport={"width": width, "height": height}, color_scheme=scheme)
    found = {}
    for path in ("/p/duplicates/", "/p/mail_drop/", "/p/telephony_hook/", "/p/webhooks/", "/leads"):
        page.goto(path)
        assert path not in FILLED or page.locator("tbody tr").count() == FILLED[path]
        keep(page, f"plugins{path.replace('/', '-')}-{look}")
        found[path] = [*overflow(page, width), *serious(page)]
    assert {path: problems for path, problems in found.items() if problems} == {}
