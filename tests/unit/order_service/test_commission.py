"""Which rule says what the marketplace takes of a sale."""

from datetime import timedelta

import pytest

from common.ids import new_id
from order_service.domain.commission import (
    DEFAULT_BP,
    Rule,
    commission_of,
    in_force,
    rate_of,
    rates,
)
from order_service.domain.pricing import price_lines
from tests.builders import NOON, SELLER, TEA, pounds

PATH = ["home", "kitchen", "pots"]


def a_rule(rate_bp, seller_id=None, category=None, minutes=0):
    return Rule(new_id(), seller_id, category, rate_bp, NOON + timedelta(0, minutes))


def taken(*rules, path=PATH, seller_id=SELLER):
    return rate_of(rates(rules), seller_id, path)


def test_without_a_rule_it_is_a_tenth():
    assert taken() == DEFAULT_BP == 1_000


# From the widest to the narrowest.
SCOPES = [
    (None, None),
    (None, "home"),
    (None, "kitchen"),
    (None, "pots"),
    (SELLER, None),
    (SELLER, "home"),
    (SELLER, "pots"),
]


@pytest.mark.parametrize("most", range(len(SCOPES)))
def test_the_most_specific_rule_holds(most):
    rules = [a_rule(bp, *scope) for bp, scope in enumerate(SCOPES[: most + 1])]

    assert taken(*reversed(rules)) == most


def test_of_others_no_rule_holds():
    others = [a_rule(1, new_id()), a_rule(2, None, "toys"), a_rule(3, new_id(), "pots")]

    assert taken(*others) == DEFAULT_BP


def test_a_product_without_a_category_follows_its_seller():
    rules = [a_rule(1, SELLER, "pots"), a_rule(2, SELLER)]

    assert taken(*rules, path=[]) == 2


def test_among_equals_the_newest_holds():
    rules = [a_rule(2, SELLER, minutes=1), a_rule(1, SELLER)]

    assert taken(*rules) == 2


def test_a_rule_without_a_rate_lets_the_wider_hold_again():
    rules = [a_rule(700), a_rule(1, SELLER), a_rule(None, SELLER, minutes=1)]

    assert taken(*rules) == 700
    assert in_force(rules) == [rules[0]]


@pytest.mark.parametrize(
    ("amount", "rate_bp", "minor"),
    [(5, 1_000, 1), (4, 1_000, 0), (15, 1_000, 2), (999, 0, 0), (999, 10_000, 999)],
)
def test_half_a_penny_is_rounded_up(amount, rate_bp, minor):
    assert commission_of(amount, rate_bp) == minor


def test_a_line_is_sold_at_the_rate_of_that_moment():
    quote = {
        "id": TEA,
        "seller_id": SELLER,
        "sku": "TEA-1",
        "title": "Tea",
        "price": pounds(455),
        "categories": PATH,
    }

    [line] = price_lines({TEA: 3}, {TEA: quote}, rates([a_rule(500, None, "kitchen")]))

    # 5 % of 13.65, once for the line and not for each piece.
    assert (line.category, line.commission_bp, line.commission_minor) == (
        "pots",
        500,
        68,
    )
