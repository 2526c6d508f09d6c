"""Guessing gets slow, and nobody is locked out for good."""

import pytest

from user_service.domain.backoff import Backoff, backoff_from

RULES = Backoff()


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (11, 60), (10_000, 60)],
)
def test_pauses_double_up_to_a_minute(failures, seconds):
    assert RULES.pause("client", failures) == seconds


def test_an_account_and_an_address_are_given_more_time():
    assert [RULES.pause("account", n) for n in (49, 50, 51)] == [0, 1, 2]
    assert [RULES.pause("address", n) for n in (19, 20, 21)] == [0, 1, 2]


@pytest.mark.parametrize("wrong", [{"client": 0}, {"acount": 5}, {"address": "5"}])
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="BACKOFF"):
        backoff_from(wrong)
