"""Address books in and out."""

import io
import json
import time

import pytest
from leadboard_plugins.vcard.reading import look, open_table
from leadboard_plugins.vcard.writing import card

from leadboard.api import FileProblem, Refused, RowProblem, execute, rows
from leadboard.domain import imports
from leadboard.domain.exports import export_leads, export_records
from leadboard.domain.settings import change_settings
from leadboard.models import Contact, Lead, Note
from leadboard.permissions import SYSTEM
from leadboard.queries.imports import load_run

VCF = "vcard.vcf"


@pytest.fixture(autouse=True)
def on(plugin, app):
    return plugin("vcard")


@pytest.fixture
def read(tmp_path):
    """The rows of a text: {column: text} for a card, (line, reason) for a problem."""

    def cards(content, encoding="utf-8"):
        path = tmp_path / "book.vcf"
        path.write_bytes(content if isinstance(content, bytes) else content.replace("\n", "\r\n").encode())
        table = open_table(path, {"encoding": encoding})
        return [
            tuple(row)
            if isinstance(row, RowProblem)
            else {name: text for name, text in zip(table.headers, row.cells, strict=True) if text}
            for row in table.rows()
        ]

    return cards


def vcf(body, version="3.0"):
    return f"BEGIN:VCARD\nVERSION:{version}\n{body}\nEND:VCARD\n"


# ---------------------------------------------------------------------------------------------- in


def test_a_card_of_3_0_fills_the_fields_of_a_lead(read):
    (found,) = read(
        vcf(
            "N:Kowalska;Anna;Maria;Dr.;\nFN:Dr. Anna Kowalska\nORG:Sea \\& Sons\\, Ltd;Sales\nTITLE:Buyer\n"
            "EMAIL;TYPE=HOME:a@home.example\nEMAIL;TYPE=WORK,PREF:anna@sea.example\nTEL;TYPE=FAX,PREF:+353 1\nTEL;TYPE=CELL:+353 2\n"
            "ADR;TYPE=HOME:;;1 Hill St;Cork;;T12;Ireland\nADR;TYPE=WORK:;Floor 2;5 Quay St;Galway;Connacht;H91;Ireland\n"
            "item1.URL:http\\://sea.example\nBDAY:19800321\nNOTE:one\\ntwo\nUID:urn:uuid:abc\nX-AIM:anna5\nitem1.X-ABLabel:_$!<HomePage>!$_"
        )
    )
    assert found == {
        "Name": "Dr. Anna Kowalska", "Given name": "Anna", "Family name": "Kowalska", "Organisation": "Sea \\& Sons, Ltd", "Department": "Sales",
        "Job title": "Buyer", "E-mail": "anna@sea.example", "Other e-mails": "a@home.example (home)", "Phone": "+353 2", "Other phones": "+353 1 (fax)",
        "Website": "http://sea.example", "Street": "5 Quay St, Floor 2", "Postal code": "H91", "City": "Galway", "Region": "Connacht", "Country": "Ireland",
        "Other addresses": "1 Hill St, T12, Cork, Ireland (home)", "Birthday": "1980-03-21", "Note": "one\ntwo", "UID": "abc",
        "Other properties": '{"X-AIM": "anna5"}',
    }  # fmt: skip


def test_a_telephone_of_2_1(read):
    (found,) = read(
        vcf(
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=81=C3=B3=\n=C5=BA;Jan;;;\nTEL;CELL;PREF:123\nADR;WORK:;;C:\\new 5;Łódź;;;\n"
            "NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo",
            "2.1",
        )
    )
    assert found == {
        "Name": "Jan Łóź", "Given name": "Jan", "Family name": "Łóź", "Phone": "123", "Street": "C:\\new 5", "City": "Łódź", "Note": "one\ntwo",
    }  # fmt: skip


def test_a_card_of_4_0(read):
    (found,) = read(
        vcf(
            'FN:Simon\nTEL;VALUE=uri;TYPE="work,voice";PREF=2:tel:+1-418-1\nTEL;VALUE=uri;PREF=1:tel:+1-418-2;ext=102\nEMAIL:mailto:s@x.example\n'
            'ADR;LABEL="a; b: c":;;1 Way;;;;\nBDAY:--0203',
            "4.0",
        )
    )
    assert found == {
        "Name": "Simon", "E-mail": "s@x.example", "Phone": "+1-418-2 ext. 102", "Other phones": "+1-418-1 (work)", "Street": "1 Way", "Birthday": "--0203",
    }  # fmt: skip


