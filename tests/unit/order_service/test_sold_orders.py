"""Entrypoints for what comes after the sale: for customers, shops and support."""

from datetime import timedelta

import pytest
from nameko.testing.services import worker_factory

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.ids import new_id
from order_service.domain.history import Actor
from order_service.domain.refunding import refund
from order_service.service import OrderService
from tests.builders import (
    CUSTOMER,
    NOON,
    SELLER,
    TEA,
    a_line,
    a_refund,
    an_order,
    pounds,
)
from tests.fakes import FakeClock, FakeOrders, FakePayments, FakePerson, away

POT, OTHER = new_id(), new_id()
SUPPORT, PACKER = new_id(), new_id()
REASON = {"reason": "Changed my mind"}
CURRENCY = {"currency"}


def a_sale(**changes):
    order = an_order(
        a_line(), a_line(seller_id=OTHER, product_id=POT, quantity=1), **changes
    )
    order.confirm()
    order.events.clear()
    return order


class Shop:
    """The service under test, with an order that was sold."""

    def __init__(self, *payments, orders=None):
        self.order = a_sale()
        self.store = FakeOrders(*(orders or [self.order]))
        self.payments, self.clock = FakePayments(*payments), FakeClock()
        self.service = worker_factory(
            OrderService, store=self.store, payments=self.payments, clock=self.clock
        )
        self.parts = {part.seller_id: part.id for part in self.order.fulfilments}

    def for_(self, person):
        self.service.identity = person
        return self.service

    def as_customer(self, id=CUSTOMER):
        return self.for_(FakePerson("customer", id=id))

    def as_support(self):
        return self.for_(FakePerson("support", id=SUPPORT))

    def as_seller(self, seller_id=SELLER):
        return self.for_(FakePerson("seller", seller_id=seller_id, id=PACKER))

    def cancel(self, **key):
        return self.as_customer().cancel_order(self.order.id, REASON, **key)

    def refund(self, pence=100, **given):
        keys = {name: given.pop(name) for name in ("key", "fingerprint") & given.keys()}
        amount = {"amount": pence, "currency": "GBP"}
        draft = {"amount": amount, "reason": "Broken"} | given
        return self.as_support().refund_order(self.order.id, draft, **keys)

    def ship(self, seller_id=SELLER, **given):
        draft = {"status": "shipped"} | given
        return self.as_seller(seller_id).change_fulfilment(self.parts[seller_id], draft)

    def wait(self, seconds=11):
        self.clock.moment += timedelta(seconds=seconds)
        self.service.resume_refunds()

    @property
    def stored(self):
        return self.store.get(self.order.id)


class TestCancelling:
    def test_the_money_goes_back_at_once(self):
        shop = Shop()

        done = shop.cancel()

        assert done["order"]["status"] == "cancelled"
        assert done["order"]["payment"] == {"status": "refunded"}
        assert list(shop.payments.refunded.values()) == [shop.order.total]

    def test_a_provider_that_is_away_pays_later_and_once(self):
        shop = Shop(away(), away())

        done = shop.cancel()
        assert done["order"]["payment"] == {"status": "captured"}
        for _ in range(3):
            shop.wait()

        assert shop.stored.payment_status == "refunded"
        assert len(shop.payments.refunded) == 1
        told = [event.type for event in shop.store.events]
        assert told == ["order.cancelled", "order.refunded"]

    def test_nobody_else_takes_up_a_refund_that_is_being_paid(self):
        shop = Shop(away())
        shop.cancel()

        shop.wait(seconds=9)
        assert shop.payments.refunded == {}

        shop.wait(seconds=1)
        assert len(shop.payments.refunded) == 1

    def test_what_the_provider_declines_is_told_and_left_alone_for_longer(self, caplog):
        shop = Shop(away(), *[Conflict("payment_declined", "Declined")] * 9)
        shop.cancel()
        (owed,) = shop.stored.refunds

        for _ in range(7):
            shop.wait(seconds=10)

        told = f"{owed.id} of {shop.order.id}: not paid: payment_declined"
        assert caplog.messages == [told] * 4
        assert shop.payments.refunded == {}

    def test_the_same_key_replays_the_same_answer(self):
        shop = Shop()
        first = shop.cancel(key="k1", fingerprint="f1")

        again = shop.cancel(key="k1", fingerprint="f1")

        assert again == {"order": first["order"], "replayed": True}

    def test_a_replay_is_as_it_was_told_even_when_more_has_happened(self):
        shop = Shop(away())
        first = shop.cancel(key="k1", fingerprint="f1")
        shop.wait()

        again = shop.cancel(key="k1", fingerprint="f1")

        assert again["order"] == first["order"]
        assert again["order"]["payment"] == {"status": "captured"}

    def test_the_same_key_for_another_request_is_refused(self):
        shop = Shop()
        shop.cancel(key="k1", fingerprint="f1")

        with pytest.raises(Invalid) as refusal:
            shop.cancel(key="k1", fingerprint="f2")

        assert refusal.value.code == "idempotency_key_reused"

    def test_a_refusal_keeps_no_key(self):
        shop = Shop()
        shop.ship()
        with pytest.raises(Conflict) as refusal:
            shop.cancel(key="k1", fingerprint="f1")

        assert refusal.value.code == "too_late_to_cancel"
        assert shop.store.requests.kept == {}

    def test_another_customers_order_does_not_exist(self):
        shop = Shop()

        with pytest.raises(NotFound):
            shop.as_customer(new_id()).cancel_order(shop.order.id, REASON)

        assert shop.stored.status == "confirmed"

    def test_a_reason_has_to_be_given(self):
        shop = Shop()

        with pytest.raises(Invalid) as refusal:
            shop.as_customer().cancel_order(shop.order.id, {})

        assert list(refusal.value.details) == ["reason"]


