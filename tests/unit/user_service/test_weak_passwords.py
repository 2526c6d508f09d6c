"""What is guessed first is refused, and nothing is asked for besides."""

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from common.errors import Invalid
from user_service.domain.weak_passwords import demand_strong
from user_service.schemas import SHORTEST_PASSWORD

EMAIL = "margaret.hale@north.example"


@pytest.mark.parametrize(
    "password",
    [
        "qwertyuiop",
        "1234567890",
        "PASSWORD123",
        "Manchester",
        "football2024",
        "iloveyou!!!!",
        "aaaaaaaaaaaaaaaa",
        "1212121212",
        "passwordpassword",
        "hunter2hunter2hunter2",
        "P@ssword123",
        "my password",
        "qwertyuiopasdf",
        "abcdefghijkl",
        "shopnow1234",
        "shopnowshopnow",
        "margaret.hale",
        "Margaret.Hale2024",
        "margaret.hale@north.example",
        "north.example1!",
        "margaret.halenorth.example",
    ],
)
def test_what_is_guessed_first_is_refused(password):
    with pytest.raises(Invalid) as refusal:
        demand_strong(password, EMAIL)

    assert set(refusal.value.details) == {"password"}
    assert password not in str(refusal.value.args)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "just a few words",
        "zrtqpmnbvx",
        "8492036175",
        "пароль из слов",
        "margaret.hale and three more words",
    ],
)
def test_what_is_long_and_rare_is_welcome(password):
    demand_strong(password, EMAIL)


def test_nothing_of_the_lists_of_leaks_is_taken():
    leaked = [p for p in FREQUENCY_LISTS["passwords"] if len(p) >= SHORTEST_PASSWORD]

    for password in leaked:
        with pytest.raises(Invalid):
            demand_strong(password, EMAIL)
    assert len(leaked) > 1_000


def test_a_long_one_is_weighed_quickly():
    """By its beginning: a whole one of these would take a second."""
    demand_strong("4@8({[<36)9!1|7" * 8, EMAIL)