def test_a_firm_has_no_person(read):
    (found,) = read(vcf("FN:Acme\nN:;;;;\nORG:Acme;\nX-ABShowAs:COMPANY"))

    assert found == {"Organisation": "Acme"}


def test_pictures_are_left_out_however_broken(read):
    found = read(
        vcf("FN:Anna\nPHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ!!\n/9j4AAQSkZJRg\nnot indented==\n\nTEL:1", "2.1")
        + vcf("FN:Ben\nAGENT:\nBEGIN:VCARD\nVERSION:2.1\nFN:Ben's agent\nEND:VCARD\nTEL:2", "2.1")
    )
    assert found == [{"Name": "Anna", "Phone": "1"}, {"Name": "Ben", "Phone": "2"}]


def test_folds_may_cut_characters_in_two(read):
    text = "FN:Łucja".encode()
    assert read(b"BEGIN:VCARD\r\n" + text[:4] + b"\r\n " + text[4:] + b"\r\nEND:VCARD\r\n") == [{"Name": "Łucja"}]


def test_malformed_cards_are_told_with_line_and_reason_and_the_others_come_in(read):
    found = read(
        vcf("FN:Anna")
        + "BEGIN:VCARD\nFN:Lost\n"
        + vcf("FN:Ben\nthis is nothing")
        + "stray line\nand another\n"
        + vcf("FN:Carl", "5.0")
        + vcf("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=utf-8:=80\nFN:Dora")
        + vcf("NOTE;CHARSET=klingon:x\nFN:Ed")
        + "BEGIN:VCARD\nFN:Cut"
    )
    assert found == [
        {"Name": "Anna"},
        (5, "This card never ends: the next one begins in line 7."),
        (7, "Line 10 of this card: “this is nothing” is no property of a vCard: there is no name and colon."),
        (12, "This belongs to no card: it stands before BEGIN:VCARD or behind END:VCARD."),
        (14, "This card is of version 5.0; 2.1, 3.0, 4.0 are read."),
        (18, "Line 20 of this card: NOTE says that it is in utf-8, but holds bytes that are not. Mend this line or export the card again."),
        (23, "Line 25 of this card: NOTE is in “klingon”, which is no known encoding."),
        (28, "This card never ends: the file breaks off. Export it again."),
    ]  # fmt: skip


@pytest.mark.parametrize("charset", ["punycode", "idna", "undefined", "unicode_escape", "hex", "ut\0f"])
def test_a_charset_that_no_text_is_in_is_told(read, charset):
    (problem,) = read(vcf(f"FN:A\nNOTE;CHARSET={charset}:x"))
    assert "no known encoding" in problem[1]


def test_halves_of_surrogate_pairs_are_left_out(read):
    assert read(vcf("FN;CHARSET=utf-7:A+2AA-B")) == [{"Name": "AB"}]


def test_a_line_folded_after_every_letter_costs_no_more_time(read):
    began = time.monotonic()
    (found,) = read(vcf("FN:A\nNOTE:" + "\n x" * 90_000 + "\nPHOTO:" + "\n x" * 500_000))
    assert len(found["Note"]) == 90_000
    assert time.monotonic() - began < 12


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_marks_and_wide_letters(encoding, tmp_path):
    path = tmp_path / "book.vcf"
    path.write_bytes(vcf("FN:Łucja").encode(encoding))

    (option,) = look(path, {}, ())
    table = open_table(path, {"encoding": option.value})

    assert [row.cells for row in table.rows()] == [["Łucja"]]


def test_old_letters_are_asked_for(tmp_path, read):
    path = tmp_path / "old.vcf"
    path.write_bytes(vcf("N:Żółw;Łucja", "2.1").encode("cp1250"))

    (option,) = look(path, {}, ("pl",))

    assert (option.value, "cp1250" in [choice.value for choice in option.choices]) == (None, True)
    assert read(path.read_bytes(), "cp1250") == [{"Name": "Łucja Żółw", "Given name": "Łucja", "Family name": "Żółw"}]
    for encoding in ("klingon", "undefined", "punycode", "a\0b"):
        with pytest.raises(Refused, match="is not an encoding"):
            look(path, {"encoding": encoding}, ())


def test_a_file_without_a_card_is_refused(tmp_path):
    (tmp_path / "x.vcf").write_bytes(b"")
    with pytest.raises(FileProblem, match="no card in this file"):
        open_table(tmp_path / "x.vcf", {"encoding": "utf-8"})


