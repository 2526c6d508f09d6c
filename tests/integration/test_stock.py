"""Pieces are counted right by MongoDB, whoever else is counting."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from common.errors import Conflict, Invalid, NotFound, Unavailable
from common.ids import new_id
from product_service.domain.stock import Adjustment, Kind, Level, Movement
from product_service.storage.inbox import Heard
from product_service.storage.inventory import InventoryRepository
from product_service.storage.products import to_document
from product_service.storage.provider import connect
from product_service.storage.reservations import ReservationRepository
from tests.builders import CUSTOMER, NOON, SELLER, a_product
from tests.client import eventually

# The sweeper of the running service has a clock of its own, and there is other stock.
MUCH_LATER = NOON.replace(year=2100)
LATER = NOON.replace(year=2050)


@pytest.fixture(scope="module")
def database(stack):
    client = connect(stack.environment("product_service")["PRODUCT_MONGO_URI"])
    yield client.get_default_database()
    client.close()


@pytest.fixture
def inventory(database):
    return InventoryRepository(database)


@pytest.fixture
def reservations(database):
    return ReservationRepository(database)


@pytest.fixture
def shelved(database):
    """``shelved(5)``: the id of a product with five pieces."""

    def make(available, **changes):
        product = a_product(sku=new_id(), available=available, **changes)
        database.products.insert_one(to_document(product))
        return product.id

    return make


def level(inventory, product_id):
    return inventory.level(product_id, SELLER)


def hold(reservations, order_id, items, expires_at=MUCH_LATER):
    return reservations.hold(order_id, items, expires_at, NOON)


def heard():
    return Heard("a handler", new_id())


def sell(reservations, order_id, event=None):
    reservations.sell(order_id, CUSTOMER, event or heard(), NOON)


def ledger(database, *product_ids):
    """What moved, in the order it did: kind, on hand, reserved and cause."""
    found = database.stock_movements.find({"product_id": {"$in": product_ids}})
    return [
        (m["kind"], m["delta"], m["reserved_delta"], m["cause"])
        for m in found.sort("_id")
    ]


def adds_up(database, product_id, stocked):
    """Whether the counters are what was stocked and the ledger's sums."""
    shelf = database.products.find_one(product_id)
    moved = ledger(database, product_id)
    reserved = sum(line[2] for line in moved)
    on_hand = stocked + sum(line[1] for line in moved)
    live = {"state": {"$in": ["held", "committed"]}, "items.product_id": product_id}
    held = sum(
        item["quantity"]
        for reservation in database.stock_reservations.find(live)
        for item in reservation["items"]
        if item["product_id"] == product_id
    )
    counted = (shelf["available"] + shelf["reserved"], shelf["reserved"])
    return counted == (on_hand, reserved) and reserved == held


def an_adjustment(product_id, delta, key=None, fingerprint="f"):
    movement = Movement(
        id=new_id(),
        product_id=product_id,
        kind=Kind.ADJUSTMENT,
        delta=delta,
        reserved_delta=0,
        cause="count",
        at=NOON,
    )
    return Adjustment(movement, SELLER, key or new_id(), fingerprint)


def test_reserved_pieces_stay_on_hand(inventory, reservations, shelved):
    product_id = shelved(5)

    hold(reservations, new_id(), {product_id: 2})

    assert level(inventory, product_id) == Level(on_hand=5, reserved=2, available=3)


def test_all_lines_or_none(inventory, reservations, shelved):
    plenty, few = shelved(5), shelved(1)

    with pytest.raises(Conflict) as refusal:
        hold(reservations, new_id(), {plenty: 2, few: 2})

    assert (refusal.value.code, refusal.value.details) == (
        "out_of_stock",
        {few: "1 left"},
    )
    assert level(inventory, plenty).available == 5


