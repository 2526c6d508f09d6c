"""A process that reserves and lets go for as long as it lives: to be killed.

``python -m tests.integration.busy_shelf URI PRODUCT_ID...``
"""

import sys
from datetime import UTC, datetime

import eventlet

eventlet.monkey_patch()

from common.clock import utc_now  # noqa: E402
from common.ids import new_id  # noqa: E402
from product_service.storage.provider import ProductDoor, connect  # noqa: E402

BUYERS = 10
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


def buy(reservations, products):
    wanted, turn = dict.fromkeys(products, 1), 0
    while True:
        order_id, now, turn = new_id(), utc_now(), turn + 1
        reservations.hold(order_id, wanted, NEVER, now)
        if turn % 2:
            reservations.release(order_id, now)


if __name__ == "__main__":
    uri, *products = sys.argv[1:]
    reservations = ProductDoor(connect(uri)).reservations
    pool = eventlet.GreenPool()
    for _ in range(BUYERS):
        pool.spawn(buy, reservations, products)
    pool.waitall()
