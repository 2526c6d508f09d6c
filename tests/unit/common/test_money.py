"""Money adds up, in one currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import Money

pence = st.integers(0, 10**12)


@given(pence, pence, st.integers(1, 10_000))
def test_times_then_plus_is_plus_then_times(a, b, times):
    left, right = Money(a, "GBP"), Money(b, "GBP")

    assert (left + right) * times == left * times + right * times


def test_two_currencies_do_not_add_up():
    with pytest.raises(ValueError, match="cannot add"):
        Money(1, "GBP") + Money(1, "EUR")