def test_reserving_twice_is_silent(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()

    hold(reservations, order_id, {product_id: 2})
    hold(reservations, order_id, {product_id: 2})

    assert level(inventory, product_id).reserved == 2


def test_a_sale_takes_the_pieces_away_once(inventory, reservations, shelved, database):
    product_id, order_id = shelved(5), new_id()
    hold(reservations, order_id, {product_id: 2})

    sell(reservations, order_id)
    sell(reservations, order_id)

    assert level(inventory, product_id) == Level(on_hand=3, reserved=0, available=3)
    assert ledger(database, product_id) == [
        ("reservation", 0, 2, order_id),
        ("sale", -2, -2, order_id),
    ]


def test_released_pieces_are_back_once(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()
    hold(reservations, order_id, {product_id: 2})

    reservations.release(order_id, NOON)
    reservations.release(order_id, NOON)

    assert level(inventory, product_id) == Level(on_hand=5, reserved=0, available=5)


def test_a_reservation_that_comes_after_its_release_is_refused(
    inventory, reservations, shelved
):
    product_id, order_id = shelved(5), new_id()
    reservations.release(order_id, NOON)

    with pytest.raises(Conflict) as refusal:
        hold(reservations, order_id, {product_id: 2})

    assert refusal.value.code == "reservation_released"
    assert level(inventory, product_id).available == 5


def test_a_release_is_in_the_ledger(reservations, shelved, database):
    product_id, order_id = shelved(5), new_id()
    hold(reservations, order_id, {product_id: 2})

    reservations.release(order_id, NOON)

    assert ledger(database, product_id) == [
        ("reservation", 0, 2, order_id),
        ("release", 0, -2, order_id),
    ]


def test_what_nobody_commits_to_is_back_in_time(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()
    hold(reservations, order_id, {product_id: 2}, LATER)

    reservations.expire(LATER - timedelta(seconds=1))
    assert level(inventory, product_id).reserved == 2

    moved = reservations.expire(LATER)

    assert product_id in {movement.product_id for movement in moved}
    assert level(inventory, product_id) == Level(on_hand=5, reserved=0, available=5)
    with pytest.raises(Conflict) as refusal:
        reservations.commit(order_id, NOON)
    assert refusal.value.code == "reservation_released"
    with pytest.raises(Conflict):
        hold(reservations, order_id, {product_id: 2})


def test_what_is_committed_never_expires(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()
    hold(reservations, order_id, {product_id: 2}, LATER)

    reservations.commit(order_id, NOON)
    reservations.commit(order_id, NOON)
    reservations.expire(LATER)

    assert level(inventory, product_id).reserved == 2


def test_what_was_never_held_cannot_be_committed(reservations):
    with pytest.raises(Conflict) as refusal:
        reservations.commit(new_id(), NOON)

    assert refusal.value.code == "reservation_released"


def test_what_is_sold_is_not_released(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()
    hold(reservations, order_id, {product_id: 2})
    sell(reservations, order_id)

    reservations.release(order_id, NOON)

    assert level(inventory, product_id) == Level(on_hand=3, reserved=0, available=3)


def test_a_product_that_is_not_there_is_not_for_sale(reservations):
    missing = new_id()

    with pytest.raises(Conflict) as refusal:
        hold(reservations, new_id(), {missing: 1})

    assert (refusal.value.code, list(refusal.value.details)) == (
        "product_not_for_sale",
        [missing],
    )


def test_many_at_once_sell_no_piece_twice(inventory, reservations, shelved):
    products = [shelved(20) for _ in range(3)]

    def order(_):
        try:
            hold(reservations, new_id(), dict.fromkeys(products, 1))
        except Conflict as refusal:
            return refusal.code
        return "held"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(order, range(40)))

    assert sorted(outcomes) == ["held"] * 20 + ["out_of_stock"] * 20
    for product_id in products:
        assert level(inventory, product_id) == Level(
            on_hand=20, reserved=20, available=0
        )


def test_events_in_any_order_and_again_come_to_the_same(
    inventory, reservations, shelved, database
):
    def told(order_id, events):
        told = {
            "confirmed": lambda event: sell(reservations, order_id, event),
            "cancelled": lambda event: reservations.cancel(order_id, event, NOON),
            "refunded": lambda event: reservations.refund(
                order_id, "r1", {product_id: 1}, event, NOON
            ),
        }
        for name, event in events:
            told[name](event)

    products = []
    for seed in range(12):
        product_id, order_id = shelved(5), new_id()
        hold(reservations, order_id, {product_id: 3})
        reservations.commit(order_id, NOON)
        events = [(n, heard()) for n in ("confirmed", "cancelled", "refunded")] * 2
        random.Random(seed).shuffle(events)  # noqa: S311

        told(order_id, events)

        products.append(product_id)
        assert database.purchases.count_documents({"order_id": order_id}) == 0
    for product_id in products:
        assert level(inventory, product_id) == Level(5, 0, 5)
        assert adds_up(database, product_id, 5)


def test_an_event_is_noted_with_what_came_of_it(reservations, shelved, database):
    event, missing = heard(), heard()
    product_id, order_id = shelved(5), new_id()
    hold(reservations, order_id, {product_id: 2})

    sell(reservations, order_id, event)
    with pytest.raises(Conflict):
        sell(reservations, new_id(), missing)

    noted = database.inbox.find({"_id": {"$in": [event.id, missing.id]}})
    assert [document["_id"] for document in noted] == [event.id]
    bought = database.purchases.find_one({"order_id": order_id})
    assert (bought["customer_id"], bought["product_id"]) == (CUSTOMER, product_id)


def test_an_event_that_comes_again_changes_nothing_even_among_others(
    inventory, reservations, shelved, database
):
    product_id, one, other = shelved(5), new_id(), new_id()
    for order_id in (one, other):
        hold(reservations, order_id, {product_id: 1})
    event = heard()
    sell(reservations, one, event)
    sell(reservations, one, event)

    with ThreadPoolExecutor(4) as pool:
        for order_id, told in [(one, event), (other, heard()), (one, event)]:
            pool.submit(sell, reservations, order_id, told)
        pool.submit(hold, reservations, new_id(), {product_id: 1})

    assert level(inventory, product_id) == Level(on_hand=3, reserved=1, available=2)
    assert adds_up(database, product_id, 5)


def test_events_are_forgotten_after_a_week(database):
    indexes = database.inbox.index_information().values()

    assert 7 * 24 * 3600 in [index.get("expireAfterSeconds") for index in indexes]


def test_opposite_orders_of_the_same_things_all_come_through(
    inventory, reservations, shelved, database
):
    one, two = shelved(100), shelved(100)
    baskets = [{one: 1, two: 1}, {two: 1, one: 1}] * 40

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda n: hold(reservations, new_id(), baskets[n % 2]), range(80))
        )

    for product_id in (one, two):
        assert level(inventory, product_id) == Level(100, 80, 20)
        assert adds_up(database, product_id, 100)


def test_what_is_committed_while_it_is_swept_is_either_kept_or_refused(
    inventory, reservations, shelved, database
):
    product_id = shelved(30)
    orders = [new_id() for _ in range(30)]
    for order_id in orders:
        hold(reservations, order_id, {product_id: 1}, LATER)

    def commit(order_id):
        try:
            reservations.commit(order_id, NOON)
        except Conflict as refusal:
            return refusal.code
        return "committed"

    with ThreadPoolExecutor(8) as pool:
        sweeps = [pool.submit(reservations.expire, LATER) for _ in "12"]
        outcomes = list(pool.map(commit, orders))
        for sweep in sweeps:
            sweep.result()

    kept = outcomes.count("committed")
    assert set(outcomes) <= {"committed", "reservation_released"}
    assert level(inventory, product_id) == Level(30, kept, 30 - kept)
    assert adds_up(database, product_id, 30)


def test_those_who_come_at_once_share_a_transaction(database, shelved, monkeypatch):
    reservations, product_id = ReservationRepository(database), shelved(100)
    decide, sizes = reservations.decisions.decide_once, []

    def counted(requests, session):
        sizes.append(len(requests))
        return decide(requests, session)

    monkeypatch.setattr(reservations.decisions, "decide_once", counted)
    with ThreadPoolExecutor(30) as pool:
        list(
            pool.map(lambda _: hold(reservations, new_id(), {product_id: 1}), range(60))
        )

    assert sum(sizes) == 60
    assert len(sizes) < 20
    assert adds_up(database, product_id, 100)


def test_what_cannot_be_stored_is_nobody_elses_trouble(
    inventory, reservations, shelved, database
):
    bad, good = shelved(5), shelved(5)
    ids = {product_id: new_id() for product_id in (bad, good)}
    for product_id, order_id in ids.items():
        hold(reservations, order_id, {product_id: 1})
    database.products.update_one({"_id": bad}, {"$set": {"reserved": 0}})

    with ThreadPoolExecutor(3) as pool:
        # The first keeps the others waiting, so that those come together.
        pool.submit(hold, reservations, new_id(), {good: 1})
        broken = pool.submit(reservations.release, ids[bad], NOON)
        whole = pool.submit(reservations.release, ids[good], NOON)

    with pytest.raises(RuntimeError):
        broken.result()
    assert [movement.product_id for movement in whole.result()] == [good]
    assert level(inventory, good) == Level(5, 1, 4)


def test_a_process_that_is_killed_leaves_ledger_and_counters_equal(
    inventory, reservations, shelved, database, stack
):
    products = [shelved(1000) for _ in range(2)]
    uri = stack.environment("product_service")["PRODUCT_MONGO_URI"]

    def moved():
        return len(ledger(database, products[0]))

    for _ in range(3):
        before = moved()
        with subprocess.Popen(
            [sys.executable, "-m", "tests.integration.busy_shelf", uri, *products]
        ) as process:
            eventually(lambda before=before: moved() > before + 50, True, 60)
            process.kill()

    for product_id in products:
        assert level(inventory, product_id).on_hand == 1000
        assert adds_up(database, product_id, 1000)
    # What it was in the middle of is let go in the end.
    eventually(lambda: takes(reservations, products), True, 30)


def takes(reservations, products):
    try:
        hold(reservations, new_id(), dict.fromkeys(products, 1))
    except Unavailable:
        return False
    return True


def test_an_adjustment_is_made_once_per_key(inventory, shelved):
    product_id, key = shelved(5), new_id()

    first, replayed = inventory.adjust(an_adjustment(product_id, 3, key))
    again, replayed_again = inventory.adjust(an_adjustment(product_id, 3, key))

    assert (first.on_hand, replayed, again, replayed_again) == (8, False, first, True)
    with pytest.raises(Invalid):
        inventory.adjust(an_adjustment(product_id, 4, key, fingerprint="other"))


def test_an_adjustment_does_not_go_below_zero(inventory, reservations, shelved):
    product_id = shelved(5)
    hold(reservations, new_id(), {product_id: 3})

    with pytest.raises(Conflict):
        inventory.adjust(an_adjustment(product_id, -3))

    assert level(inventory, product_id).on_hand == 5


def test_another_sellers_shelf_does_not_exist(inventory, shelved):
    with pytest.raises(NotFound):
        inventory.adjust(an_adjustment(shelved(5, seller_id=new_id()), 1))


def test_mongodb_itself_refuses_less_than_nothing(database, shelved):
    product_id = shelved(0)

    with pytest.raises(Exception, match="failed validation"):
        database.products.update_one({"_id": product_id}, {"$inc": {"available": -1}})
