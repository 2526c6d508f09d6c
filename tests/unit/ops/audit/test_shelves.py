"""A shelf adds up when counters, ledger and reservations are of one mind."""

from collections import Counter
from dataclasses import replace

import pytest

from ops.audit.shelves import Shelf, judge

# Ten came in; of seven that were reserved two are held, four sold, one was let go,
# and one of those that were sold came back.
TEA = Shelf(
    "tea",
    available=5,
    reserved=2,
    moved=Counter({"adjustment": 10, "sale": -4, "return": 1}),
    put=Counter({"reservation": 7, "release": -1, "sale": -4}),
    pieces=Counter({"held": 1, "committed": 1, "sold": 4}),
    pieces_back=1,
)


def kinds(shelf):
    return [violation.kind for violation in judge(shelf)]


def test_a_shelf_that_adds_up():
    assert kinds(TEA) == []


def test_a_product_that_nothing_happened_to():
    assert kinds(Shelf("tea", 0, 0)) == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"available": 6}, ["stock_on_hand"]),
        ({"available": 4, "reserved": 3}, ["stock_reserved"]),
        ({"available": -1, "reserved": 8}, ["stock_reserved", "stock_negative"]),
        ({"put": TEA.put + Counter(release=3)}, ["stock_ledger"]),
        ({"pieces": TEA.pieces + Counter(sold=1)}, ["stock_sold"]),
        ({"pieces_back": 0}, ["stock_returned"]),
        ({"available": None, "reserved": None}, ["stock_without_product"]),
    ],
)
def test_what_is_wrong_is_told_by_its_name(change, wrong):
    assert kinds(replace(TEA, **change)) == wrong


def test_a_remedy_names_what_the_ledger_says():
    [violation] = judge(replace(TEA, available=6))

    assert violation.sentence == (
        "10 came in and 1 came back, but 8 are on hand and 4 sold"
    )
    assert "{_id: 'tea'}, {$set: {available: 5, reserved: 2}}" in violation.remedy
