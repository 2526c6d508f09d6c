"""What is guessed first is refused, and nothing is asked for besides."""

import pytest

from common.errors import Invalid
from user_service.domain.weak_passwords import COMMON, demand_strong
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
        "margaret.hale",
        "Margaret.Hale2024",
        "margaret.hale@north.example",
        "north.example1!",
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
        "hunter2hunter2hunter2",
    ],
)
def test_what_is_long_and_rare_is_welcome(password):
    demand_strong(password, EMAIL)


def test_thousands_are_known_that_are_long_enough():
    assert sum(len(each) >= SHORTEST_PASSWORD for each in COMMON) > 3_000
