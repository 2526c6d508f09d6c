"""What the Online Marketplace's driver holds against the shop."""

from bench.market import SHARES, Market
from bench.market_prices import Prices
from bench.verdicts import ATOMICITY, EVENTS, INTEGRITY, Alone, audit_verdict, counted
from ops.audit.checks import faults
from ops.audit.faults import Violation

SELLERS = [
    {"id": f"shop-{n}", "products": [f"p-{n}-{m}" for m in range(3)]} for n in (1, 2)
]


def market():
    return Market({"customers": [], "sellers": SELLERS, "distribution": "zipf"})


def test_the_shares_are_those_of_the_authors_driver():
    assert sum(SHARES.values()) == 101


def test_a_price_counts_while_it_may_have_held():
    prices = Prices()
    prices.change("mug", (100, 110), began=10, now=11)
    prices.change("mug", (110, 120), began=20, now=21)

    assert prices.held("mug", 100, 5, 10.5)
    assert prices.held("mug", 110, 10.5, 10.7)
    assert prices.held("mug", 110, 20.5, 22)
    assert prices.held("mug", 120, 20.5, 22)


def test_a_price_of_before_or_of_later_does_not_count():
    prices = Prices()
    prices.change("mug", (100, 110), began=10, now=11)

    assert not prices.held("mug", 100, 12, 13)
    assert not prices.held("mug", 110, 5, 9)
    assert not prices.held("mug", 105, 5, 13)


def test_of_a_price_that_never_changed_nothing_is_claimed():
    assert Prices().held("mug", 1, 0, 1)


def test_an_order_at_a_price_of_nobodys_is_an_anomaly():
    found = market()
    found.prices.change("p-1-0", (100, 110), began=10, now=11)
    found.bought += [("p-1-0", 100, 12, 13), ("p-1-0", 110, 12, 13)]
    found.anomalies.append("one key, two orders")

    assert found.found() == {
        "a price that was not the product's": 1,
        "one key, two orders": 1,
    }


def test_a_criterion_is_met_when_nothing_speaks_against_it():
    sold = Violation("stock_sold", "mug", "", "")

    assert audit_verdict("C6", INTEGRITY, []).met
    assert not audit_verdict("C6", INTEGRITY, [sold]).met
    assert audit_verdict("C7", EVENTS, [sold]).met
    assert not counted("C5", "a gap", {"a gap": 1}).met


def test_every_kind_that_a_criterion_names_is_one_of_the_audit():
    kinds = {fault.kind for fault in faults()}

    for start in (*ATOMICITY, *INTEGRITY, *EVENTS):
        assert any(kind.startswith(start) for kind in kinds), start


def test_slower_is_told_as_a_share():
    assert Alone(alone=100, beside=125).slower == 0.25
