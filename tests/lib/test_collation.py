import random
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadboard.lib.collation import KEY_LIMIT, sort_key

ORDERS = {
    "en": "Ábel, acme, Łódź, Zebra",
    "de": "Mueller, Muller, Müller, Mulm, Öhm, Oz, Straße, Strassen",
    "pl": "Lam, Luz, Ładny, Łódź, Mam, Zero, Źdźbło, Żaba, Żółw",
    "cs": "Cyril, Čech, Hora, Chata, Ivan, Rudolf, Řím, Zub, Žena",
    "sv": "Adam, Zorn, Åberg, Ängel, Öberg",
    "fi": "Aalto, Zorn, Åberg, Öberg",
    "da": "Abel, Zoo, Ærø, Øster, Aarhus, Århus, Åse",
    "es": "nube, nz, ñu, oso",
    "hu": "Cukor, Csaba, Dan, Oz, Öz, Póz",
    "tr": "Halil, Ilgaz, Irmak, İzmir, Jale, Oz, Ömer",
    "et": "Saar, Šveits, Zoo, Žanna, Tamm, Vaher, Õun, Ülle, Xi",
    "fa": "آب, ابر, پارس, تهران, چین, كريمی, گرگان, هاشمی, یزد, Acme",
    "ru": "Ёж, Елка, Жук, Иван, Йод, Катя, Acme",
    "uk": "Галя, Ґанок, Дмитро, Єва, Жук, Зоя, Іван, Їжак, Йосип",
    "el": "Άννα, Βασίλης, Γιώργος, Σίμος, Στέλλα, Τάσος",
}


def in_order(names, language):
    mixed = random.Random(7).sample(names, len(names))
    return sorted(mixed, key=lambda name: sort_key(name, language))


@pytest.mark.parametrize("language", ORDERS)
def test_names_are_in_the_order_of_the_language(language):
    names = ORDERS[language].split(", ")

    assert in_order(names, language) == names


def test_keys_compare_in_sqlite_as_in_python():
    names = [name for order in ORDERS.values() for name in order.split(", ")]
    keys = [sort_key(name, "pl") for name in names]
    database = sqlite3.connect(":memory:")
    database.execute("create table name (key text)")
    database.executemany("insert into name values (?)", [(key,) for key in keys])

    assert [key for (key,) in database.execute("select key from name order by key")] == sorted(keys)
    assert sorted(keys) == sorted(keys, key=str.encode)
    database.close()


def test_numbers_inside_names_are_in_number_order():
    names = ["item", "item 2", "item 10", "item 10b", "item 100", "item 123456789", "item 1234567890", "item x"]

    assert in_order(names, "en") == names
    assert sort_key("item 007", "en") == sort_key("item 7", "en")


def test_a_space_sorts_before_letters_and_signs_do_not_count():
    names = ["De Vries", "Decker", '"Deco" GmbH', "O'Brien", "Obst"]

    assert in_order(names, "en") == names


def test_case_alone_makes_no_difference_and_accents_little():
    assert sort_key("ACME", "en") == sort_key("acme", "en")
    assert sort_key("Abel", "en") < sort_key("Ábel", "en") < sort_key("Abelard", "en")


def test_a_locale_is_taken_for_its_language():
    assert sort_key("Łódź", "pl_PL") == sort_key("Łódź", "pl-PL") == sort_key("Łódź", "PL")
    assert sort_key("Łódź", "xx") == sort_key("Łódź", "en")


@given(st.text(max_size=400), st.sampled_from([*ORDERS, "az", "sq", "vi", "xx", ""]))
def test_any_text_has_a_key_of_bounded_length_without_nul(text, language):
    key = sort_key(text, language)

    assert len(key) <= KEY_LIMIT
    assert "\0" not in key


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=30))
def test_the_ascii_path_agrees_with_the_general_one(text):
    assert sort_key(text, "en") == sort_key(text + "\u200d", "en").partition("\x1f")[0]