class TestRefunds:
    def test_support_gives_a_part_back_and_hears_that_it_is_done(self):
        shop = Shop()

        made = shop.refund(returned_items=[{"product_id": TEA, "quantity": 1}])

        assert made["refund"] == {
            "id": shop.stored.refunds[0].id,
            "order_id": shop.order.id,
            "amount": {"amount": 100, "currency": "GBP"},
            "reason": "Broken",
            "status": "done",
            "returned_items": [{"product_id": TEA, "quantity": 1}],
            "created_at": "2026-01-01T12:00:00.000Z",
        }
        assert shop.stored.payment_status == "partially_refunded"

    def test_what_cannot_be_paid_now_is_pending(self):
        shop = Shop(away())

        assert shop.refund()["refund"]["status"] == "pending"
        shop.wait()

        assert shop.stored.refunds[0].status == "done"

    def test_the_same_key_refunds_once(self):
        shop = Shop()
        first = shop.refund(key="k1", fingerprint="f1")

        again = shop.refund(key="k1", fingerprint="f1")

        assert again == {"refund": first["refund"], "replayed": True}
        assert len(shop.stored.refunds) == 1

    def test_without_a_key_each_is_one_more(self):
        shop = Shop()

        ids = {shop.refund()["refund"]["id"] for _ in range(2)}

        assert len(ids) == 2

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("amount", {"amount": 0, "currency": "GBP"}),
            ("amount", {"amount": -1, "currency": "GBP"}),
            ("amount", {"amount": 1, "currency": "USD"}),
            ("reason", " "),
            ("returned_items", [{"product_id": TEA, "quantity": 0}]),
        ],
    )
    def test_a_refund_that_makes_no_sense_is_refused(self, field, value):
        with pytest.raises(Invalid) as refusal:
            Shop().refund(**{"pence": 1, field: value})

        assert next(iter(refusal.value.details)).startswith(field)


class TestShipping:
    def test_a_shop_is_told_of_its_part_and_the_order(self):
        shop = Shop()

        part = shop.ship(tracking_number="JD0002")

        assert part["status"], part["order_status"] == ("shipped", "confirmed")
        assert part["order_id"] == shop.order.id
        assert part["tracking_number"] == "JD0002"
        assert [line["product_id"] for line in part["items"]] == [TEA]

    def test_the_last_part_ships_the_order(self):
        shop = Shop()
        shop.ship()

        assert shop.ship(OTHER)["order_status"] == "shipped"

    def test_another_shops_part_does_not_exist(self):
        shop = Shop()

        with pytest.raises(NotFound) as refusal:
            shop.as_seller(OTHER).change_fulfilment(
                shop.parts[SELLER], {"status": "shipped"}
            )

        assert refusal.value.code == "fulfilment_not_found"

    @pytest.mark.parametrize("status", ["pending", "cancelled", "x", None])
    def test_a_shop_ships_and_delivers_and_no_more(self, status):
        with pytest.raises(Invalid):
            Shop().ship(status=status)

    def test_who_has_no_shop_is_refused(self):
        with pytest.raises(Forbidden):
            Shop().as_seller(None).change_fulfilment(new_id(), {"status": "shipped"})


class TestHistory:
    def test_it_says_who_did_what_and_when(self):
        shop = Shop()
        shop.clock.moment += timedelta(minutes=5)
        shop.ship()

        found = shop.as_support().get_order_history(shop.order.id)["items"]

        assert [(entry["event"], entry["actor"]) for entry in found] == [
            ("order.placed", {"role": "customer", "id": CUSTOMER}),
            ("order.confirmed", {"role": "system", "id": None}),
            ("fulfilment.shipped", {"role": "seller", "id": PACKER}),
        ]
        assert found[-1]["at"] == "2026-01-01T12:05:00.000Z"

    def test_a_customer_knows_others_by_their_role_alone(self):
        shop = Shop()
        shop.ship()

        found = shop.as_customer().get_order_history(shop.order.id)["items"]

        assert {entry["actor"]["id"] for entry in found} == {CUSTOMER, None}

    def test_another_customers_is_not_there(self):
        shop = Shop()

        with pytest.raises(NotFound):
            shop.as_customer(new_id()).get_order_history(shop.order.id)


