"""Pieces are counted right by MongoDB, whoever else is counting."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.errors import Conflict, Invalid, NotFound
from common.ids import new_id
from product_service.domain.stock import Adjustment, Level, Movement, Reservation
from product_service.storage.inventory import InventoryRepository
from product_service.storage.products import to_document
from product_service.storage.provider import connect
from product_service.storage.reservations import ReservationRepository
from tests.builders import NOON, SELLER, a_product


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


def an_adjustment(product_id, delta, key=None, fingerprint="f"):
    movement = Movement(new_id(), product_id, "adjustment", delta, "count", NOON)
    return Adjustment(movement, SELLER, key or new_id(), fingerprint)


def test_reserved_pieces_stay_on_hand(inventory, reservations, shelved):
    product_id = shelved(5)

    reservations.hold(Reservation(new_id(), {product_id: 2}))

    assert level(inventory, product_id) == Level(on_hand=5, reserved=2, available=3)


def test_all_lines_or_none(inventory, reservations, shelved):
    plenty, few = shelved(5), shelved(1)

    with pytest.raises(Conflict) as refusal:
        reservations.hold(Reservation(new_id(), {plenty: 2, few: 2}))

    assert (refusal.value.code, refusal.value.details) == (
        "out_of_stock",
        {few: "1 left"},
    )
    assert level(inventory, plenty).available == 5


def test_reserving_twice_is_silent(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()

    reservations.hold(Reservation(order_id, {product_id: 2}))
    reservations.hold(Reservation(order_id, {product_id: 2}))

    assert level(inventory, product_id).reserved == 2


def test_a_sale_takes_the_pieces_away_once(inventory, reservations, shelved, database):
    product_id, order_id = shelved(5), new_id()
    reservations.hold(Reservation(order_id, {product_id: 2}))

    reservations.sell(order_id, NOON)
    reservations.sell(order_id, NOON)

    assert level(inventory, product_id) == Level(on_hand=3, reserved=0, available=3)
    sold = list(database.stock_movements.find({"product_id": product_id}))
    assert [(m["kind"], m["delta"], m["cause"]) for m in sold] == [
        ("sale", -2, order_id)
    ]


def test_released_pieces_are_back_once(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()
    reservations.hold(Reservation(order_id, {product_id: 2}))

    reservations.release(order_id)
    reservations.release(order_id)

    assert level(inventory, product_id) == Level(on_hand=5, reserved=0, available=5)


def test_a_reservation_that_comes_after_its_release_is_refused(
    inventory, reservations, shelved
):
    product_id, order_id = shelved(5), new_id()
    reservations.release(order_id)

    with pytest.raises(Conflict) as refusal:
        reservations.hold(Reservation(order_id, {product_id: 2}))

    assert refusal.value.code == "reservation_released"
    assert level(inventory, product_id).available == 5


def test_what_is_sold_is_not_released(inventory, reservations, shelved):
    product_id, order_id = shelved(5), new_id()
    reservations.hold(Reservation(order_id, {product_id: 2}))
    reservations.sell(order_id, NOON)

    reservations.release(order_id)

    assert level(inventory, product_id) == Level(on_hand=3, reserved=0, available=3)


def test_a_product_that_is_not_there_is_not_for_sale(reservations):
    missing = new_id()

    with pytest.raises(Conflict) as refusal:
        reservations.hold(Reservation(new_id(), {missing: 1}))

    assert (refusal.value.code, list(refusal.value.details)) == (
        "product_not_for_sale",
        [missing],
    )


def test_many_at_once_sell_no_piece_twice(inventory, reservations, shelved):
    products = [shelved(20) for _ in range(3)]

    def order(_):
        try:
            reservations.hold(Reservation(new_id(), dict.fromkeys(products, 1)))
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


def test_an_adjustment_is_made_once_per_key(inventory, shelved):
    product_id, key = shelved(5), new_id()

    first, replayed = inventory.adjust(an_adjustment(product_id, 3, key))
    again, replayed_again = inventory.adjust(an_adjustment(product_id, 3, key))

    assert (first.on_hand, replayed, again, replayed_again) == (8, False, first, True)
    with pytest.raises(Invalid):
        inventory.adjust(an_adjustment(product_id, 4, key, fingerprint="other"))


def test_an_adjustment_does_not_go_below_zero(inventory, reservations, shelved):
    product_id = shelved(5)
    reservations.hold(Reservation(new_id(), {product_id: 3}))

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
