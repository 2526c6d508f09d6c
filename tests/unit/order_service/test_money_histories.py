"""Whatever is bought, refunded and paid out, no cent is lost and no past changes."""

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fake_money import FakeBooks
from tests.histories import Market

# Ten thousand in `make fuzz`.
HISTORIES = int(os.environ.get("HISTORIES", "1000"))
# Of these, a history has five orders, as many refunds and a payout or two.
SHORTEST, LONGEST = 80, 160


@settings(
    max_examples=HISTORIES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.binary(min_size=SHORTEST, max_size=LONGEST))
def test_the_books_of_any_history_add_up(text):
    Market(FakeBooks()).live(text)
