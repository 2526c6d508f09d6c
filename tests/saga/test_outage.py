"""What an outage left is at its end soon after it, all of it."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import create_engine, text

from common.database import with_driver
from common.ids import new_id
from tests.client import Client, eventually
from tests.saga.cases import AWAY

ORDERS = 40
# The contract's 30 s from the moment that the dependency is back, for a machine that
# runs three suites at once.
SECONDS = 90
OPEN = "SELECT count(*), min(attempts) FROM orders WHERE step <> 'done'"
ENDS = """
SELECT status, count(*) FROM orders JOIN order_lines ON order_id = id
WHERE product_id = :product_id GROUP BY status
"""


def test_all_orders_end_soon_after_the_shelf_is_back(shop, faults):
    product_id, customer = shop.product("OUTAGE", ORDERS), Client(shop.url).signed_up()
    engine = create_engine(with_driver(shop.operator["ORDER_DB_URI"]))

    def read(query, **values):
        with engine.connect() as connection:
            return connection.execute(text(query), values).all()

    def place(number):
        key, token = new_id(), "tok_declined" if number % 2 else "tok_visa"
        taken = (202, 409)  # 409: what we were not told in time is under way
        eventually(
            lambda: customer.place({product_id: 1}, key, token).status in taken,
            True,
            120,
        )

    (faults / AWAY).touch()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(place, range(ORDERS)))
    # All have been tried so often by now that their pauses are long.
    eventually(lambda: read(OPEN)[0].min >= 3, True, 120)
    assert read(OPEN)[0].count == ORDERS

    (faults / AWAY).unlink()

    half = ORDERS // 2
    ended = {("confirmed", half), ("rejected", half)}
    eventually(
        lambda: set(map(tuple, read(ENDS, product_id=product_id))), ended, SECONDS
    )
    left = {"on_hand": half, "reserved": 0, "available": half}
    eventually(lambda: shop.shelf(product_id), left)
    engine.dispose()
