"""Everybody wants the same thing at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.ids import new_id
from tests.client import eventually

BUYERS, PIECES = 200, 50
# Of so many who come at once some are asked to come again, and they do.
BUSY = {202, 429, 503}


@pytest.fixture
def buyers(stranger):
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda _: newcomer(stranger), range(BUYERS)))


def newcomer(stranger):
    people = []

    def come():
        try:
            people.append(stranger.signed_up())
        except AssertionError:
            return False
        return True

    eventually(come, True, seconds=60)
    return people[0]


def outcome(buyer, product_id):
    key, answers = new_id(), []

    def answered():
        answers.append(buyer.place({product_id: 1}, key=key))
        busy = answers[-1].status in BUSY
        return not busy and b"request_in_progress" not in answers[-1].raw

    eventually(answered, True, seconds=180)
    return answers[-1]


def test_200_buyers_of_50_pieces_buy_exactly_50(seller, product, buyers):
    product_id = product(stock=PIECES)

    with ThreadPoolExecutor(BUYERS) as pool:
        answers = list(pool.map(lambda buyer: outcome(buyer, product_id), buyers))

    sold = [answer for answer in answers if answer.status == 201]
    refused = [answer for answer in answers if answer.status != 201]
    assert len(sold) == PIECES
    assert {(a.status, a.code) for a in refused} == {(409, "out_of_stock")}
    assert len(refused) == BUYERS - PIECES
    eventually(
        lambda: seller.get(f"/v1/products/{product_id}/inventory").body,
        {"on_hand": 0, "reserved": 0, "available": 0},
        seconds=60,
    )