@pytest.mark.parametrize(
    "content",
    [
        b'[ "vcard",\n [["version", {}, "text", "4.0"]]]',
        b'<?xml version="1.0"?>\n<vcards xmlns="urn:ietf:params:xml:ns:vcard-4.0">',
    ],
)
def test_other_notations_are_named(content, mona, settings):
    with pytest.raises(Refused, match=r"jCard, xCard.* Export them as \.vcf"):
        imports.upload(io.BytesIO(content), "x", actor=mona.actor, folder=settings.instance, most_bytes=10**6)


def test_a_line_that_does_not_end_is_one_reason(read):
    assert read(b"BEGIN:VCARD\r\nFN:" + b"x" * 3_000_000) == [(1, "Line 2 does not end. This is no vCard.")]


def test_any_bytes_are_cards_or_problems(tmp_path):
    path = tmp_path / "book.vcf"
    for content in (
        b"BEGIN:VCARD\n\xff\xfe;;;=:\nEND:VCARD",
        b'BEGIN:VCARD\nN;":x\nADR;TYPE:;\\\nEND:VCARD',
        b"END:VCARD\nBEGIN:VCARD\n =\nEND:VCARD",
    ):
        path.write_bytes(content)
        assert list(open_table(path, {"encoding": "utf-8"}).rows())


def test_a_book_is_recognised_imported_once_and_kept_whole(settings, run_jobs, make, mona):
    make.pipeline("Sales")
    book = vcf("FN:Anna Nowak\nORG:Acme\nTEL:+48 601 234 567\nNOTE:Met at the fair\nUID:a1\nX-AIM:anna5") + vcf("N:;;;;")

    def bring():
        run_id = imports.upload(io.BytesIO(book.encode()), "book", actor=mona.actor, folder=settings.instance, most_bytes=10**6)
        imports.choose(run_id, load_run(run_id).options, actor=mona.actor, folder=settings.instance)
        run_jobs()
        imports.start(run_id, actor=mona.actor)
        run_jobs()
        return load_run(run_id)

    run = bring()

    assert (run.options.importer, run.counts["created"], run.counts["rejected"]) == (VCF, 1, 1)
    lead = Lead.get()
    assert (lead.person_name, lead.organisation_name, lead.phone, lead.external_id) == (
        "Anna Nowak",
        "Acme",
        "+48 601 234 567",
        "a1",
    )
    assert (json.loads(lead.other_columns), Note.get().body) == ({"X-AIM": "anna5"}, "Met at the fair")
    assert bring().counts["already_there"] == 1


# ---------------------------------------------------------------------------------------------- out


def test_a_lead_becomes_a_card():
    text = card(
        {
            "person_name": "Zoë O'Brien",
            "given_name": "Zoë",
            "family_name": "O'Brien",
            "organisation_name": "Sea, Ltd; Ghent",
            "phone": "+353 20",
        }
    )

    assert text == (
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Zoë O'Brien\r\nN:O'Brien;Zoë;;;\r\nORG:Sea\\, Ltd\\; Ghent\r\nTEL:+353 20\r\nEND:VCARD\r\n"
    )


def test_a_line_injects_nothing_and_is_folded_between_characters():
    text = card(
        {"organisation_name": "Acme\r\nTEL:666\nEND:VCARD", "website": "https://x.example/\nTEL:1", "job_title": "Łódź " * 40}
    )

    assert [line for line in text.split("\r\n") if line.startswith(("TEL", "END"))] == ["END:VCARD"]
    assert "KIND:org\r\nFN:Acme\\nTEL:666\\nEND:VCARD\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert ("Łódź " * 40).strip() in text.replace("\r\n ", "")


def test_what_goes_out_comes_in_again(make, settings, run_jobs, read):
    make.pipeline("Sales")
    make.lead("Big order", person_name="Zoë O'Brien", given_name="Zoë", family_name="O'Brien", organisation_name='Sea "Ltd", Ghent', email="zoe@sea.example",
        phone="+353 20 910 0000", website="https://sea.example", street="1 Quay St", postal_code="H91", city="Galway", region="Connacht", country="IE", job_title="Owner")  # fmt: skip
    make.lead("Acme", organisation_name="Acme")

    data = b"".join(export_leads("lead.deleted_at is null", (), actor=SYSTEM, format_key=VCF))

    assert sorted(read(data), key=len) == [
        {"Organisation": "Acme"},
        {
            "Name": "Zoë O'Brien", "Given name": "Zoë", "Family name": "O'Brien", "Organisation": 'Sea "Ltd", Ghent', "Job title": "Owner",
            "E-mail": "zoe@sea.example", "Phone": "+353 20 910 0000", "Website": "https://sea.example", "Street": "1 Quay St", "Postal code": "H91",
            "City": "Galway", "Region": "Connacht", "Country": "IE",
        },
    ]  # fmt: skip


