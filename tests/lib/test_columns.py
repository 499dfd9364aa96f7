import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.column_names import NAMES
from leadboard.lib.columns import FIELDS, looks_like_header, record_of, suggest


def test_a_file_of_deals():
    headers = ["opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value"]
    rows = [
        ["1C1I7A6R", "Moses Frase", "GTX Plus Basic", "Cancity", "Won", "2016-10-20", "2017-03-01", "1054.0"],
        ["Z063OYW0", "Darcel Schlecht", "GTXPro", "", "Engaging", "2016-10-25", "", ""],
    ]

    assert suggest(headers, rows) == {
        "opportunity_id": "external_id",
        "sales_agent": "owner",
        "account": "organisation_name",
        "deal_stage": "stage",
        "engage_date": "stage_entered_at",
        "close_date": "closed_at",
        "close_value": "value_amount",
    }


EXPORTS = {
    # Salesforce, lead report
    "Lead Owner|First Name|Last Name|Title|Company / Account|Email|Phone|Lead Source|Lead Status|Street|City|State/Province|"
    "Zip/Postal Code|Country|Rating|Created Date": "owner given_name family_name job_title organisation_name email phone source "
    "stage street city region postal_code country interest created_at",
    # Salesforce, data loader
    "ID|ISDELETED|NAME|STAGENAME|AMOUNT|PROBABILITY|CLOSEDATE|OWNERID": "external_id - title stage value_amount probability "
    "expected_close_on -",
    # HubSpot
    "Record ID|First Name|Last Name|Email|Contact owner|Lead Status|Associated Company IDs|Company Name|Lifecycle Stage|"
    "Country/Region|Original Source": "external_id given_name family_name email owner stage - organisation_name qualification "
    "country source",
    "Record ID|Deal Name|Deal Stage|Amount|Deal owner|Close Date|Pipeline|Associated Company|Closed Lost Reason": "external_id title "
    "stage value_amount owner expected_close_on pipeline organisation_name lost_reason",
    # Pipedrive, export and import template
    "Deal - ID|Deal - Title|Deal - Value|Deal - Currency|Deal - Contact person|Deal - Status|Deal - Stage|Deal - Expected close date|"
    "Deal - Won time": "external_id title value_amount value_currency person_name - stage expected_close_on closed_at",
    "Person - Name|Person - Email (Work)|Person - Phone (Mobile)|Organization - Name|Deal - Currency of value|"
    "Deal - Stage (pipeline)": "person_name email phone organisation_name value_currency stage",
    # Zoho
    "Record Id|Lead Owner.id|Lead Owner|Company|First Name|Last Name|Email|Email Opt Out|Lead Name|Zip Code|Tag": "external_id - owner "
    "organisation_name given_name family_name email - person_name postal_code tags",
    # Vtiger
    "Salutation|First Name|Lead Number|Primary Phone|Last Name|Mobile Phone|Designation|Primary Email|Annual Revenue|"
    "Number of Employees|Assigned To|Description": "- given_name external_id phone family_name - job_title email - employees owner note",
    # Google, Outlook, Thunderbird, LinkedIn, Meta
    "First Name|Last Name|Organization Name|Organization Title|Notes|E-mail 1 - Label|E-mail 1 - Value|E-mail 2 - Value|"
    "Phone 1 - Value|Address 1 - City": "given_name family_name organisation_name job_title note - email - phone city",
    "First Name|Last Name|Title|E-mail Address|Home Phone|Business Phone|Job Title|Company|Business State|Home State": "given_name "
    "family_name - email - phone job_title organisation_name region -",
    "First Name|Last Name|Primary Email|Work Phone|Mobile Number|Work ZipCode|Organization|Column 38": "given_name family_name email "
    "phone - postal_code organisation_name -",
    "First Name|Last Name|URL|Email Address|Company|Position|Connected On": "given_name family_name website email organisation_name "
    "job_title -",
    "id|created_time|ad_id|form_name|full_name|phone_number|email|lead_status": "external_id created_at - - person_name phone email stage",
    # Outlook in German: "Land" is the federal state there and "Region" the country
    "Vorname|Nachname|Firma|Ort geschäftlich|Land geschäftlich|Region geschäftlich|Telefon geschäftlich|E-Mail-Adresse|Notizen": "given_name "
    "family_name organisation_name city region country phone email note",
    "Name|E-Mail|Land|Telefon|Wert": "person_name email country phone value_amount",
    # Outlook in Polish: "Tytuł" is the form of address
    "Tytuł|Imię|Nazwisko|Firma|Stanowisko|Województwo (biuro)|Kod pocztowy (biuro)|Telefon służbowy|Adres e-mail|Notatki": "- given_name "
    "family_name organisation_name job_title region postal_code phone email note",
    "Nom|Prénom|Société|Courriel|Téléphone|Ville|Code postal|Pays|Montant": "family_name given_name organisation_name email phone city "
    "postal_code country value_amount",
    "Nombre|Apellidos|Empresa|Correo electrónico|Teléfono|Ciudad|Provincia|Cargo": "given_name family_name organisation_name email phone "
    "city region job_title",
    "Nome|Cognome|Azienda|E-mail|Telefono|Città|CAP|Ruolo": "given_name family_name organisation_name email phone city postal_code job_title",
    "Nome|Sobrenome|Empresa|E-mail|Telefone|Cidade|Estado|Cargo": "given_name family_name organisation_name email phone city region job_title",
    "Voornaam|Achternaam|Bedrijf|E-mailadres|Telefoonnummer|Plaats|Postcode|Functie": "given_name family_name organisation_name email phone "
    "city postal_code job_title",
    "Förnamn|Efternamn|Företag|E-post|Telefon|Ort|Postnummer|Värde": "given_name family_name organisation_name email phone city postal_code "
    "value_amount",
    "نام|نام خانوادگی|شرکت|تلفن|ایمیل|شهر|توضیحات": "given_name family_name organisation_name phone email city note",
    "نام|نام خانوادگي|شركت|تلفن|ايميل": "given_name family_name organisation_name phone email",
}