class TestReading:
    def test_support_reads_the_orders_of_a_customer(self):
        shop = Shop()
        service = shop.as_support()

        listed = service.list_orders({"customer_id": CUSTOMER})["items"]

        assert [order["id"] for order in listed] == [shop.order.id]
        assert service.get_order(shop.order.id)["id"] == shop.order.id

    def test_support_has_to_say_whose(self):
        with pytest.raises(Invalid) as refusal:
            Shop().as_support().list_orders({})

        assert list(refusal.value.details) == ["customer_id"]

    def test_a_customer_may_name_themselves_and_nobody_else(self):
        service = Shop().as_customer()

        assert len(service.list_orders({"customer_id": CUSTOMER})["items"]) == 1
        with pytest.raises(Forbidden):
            service.list_orders({"customer_id": new_id()})

    def test_who_is_both_has_orders_of_their_own(self):
        shop = Shop(orders=[a_sale(customer_id=SUPPORT), a_sale()])
        service = shop.for_(FakePerson("customer", "support", id=SUPPORT))

        assert len(service.list_orders({})["items"]) == 1
        assert len(service.list_orders({"customer_id": CUSTOMER})["items"]) == 1


class TestShops:
    def test_a_shop_sees_its_own_lines_and_no_others(self):
        shop = Shop()

        (order,) = shop.as_seller().list_seller_orders(SELLER, {})["items"]

        assert [line["product_id"] for line in order["items"]] == [TEA]
        assert [part["seller_id"] for part in order["fulfilments"]] == [SELLER]
        assert order["total"] == {"amount": 900, "currency": "GBP"}
        assert order["shipping_address"]["city"] == "Leeds"
        for hidden in (OTHER, POT, CUSTOMER, "payment"):
            assert hidden not in str(order)

    def test_what_is_not_paid_is_not_the_shops_business(self):
        shop = Shop(orders=[an_order()])

        assert shop.as_seller().list_seller_orders(SELLER, {})["items"] == []

    def test_another_shop_does_not_exist(self):
        service = Shop().as_seller()

        for ask in (service.list_seller_orders, service.get_dashboard):
            with pytest.raises(NotFound) as refusal:
                ask(OTHER, {})
            assert refusal.value.code == "seller_not_found"
        with pytest.raises(NotFound):
            service.get_seller_balance(OTHER)

    def test_a_shop_reads_what_it_is_owed(self):
        shop = Shop()
        shop.refund(450, returned_items=[{"product_id": TEA, "quantity": 1}])

        balance = shop.as_seller().get_seller_balance(SELLER)

        amounts = {name: balance[name]["amount"] for name in balance.keys() - CURRENCY}
        assert balance["currency"] == "GBP"
        assert amounts == {
            "sales": 900,
            "commission": 0,
            "refunds": 450,
            "paid_out": 0,
            "payable": 450,
        }

    def test_the_dashboard_counts_each_day(self):
        yesterday = NOON - timedelta(days=1)
        gone = a_sale()
        refund(gone, a_refund(order_id=gone.id, amount=gone.total))
        orders = [
            a_sale(),
            a_sale(),
            a_sale(placed_at=yesterday),
            a_sale(placed_at=NOON - timedelta(days=3)),
            gone,
        ]
        service = Shop(orders=orders).as_seller()

        found = service.get_dashboard(SELLER, {"days": "3"})

        assert found["open_orders"] == 4
        assert (found["units"], found["revenue"]["amount"]) == (6, 2700)
        days = [(day["date"], day["orders"], day["units"]) for day in found["by_day"]]
        assert days == [
            ("2025-12-30", 0, 0),
            ("2025-12-31", 1, 2),
            ("2026-01-01", 2, 4),
        ]
        assert found["by_day"][2]["revenue"] == {"amount": 1800, "currency": "GBP"}

    def test_what_is_sent_is_not_open_any_more(self):
        shop = Shop()
        shop.ship()

        assert shop.as_seller().get_dashboard(SELLER, {})["open_orders"] == 0
        assert shop.as_seller(OTHER).get_dashboard(OTHER, {})["open_orders"] == 1


class TestErasure:
    def test_what_people_wrote_goes_with_them(self):
        shop = Shop()
        shop.refund()
        shop.cancel(key="k1", fingerprint="f1")

        shop.store.forget(CUSTOMER, NOON)

        assert [refund.reason for refund in shop.stored.refunds] == [None, None]
        past = shop.store.history_of(shop.order.id)
        assert not [entry for entry in past if "reason" in entry.details]
        assert past[0].actor == Actor("customer", CUSTOMER)
        assert shop.store.requests.kept == {}
        assert shop.stored.left == pounds(0)
