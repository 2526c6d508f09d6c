"""Entrypoints of the order service, with its neighbours in memory."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar
from unittest.mock import create_autospec

import pytest
from nameko.testing.services import worker_factory

from common.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from common.identity import Person
from common.ids import new_id
from common.redis_store import RedisAway
from common.sealing import Seal
from ops.stack.secrets import fresh_key
from order_service.domain import errors
from order_service.domain.commission import Rule
from order_service.domain.payment import PaymentStatus
from order_service.service import OrderService
from order_service.storage.guests import Guests
from product_service.service import ProductService
from tests.builders import (
    ADDRESS,
    CUSTOMER,
    NOON,
    SELLER,
    TEA,
    a_quote,
    an_event,
    an_order_draft,
    pounds,
)
from tests.fakes import (
    FakeCarts,
    FakeClock,
    FakeOrders,
    FakePayments,
    FakePerson,
    FakeShelf,
    away,
)
from user_service.service import UserService

STRANGER = Person(None, token=None)
GUESTS = Guests()
GUESTS.seal = Seal(f"k1:{fresh_key()}")


class Shop:
    """The service under test and the neighbours it was given."""

    def __init__(self, shelf=(), payments=()):
        self.store, self.carts = FakeOrders(), FakeCarts()
        self.shelf = FakeShelf([a_quote()], *shelf)
        self.payments, self.clock = FakePayments(*payments), FakeClock()
        self.service = worker_factory(
            OrderService,
            store=self.store,
            carts=self.carts,
            products=answering(self.shelf),
            payments=self.payments,
            users=create_autospec(UserService, instance=True),
            clock=self.clock,
            guests=GUESTS,
            identity=FakePerson("customer"),
        )

    def place(self, key="k1", fingerprint="f1", **changes):
        return self.service.place_order(an_order_draft(**changes), key, fingerprint)


def answering(shelf):
    """A stand-in that refuses calls the real service would not understand."""
    products = create_autospec(ProductService, instance=True)
    for name in ("quote_products", "reserve_stock", "commit_stock", "release_stock"):
        getattr(products, name).side_effect = getattr(shelf, name)
    return products


class TestPlaceOrder:
    def test_the_shop_sets_the_price(self):
        placed = Shop().place()

        assert placed["order"]["status"] == "confirmed"
        assert placed["order"]["total"] == {"amount": 900, "currency": "GBP"}
        assert placed["replayed"] is False

    def test_the_commission_is_what_the_rules_say_at_that_moment(self):
        shop, before = Shop(), Rule(new_id(), SELLER, None, 500, NOON)
        shop.store.commissions.add(before)
        placed = shop.place()["order"]["id"]
        shop.store.commissions.add(Rule(new_id(), SELLER, None, 900, NOON))

        [line] = shop.store.get(placed).items

        assert (line.commission_bp, line.commission_minor) == (500, 45)
        assert shop.store.ledger.balance(SELLER).commission == pounds(45)

    def test_the_same_key_replays_the_same_answer(self):
        shop = Shop()
        first = shop.place()

        again = shop.place()

        assert again == {"order": first["order"], "replayed": True}
        assert len(shop.store.orders) == 1

    def test_the_same_key_for_another_request_is_refused(self):
        shop = Shop()
        shop.place(fingerprint="f1")

        with pytest.raises(Invalid) as refusal:
            shop.place(fingerprint="f2")

        assert refusal.value.code == "idempotency_key_reused"

    def test_a_decline_is_replayed(self):
        shop = Shop(payments=[errors.payment_declined("card_declined")])
        with pytest.raises(Conflict):
            shop.place()

        with pytest.raises(Conflict) as refusal:
            shop.place()

        assert refusal.value.code == "payment_declined"
        assert refusal.value.details["replayed"] == "true"
        assert len(shop.store.orders) == 1

    def test_a_shortage_may_be_tried_again_under_the_same_key(self):
        shop = Shop(shelf=[Conflict("out_of_stock", "Short", {TEA: "1 left"})])
        with pytest.raises(Conflict) as refusal:
            shop.place()
        assert refusal.value.code == "out_of_stock"

        assert shop.place()["order"]["status"] == "confirmed"

    def test_what_is_not_for_sale_is_named_and_nothing_is_stored(self):
        shop = Shop()
        shop.shelf.quotes = {}

        with pytest.raises(Conflict) as refusal:
            shop.place()

        assert (refusal.value.code, list(refusal.value.details)) == (
            "product_not_for_sale",
            [TEA],
        )
        assert shop.store.orders == {}

    def test_a_total_that_was_not_expected_is_refused(self):
        with pytest.raises(Conflict) as refusal:
            Shop().place(expected_total={"amount": 1, "currency": "GBP"})

        assert refusal.value.code == "price_changed"

    def test_a_catalogue_that_is_away_leaves_no_trace(self):
        shop = Shop()
        shop.service.products.quote_products.side_effect = away()

        with pytest.raises(Unavailable):
            shop.place()

        assert shop.store.orders == {}
        assert shop.store.keys == {}


class TestAddress:
    SAVED: ClassVar = {**ADDRESS, "id": new_id(), "is_default": True, "new": "field"}

    def place(self, shop):
        return shop.place(shipping_address=None, shipping_address_id=self.SAVED["id"])

    def test_an_order_goes_to_an_address_that_is_kept(self):
        shop = Shop()
        shop.service.users.get_address.return_value = self.SAVED

        order = self.place(shop)["order"]

        shop.service.users.get_address.assert_called_once_with(
            address_id=self.SAVED["id"]
        )
        assert order["shipping_address"] == ADDRESS

    def test_one_that_is_not_theirs_is_refused_by_name_and_nothing_is_stored(self):
        shop = Shop()
        shop.service.users.get_address.side_effect = NotFound("address_not_found", "No")

        with pytest.raises(Invalid) as refusal:
            self.place(shop)

        assert list(refusal.value.details) == ["shipping_address_id"]
        assert shop.store.orders == {}

    def test_an_order_already_answered_asks_nobody(self):
        shop = Shop()
        shop.service.users.get_address.return_value = self.SAVED
        first = self.place(shop)
        shop.service.users.get_address.side_effect = away()

        assert self.place(shop) == {"order": first["order"], "replayed": True}


class TestErasure:
    def test_who_is_gone_leaves_an_order_without_a_person_and_no_cart(self):
        shop = Shop()
        order_id = shop.place()["order"]["id"]
        shop.service.put_in_cart(TEA, {"quantity": 3})

        for _ in range(2):
            shop.service.on_user_erased(an_event(user_id=CUSTOMER))

        assert shop.store.get(order_id).shipping_address == {"country": "GB"}
        assert (shop.carts.wishes, shop.carts.versions) == ({}, {})
        with pytest.raises(Unauthenticated):
            shop.place(key="k2")

    def test_who_is_gone_puts_nothing_in_a_cart(self):
        shop = Shop()
        shop.service.on_user_erased(an_event(user_id=CUSTOMER))

        with pytest.raises(Unauthenticated) as refusal:
            shop.service.put_in_cart(TEA, {"quantity": 3})

        assert refusal.value.code == "invalid_token"
        assert (shop.carts.wishes, shop.carts.versions) == ({}, {})

    def test_an_erasure_that_comes_between_empties_the_cart(self):
        shop = Shop()
        put = shop.carts.put

        def put_while_being_erased(customer_id, wish):
            shop.service.on_user_erased(an_event(user_id=CUSTOMER))
            put(customer_id, wish)

        shop.carts.put = put_while_being_erased

        with pytest.raises(Unauthenticated):
            shop.service.put_in_cart(TEA, {"quantity": 3})

        assert (shop.carts.wishes, shop.carts.versions) == ({}, {})

    def test_an_order_under_way_goes_on_to_its_end(self):
        shop = Shop(payments=[away()])
        order_id = shop.place()["order"]["id"]
        shop.service.on_user_erased(an_event(user_id=CUSTOMER))

        shop.clock.moment += timedelta(seconds=2)
        shop.service.resume_orders()

        order = shop.store.get(order_id)
        assert (order.status, order.shipping_address) == (
            "confirmed",
            {"country": "GB"},
        )


class TestPending:
    def test_an_order_that_has_to_wait_is_pending_and_its_key_is_at_work(self):
        shop = Shop(payments=[away()])

        assert shop.place()["order"]["status"] == "pending"
        with pytest.raises(Conflict) as refusal:
            shop.place()

        assert refusal.value.code == "request_in_progress"

    def test_the_timer_finishes_it_and_the_key_replays_the_end(self):
        shop = Shop(payments=[away()])
        pending = shop.place()["order"]

        shop.clock.moment += timedelta(seconds=2)
        shop.service.resume_orders()

        again = shop.place()
        assert (again["order"]["id"], again["order"]["status"]) == (
            pending["id"],
            "confirmed",
        )
        assert again["replayed"] is True

    def test_the_timer_leaves_an_order_to_the_worker_that_has_it(self):
        shop = Shop(payments=[away()])
        order_id = shop.place()["order"]["id"]

        shop.service.resume_orders()

        assert shop.store.get(order_id).attempts == 0

    def test_a_provider_that_never_answers_ends_in_a_rejected_order(self):
        shop = Shop(payments=[away()] * 20)
        order_id = shop.place()["order"]["id"]

        for _ in range(7):
            shop.clock.moment += timedelta(seconds=11)
            shop.service.resume_orders()

        order = shop.store.get(order_id)
        assert (order.status, order.refusal.code) == ("rejected", "checkout_timed_out")
        assert shop.shelf.held == {}


class TestCart:
    def test_an_order_without_items_is_an_order_of_the_cart(self):
        shop = Shop()
        shop.service.put_in_cart(TEA, {"quantity": 3})

        placed = shop.place(items=None)

        assert placed["order"]["items"][0]["quantity"] == 3
        assert shop.service.get_cart()["items"] == []

    def test_its_answer_is_replayed_while_nobody_knows_the_cart(self):
        shop = Shop()
        shop.service.put_in_cart(TEA, {"quantity": 3})
        first = shop.place(items=None)

        shop.carts.find = create_autospec(shop.carts.find, side_effect=RedisAway)

        again = shop.place(items=None)
        assert again == {"order": first["order"], "replayed": True}
        with pytest.raises(Unavailable):
            shop.place(items=None, key="k2")

    def test_what_was_changed_while_the_order_was_placed_stays(self):
        shop = Shop()
        shop.service.put_in_cart(TEA, {"quantity": 3})

        def meanwhile(asked):
            shop.service.put_in_cart(TEA, {"quantity": 5})
            return PaymentStatus.CAPTURED

        shop.payments.capture = meanwhile
        shop.place(items=None)

        cart = shop.service.get_cart()
        assert [line["quantity"] for line in cart["items"]] == [5]

    def test_a_pending_order_keeps_its_cart_until_it_is_confirmed(self):
        shop = Shop(payments=[away()])
        shop.service.put_in_cart(TEA, {"quantity": 3})
        assert shop.place(items=None)["order"]["status"] == "pending"
        assert len(shop.service.get_cart()["items"]) == 1

        shop.clock.moment += timedelta(seconds=2)
        shop.service.resume_orders()

        assert shop.service.get_cart()["items"] == []

    def test_an_order_of_items_leaves_the_cart_alone(self):
        shop = Shop()
        shop.service.put_in_cart(TEA, {"quantity": 3})

        shop.place()

        assert len(shop.service.get_cart()["items"]) == 1

    def test_a_rejected_order_leaves_the_cart_alone(self):
        shop = Shop(payments=[errors.payment_declined("card_declined")])
        shop.service.put_in_cart(TEA, {"quantity": 3})

        with pytest.raises(Conflict):
            shop.place(items=None)

        assert len(shop.service.get_cart()["items"]) == 1

    def test_an_empty_cart_cannot_be_ordered(self):
        with pytest.raises(Conflict) as refusal:
            Shop().place(items=None)

        assert refusal.value.code == "cart_empty"

    def test_what_is_not_for_sale_cannot_be_put_in(self):
        shop = Shop()
        shop.shelf.quotes = {}

        with pytest.raises(NotFound):
            shop.service.put_in_cart(TEA, {"quantity": 1})

    def test_putting_again_replaces_the_quantity(self):
        shop = Shop()
        shop.service.put_in_cart(TEA, {"quantity": 3})

        cart = shop.service.put_in_cart(TEA, {"quantity": 1})["cart"]

        assert [line["quantity"] for line in cart["items"]] == [1]
        assert cart["version"] == 2

    def test_all_its_prices_are_asked_for_at_once(self):
        shop, others = Shop(), [a_quote(id=new_id()) for _ in range(3)]
        shop.shelf.quotes |= {quote["id"]: quote for quote in others}
        for quote in others:
            shop.service.put_in_cart(quote["id"], {"quantity": 1})
        asked = shop.service.products.quote_products
        asked.reset_mock()

        cart = shop.service.put_in_cart(TEA, {"quantity": 1})["cart"]

        assert len(cart["items"]) == 4
        assert asked.call_count == 1
        assert shop.service.get_cart() == cart
        assert asked.call_count == 2

    def test_what_another_device_puts_in_meanwhile_has_its_price(self):
        shop, other = Shop(), a_quote(id=new_id())
        shop.shelf.quotes[other["id"]] = other
        put = shop.carts.put

        def put_beside_another(owner, wish):
            put(owner, replace(wish, product_id=other["id"]))
            put(owner, wish)

        shop.carts.put = put_beside_another

        cart = shop.service.put_in_cart(TEA, {"quantity": 1})["cart"]

        assert [line["changed"] for line in cart["items"]] == [None, None]


class TestGuests:
    """Who has not signed in has a cart too, by its token."""

    def guest(self, **changes):
        shop = Shop(**changes)
        shop.service.identity = STRANGER
        return shop

    def put(self, shop, quantity=1, guest=None):
        return shop.service.put_in_cart(TEA, {"quantity": quantity}, guest)

    def pieces(self, shop, guest=None):
        return [line["quantity"] for line in shop.service.get_cart(guest)["items"]]

    def sign_in(self, shop):
        shop.service.identity = FakePerson("customer")

    def test_a_guest_finds_the_cart_by_its_token(self):
        shop = self.guest()

        token = self.put(shop, 2)["guest"]

        assert self.pieces(shop, token) == [2]
        assert self.pieces(shop) == []

    def test_every_guest_has_a_cart_of_their_own(self):
        shop = self.guest()

        mine, theirs = self.put(shop, 1)["guest"], self.put(shop, 5)["guest"]

        assert (self.pieces(shop, mine), self.pieces(shop, theirs)) == ([1], [5])

    def test_a_later_token_is_of_the_same_cart(self):
        shop = self.guest()

        first = self.put(shop, 1)["guest"]
        second = self.put(shop, 3, first)["guest"]

        assert self.pieces(shop, first) == self.pieces(shop, second) == [3]

    @pytest.mark.parametrize("token", ["", "x", "k1.AAAA", "é" * 40, CUSTOMER])
    def test_a_token_that_is_not_ours_is_none(self, token):
        shop = self.guest()

        assert shop.service.get_cart(token)["items"] == []
        assert self.pieces(shop, self.put(shop, 2, token)["guest"]) == [2]

    def test_a_guest_takes_out_and_empties(self):
        shop = self.guest()
        token = self.put(shop)["guest"]

        shop.service.remove_from_cart(TEA, token)
        assert self.pieces(shop, token) == []
        self.put(shop, 1, token)
        shop.service.clear_cart(token)
        assert self.pieces(shop, token) == []

    def test_a_guest_without_a_cart_takes_nothing_out(self):
        shop = self.guest()

        shop.service.remove_from_cart(TEA)
        shop.service.clear_cart()

        assert shop.carts.versions == {}

    @pytest.mark.parametrize(
        "look", [lambda s, t: s.merge_cart(t), lambda s, t: s.get_cart(t)]
    )
    def test_who_signs_in_takes_the_cart_along_once(self, look):
        shop = self.guest()
        token = self.put(shop, 2)["guest"]
        self.sign_in(shop)
        self.put(shop, 3)

        for _ in range(2):
            look(shop.service, token)

        assert self.pieces(shop) == [5]
        shop.service.identity = STRANGER
        assert self.pieces(shop, token) == []

    def test_a_customer_needs_no_token(self):
        shop = Shop()

        assert self.put(shop)["guest"] is None

    @pytest.mark.parametrize("role", ["seller", "support", "admin"])
    def test_who_is_signed_in_as_something_else_is_no_guest(self, role):
        shop = self.guest()
        token = self.put(shop)["guest"]
        shop.service.identity = FakePerson(role)

        for ask in (shop.service.get_cart, shop.service.merge_cart):
            with pytest.raises(Forbidden):
                ask(token)

    def test_who_is_gone_takes_nothing_along(self):
        shop = self.guest()
        token = self.put(shop)["guest"]
        shop.service.on_user_erased(an_event(user_id=CUSTOMER))
        self.sign_in(shop)

        with pytest.raises(Unauthenticated):
            shop.service.merge_cart(token)

        assert (shop.carts.wishes, shop.carts.versions) == ({}, {})


class TestReading:
    def test_another_customers_order_does_not_exist(self):
        shop = Shop()
        order_id = shop.place()["order"]["id"]

        shop.service.identity = FakePerson("customer", id=new_id())

        with pytest.raises(NotFound):
            shop.service.get_order(order_id)

    def test_orders_come_a_page_at_a_time_the_newest_first(self):
        shop = Shop()
        ids = [shop.place(key=f"k{n}")["order"]["id"] for n in range(3)]

        first = shop.service.list_orders({"limit": "2"})
        second = shop.service.list_orders({"limit": "2", "cursor": first["next"]})

        assert [order["id"] for order in first["items"]] == [ids[2], ids[1]]
        assert [order["id"] for order in second["items"]] == [ids[0]]
        assert second["next"] is None

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": "0"},
            {"limit": "101"},
            {"cursor": "x"},
            {"status": "x"},
            {"a": "b"},
        ],
    )
    def test_a_query_that_makes_no_sense_is_refused(self, query):
        with pytest.raises(Invalid) as refusal:
            Shop().service.list_orders(query)

        assert set(refusal.value.details) == set(query)