@pytest.mark.parametrize("headers", EXPORTS)
def test_columns_of_known_exports(headers):
    names = headers.split("|")
    expected = {name: field for name, field in zip(names, EXPORTS[headers].split(), strict=True) if field != "-"}

    assert suggest(names) == expected


@pytest.mark.parametrize(
    "headers, record_type",
    [
        ("Record ID|First Name|Last Name|Email|Contact owner|Lead Status|Associated Company|Lifecycle Stage", "contact"),
        ("Person - Name|Person - ID|Person - Organization|Person - Email - Work|Person - Open deals", "contact"),
        ("First Name|Last Name|URL|Email Address|Company|Position|Connected On", "contact"),
        ("First Name|Last Name|Display Name|Primary Email|Screen Name|Organization", "contact"),
        ("Record ID|Company name|Website URL|Company owner|Create Date", "organisation"),
        ("account|sector|year_established|revenue|employees|office_location|subsidiary_of", "organisation"),
        ("Organization - Name|Organization - ID|Organization - Address|Organization - Won deals|Industry", "organisation"),
        ("Deal - Title|Deal - Value|Deal - Contact person|Person - Email", ""),
        ("First Name|Last Name|Company|Email|Lead Source|Business Phone", ""),
        ("Deal Name|Company|Person|Email", ""),
        ("Name|Email|Company", ""),
        ("opportunity_id|sales_agent|product|account|deal_stage|close_value", ""),
    ],
)
def test_what_a_row_is(headers, record_type):
    assert record_of(headers.split("|")) == record_type


def test_the_files_name_decides_what_columns_leave_open():
    assert record_of(["Name", "Email"], "Contacts 2026.csv") == "contact"
    assert record_of(["Name", "Phone"], "accounts.csv") == "organisation"
    assert record_of(["Deal Name", "Amount"], "contacts.csv") == ""


def test_our_own_export_is_recognised():
    assert suggest(FIELDS) == {field: field for field in FIELDS}
    assert suggest(["title", "person_name", "value_amount"])["title"] == "title"


def test_a_title_is_a_job_among_people_and_a_name_among_deals():
    assert suggest(["Title", "Email"])["Title"] == "job_title"
    assert suggest(["Title", "Amount", "Stage"])["Title"] == "title"
    assert suggest(["Name", "Website", "Industry"])["Name"] == "organisation_name"


def test_the_close_date_is_hoped_for_unless_the_table_says_otherwise():
    assert suggest(["Deal Name", "Close Date"])["Close Date"] == "expected_close_on"
    assert suggest(["Deal Name", "Expected close date", "Close Date"])["Close Date"] == "closed_at"
    assert suggest(["Deal Name", "Engage date", "Close Date"])["Close Date"] == "closed_at"


def test_what_stands_in_a_column_speaks_for_it():
    headers = ["who", "a", "b", "c"]
    rows = [
        ["Anna", "anna@acme.example", "+49 30 901820", "https://acme.example"],
        ["Ben", "ben@acme.example", "+48 600 700 801", "https://birch.example"],
    ]

    assert suggest(headers, rows) == {"a": "email", "b": "phone", "c": "website"}


def test_what_stands_in_a_column_speaks_against_it():
    headers = ["Name", "Email", "Value", "Phone"]

    assert suggest(headers, [["Anna", "yes", "high", "none"], ["Ben", "no", "low", ""]]) == {"Name": "person_name"}


def test_a_filled_column_wins_over_an_empty_one():
    assert suggest(["Company Name", "Associated Company"], [["", "Acme"]]) == {"Associated Company": "organisation_name"}
    assert suggest(["Company Name", "Associated Company"], [["", ""]]) == {"Company Name": "organisation_name"}


def test_a_status_of_temperatures_is_the_interest():
    assert suggest(["status"], [["warm"], ["Cold"]]) == {"status": "interest"}
    assert suggest(["status"], [["New"], ["Cold"]]) == {"status": "stage"}


def test_several_columns_may_become_notes():
    assert suggest(["Notes", "Description", "Phone", "Mobile"]) == {"Notes": "note", "Description": "note", "Phone": "phone"}


@given(
    st.lists(
        st.sampled_from([name.strip() for names in NAMES.values() for name in names.split(",")]) | st.text(max_size=8),
        unique=True,
    ),
    st.lists(st.lists(st.text(max_size=8), max_size=6), max_size=4),
)
def test_no_two_columns_become_one_field(headers, rows):
    found = suggest(headers, rows)

    assert set(found) <= set(headers)
    single = [field for field in found.values() if field != "note"]
    assert len(single) == len(set(single))
    assert set(found.values()) <= set(FIELDS)


@pytest.mark.parametrize(
    "cells, is_header",
    [
        (["First Name", "Last Name", "URL"], True),
        (["Imię", "Nazwisko", "x", "y"], True),
        (["Report", "Leads"], False),
        (["Anna", "Kim", "anna@acme.example"], False),
        (["Email"], False),
        ([], False),
    ],
)
def test_looks_like_header(cells, is_header):
    assert looks_like_header(cells) is is_header
