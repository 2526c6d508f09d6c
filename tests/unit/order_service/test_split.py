"""Shares add up to the whole, and nobody's is off by a whole cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from order_service.domain.split import split


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (5, [3, 3, 1], [2, 2, 1]),
        (7, [50, 30, 20], [4, 2, 1]),
        (1, [0, 5], [0, 1]),
        (0, [], []),
        (0, [0, 0], [0, 0]),
    ],
)
def test_the_largest_remainders_get_what_is_left(total, weights, parts):
    assert split(total, weights) == parts


@given(
    st.integers(0, 10**18),
    st.lists(st.integers(0, 10**15), min_size=1).filter(sum),
)
def test_parts_add_up_and_are_next_to_their_exact_share(total, weights):
    parts = split(total, weights)

    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


@given(st.lists(st.integers(0, 10**9), min_size=1).filter(sum), st.data())
def test_nobody_bears_more_than_they_have(weights, data):
    total = data.draw(st.integers(0, sum(weights)))

    parts = split(total, weights)

    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


def test_what_nobody_can_bear_is_refused():
    with pytest.raises(ValueError, match="nobody bears 1"):
        split(1, [0, 0])
