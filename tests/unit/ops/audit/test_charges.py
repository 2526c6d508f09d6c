"""Of the customer's money, a charge holds what it took or is going to take."""

import pytest

from ops.audit.charges import Charge, StripeLedger
from ops.errors import Problem


@pytest.mark.parametrize(
    ("captured", "refunded", "voided", "held"),
    [
        (0, 0, False, 900),
        (0, 0, True, 0),
        (900, 0, False, 900),
        (900, 300, False, 600),
        (900, 900, False, 0),
    ],
)
def test_what_is_held(captured, refunded, voided, held):
    assert Charge("a-charge", 900, "GBP", captured, refunded, voided).held == held


def test_without_a_key_nobody_can_ask_stripe():
    with pytest.raises(Problem, match="STRIPE_API_KEY"):
        StripeLedger({"STRIPE_API_KEY": ""})
