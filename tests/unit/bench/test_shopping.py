"""The mix asks for what it says, in the shares that it says."""

import json
from collections import Counter
from itertools import pairwise
from random import Random

from bench.arrivals import open_arrivals
from bench.open_load import status_of
from bench.shopping import KEY, SHARES, Customer, Shopping, Zipf

PRODUCTS = [f"product-{n}" for n in range(100)]
CUSTOMERS = [Customer("a-token", "an-order", ["product-1", "product-2"])]


def shopping():
    return Shopping("shop:80", PRODUCTS, ["/v1/products?q=mug"], CUSTOMERS)


def test_the_shares_are_a_hundred_percent():
    assert sum(SHARES.values()) == 100


def test_each_kind_is_asked_for_in_its_share():
    asked = Counter(kind for kind, _ in shopping().requests(20_000))

    for kind, share in SHARES.items():
        assert abs(asked[kind] / 200 - share) < 1


def test_the_first_is_drawn_as_much_more_often_as_zipf_says():
    random, zipf = Random(1), Zipf(PRODUCTS)  # noqa: S311
    drawn = Counter(zipf.draw(random) for _ in range(50_000))

    assert 1.8 < drawn["product-0"] / drawn["product-1"] < 2.2
    assert 8 < drawn["product-0"] / drawn["product-9"] < 12


def test_two_runs_ask_for_the_same():
    assert list(shopping().requests(100)) == list(shopping().requests(100))


def test_a_checkout_has_two_lines_and_a_key_to_be_filled_in():
    text = shopping().request("checkout")
    head, _, body = text.partition("\r\n\r\n")

    assert head.startswith("POST /v1/orders HTTP/1.1\r\n")
    assert f"Idempotency-Key: {KEY}" in head
    assert f"Content-Length: {len(body)}" in head
    assert len(json.loads(body)["items"]) == 2


def test_requests_are_due_at_the_rate_that_was_asked_for_but_not_evenly():
    due = list(open_arrivals(rate=200, seconds=50))
    pauses = [later - one for one, later in pairwise(due)]

    assert 9_500 < len(due) < 10_500
    assert due == sorted(due)
    # Exponential: about as often below 0.69 of the mean as above.
    short = sum(pause < 0.693 / 200 for pause in pauses)
    assert 0.48 < short / len(pauses) < 0.52


def test_an_answer_counts_once_it_is_there_as_a_whole():
    answer = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nabcd"

    assert [status_of(answer[:n]) for n in (10, len(answer) - 1)] == [None, None]
    assert status_of(answer) == 201
    assert status_of(b"HTTP/1.1 204 No Content\r\n\r\n") == 204
