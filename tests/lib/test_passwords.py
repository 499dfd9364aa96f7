"""Which passwords are guessed at once."""

import pytest

from leadboard.lib.passwords import is_guessable

PERSONAL = ["Anna Kowalska", "anna@baltic.example", "Baltic Sails"]


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "123456789012",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "password1234",
        "P@ssw0rd!P@ssw0rd!",
        "Welcome12345!",
        "summer2026!!",
        "Leadboard2026",
        "anna.kowalska1",
        "balticsails99",
        "finalfantasy",
        "whosyourdaddy!",
    ],
)
def test_long_passwords_that_everybody_tries_are_guessable(password):
    assert is_guessable(password, PERSONAL)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "my dog eats noodles",
        "x7Kq9vT2mRw4",
        "کلمه عبور من بلند",
        "ein nasser Hund bellt",
        "żółta łódź 17 płynie",
    ],
)
def test_unusual_words_and_random_letters_are_not(password):
    assert not is_guessable(password, PERSONAL)