def test_the_lead_page_gives_its_card(anna, vera, carla, make, html):
    lead = make.lead("Ferienhof Lüders", organisation_name="Ferienhof Lüders", owner=anna.user)
    link = html(anna.get(f"/leads/{lead.id}")).one(f"a[href='/p/vcard/leads/{lead.id}.vcf']")
    assert "Download vCard" in link.text
    assert "btn" not in link.attrs.get("class", "")
    assert html(vera.get(f"/leads/{lead.id}")).one(f"a[href='/p/vcard/leads/{lead.id}.vcf']").attrs["class"] == "btn btn-line"

    answer = vera.get(f"/p/vcard/leads/{lead.id}.vcf")

    assert (answer.content_type, answer.headers["Content-Disposition"]) == (
        "text/vcard; charset=utf-8",
        'attachment; filename="ferienhof-luders.vcf"',
    )
    assert "FN:Ferienhof Lüders\r\n" in answer.text
    assert carla.get(f"/p/vcard/leads/{lead.id}.vcf").status_code == 303


BOOK = (
    vcf("FN:Anna Nowak\nN:Nowak;Anna;;;\nORG:Acme;Sales\nTITLE:Buyer\nEMAIL;TYPE=work:anna@acme.example\nEMAIL;TYPE=home:a@home.example\n"
        "TEL;TYPE=cell:+48 601 234 567\nTEL;TYPE=work,voice:+48 22 1\nTEL;TYPE=reception:+48 22 2\nURL:https://anna.example\nNOTE:Met\nUID:a1")
    + vcf("FN:Acme\nORG:Acme\nX-ABShowAs:COMPANY\nTEL:+48 22 0")
    + vcf("FN:Ben\nEMAIL:ben@acme.example\nEMAIL:AOL: ben77")
)  # fmt: skip


def test_a_book_becomes_contacts_and_goes_out_whole(settings, run_jobs, app, mona, read):
    folder = settings.instance
    run_id = imports.upload(
        io.BytesIO(BOOK.encode()), "book.vcf", actor=mona.actor, folder=folder, most_bytes=10**6, record_type=""
    )
    options = load_run(run_id).options
    assert (options.record_type, options.create) == ("contact", ("organisations",))
    imports.choose(run_id, options, actor=mona.actor, folder=folder)
    run_jobs()
    imports.start(run_id, actor=mona.actor)
    run_jobs()

    assert load_run(run_id).counts["rejected"] == 0
    anna, acme, ben = Contact.select().order_by(Contact.id)
    assert (anna.name, anna.organisation.name, anna.job_title, anna.email, anna.phone) == (
        "Anna Nowak", "Acme", "Buyer", "anna@acme.example", "+48 601 234 567",
    )  # fmt: skip
    points = rows("select kind, text, label from contact_point where contact_id = ? order by position", (anna.id,))
    assert points == [("email", "a@home.example", "home"), ("phone", "+48 22 1", "work"), ("phone", "+48 22 2", "reception")]
    assert (acme.name, acme.organisation.name, Note.get().contact_id) == ("Acme", "Acme", anna.id)
    assert json.loads(ben.other_columns) == {"Other e-mails": "AOL: ben77"}

    data = b"".join(export_records("contact", "contact.deleted_at is null", (), actor=SYSTEM, format_key=VCF))
    assert read(data)[0] == {
        "Name": "Anna Nowak", "Given name": "Anna", "Family name": "Nowak", "Organisation": "Acme", "Job title": "Buyer",
        "E-mail": "anna@acme.example", "Other e-mails": "a@home.example (home)", "Phone": "+48 601 234 567",
        "Other phones": "+48 22 1 (work); +48 22 2 (reception)", "Website": "https://anna.example",
    }  # fmt: skip
    assert mona.get(f"/p/vcard/contacts/{anna.id}.vcf").data.replace(b"\r\n ", b"") in data.replace(b"\r\n ", b"")
    assert "KIND:org\r\nFN:Acme\r\n" in mona.get(f"/p/vcard/organisations/{anna.organisation_id}.vcf").text
    assert mona.get("/p/vcard/contacts/999.vcf").status_code == 404


def test_only_who_sees_the_lead_gets_its_card(anna, ben, make):
    lead = make.lead("Ferienhof Lüders", owner=anna.user)
    change_settings(member_visibility="own", actor=SYSTEM)

    assert ben.get(f"/p/vcard/leads/{lead.id}.vcf").status_code == 404
    execute("update lead set deleted_at = 1 where id = ?", (lead.id,))
    assert anna.get(f"/p/vcard/leads/{lead.id}.vcf").status_code == 404
