"""What may happen to an order once it is sold."""

import pytest

from common.errors import Conflict, NotFound
from common.ids import new_id
from order_service.domain.cancelling import cancel
from order_service.domain.events import (
    OrderCancelled,
    OrderDelivered,
    OrderRefunded,
    OrderShipped,
)
from order_service.domain.giving_back import GivenBack
from order_service.domain.history import SYSTEM, Actor
from order_service.domain.order import PaymentStatus
from order_service.domain.refunding import refund, settle
from order_service.domain.shipping import send
from order_service.domain.states import PartStatus, Status
from tests.builders import CUSTOMER, NOON, TEA, a_line, a_refund, an_order, pounds

POT = new_id()
SHOP, CARRIER = Actor("seller", new_id()), "JD0002"
BUYER, SUPPORT = Actor("customer", CUSTOMER), Actor("support", new_id())
SHIPPED, DELIVERED = PartStatus.SHIPPED, PartStatus.DELIVERED


def sold(*lines):
    """An order of two pieces of tea of one shop and a pot of another."""
    order = an_order(
        *(
            lines
            or (
                a_line(seller_id="a"),
                a_line(seller_id="b", product_id=POT, quantity=1),
            )
        )
    )
    order.confirm()
    order.events.clear()
    order.happened.clear()
    return order


def ship(order, *parts, to=SHIPPED):
    for part in parts or order.fulfilments:
        send(order, part.id, to, CARRIER, SHOP)


def owed(order, pence=100, **changes):
    facts = {"order_id": order.id, "amount": pounds(pence), "requested_by": SUPPORT}
    return a_refund(**facts | changes)


def refused(what, *given):
    with pytest.raises(Conflict) as refusal:
        what(*given)
    return refusal.value.code, refusal.value.details


def told(order):
    return [type(event) for event in order.events]


def happened(order):
    return [entry.event for entry in order.happened]


class TestShipping:
    def test_an_order_is_shipped_with_the_last_of_its_parts(self):
        order = sold()
        first, second = order.fulfilments

        ship(order, first)
        assert (order.status, told(order)) == (Status.CONFIRMED, [])

        ship(order, second)
        assert order.status is Status.SHIPPED
        assert order.events == [OrderShipped(order.id, CUSTOMER, order.number)]

    def test_it_is_delivered_with_the_last_of_its_parts(self):
        order = sold()
        first, second = order.fulfilments
        ship(order)

        ship(order, first, to=DELIVERED)
        assert order.status is Status.SHIPPED
        ship(order, second, to=DELIVERED)

        assert order.status is Status.DELIVERED
        assert told(order) == [OrderShipped, OrderDelivered]

    def test_a_part_that_arrives_before_another_is_sent_counts_as_sent(self):
        order = sold()
        first, second = order.fulfilments
        ship(order, first)
        ship(order, first, to=DELIVERED)

        ship(order, second)

        assert order.status is Status.SHIPPED

    def test_saying_it_twice_changes_nothing(self):
        order = sold()
        ship(order)
        before = (order.version, happened(order), told(order))

        ship(order)

        assert (order.version, happened(order), told(order)) == before

    def test_a_tracking_number_may_come_later(self):
        order = sold()
        part = order.fulfilments[0]
        send(order, part.id, SHIPPED, None, SHOP)

        ship(order, part)
        send(order, part.id, DELIVERED, None, SHOP)

        assert order.fulfilments[0].tracking_number == CARRIER

    def test_who_did_it_is_remembered(self):
        order = sold(a_line())

        ship(order)

        assert happened(order) == ["fulfilment.shipped", "order.shipped"]
        entry = order.happened[0]
        assert entry.actor == SHOP
        assert entry.details == {
            "fulfilment_id": order.fulfilments[0].id,
            "tracking_number": CARRIER,
        }

    def test_nothing_arrives_that_was_not_sent(self):
        order = sold()

        code, details = refused(lambda: ship(order, to=DELIVERED))

        assert code == "illegal_transition"
        assert details == {"from": "pending", "to": "delivered"}

    @pytest.mark.parametrize("how", ["pending", "rejected", "cancelled", "refunded"])
    def test_only_what_is_sold_is_sent(self, how):
        order = an_order()
        if how == "rejected":
            order.give_up(Conflict("out_of_stock", "Short"))
            order.reject()
        elif how != "pending":
            order.confirm()
        if how == "cancelled":
            cancel(order, "Changed my mind", BUYER, new_id(), NOON)
        if how == "refunded":
            refund(order, owed(order, 900))
        assert order.status == how

        assert refused(lambda: ship(order))[0] == "illegal_transition"

    def test_a_part_that_is_not_there_is_not_found(self):
        with pytest.raises(NotFound):
            send(sold(), new_id(), SHIPPED, None, SHOP)


class TestCancelling:
    def cancel(self, order):
        return cancel(order, "Changed my mind", BUYER, new_id(), NOON)

    def test_all_of_it_is_called_off_and_paid_back(self):
        order = sold()

        back = self.cancel(order)

        assert order.status is Status.CANCELLED
        assert {part.status for part in order.fulfilments} == {PartStatus.CANCELLED}
        assert (back.amount, back.requested_by) == (order.total, BUYER)
        assert order.payment_status is PaymentStatus.CAPTURED
        assert order.events == [
            OrderCancelled(
                order.id, CUSTOMER, order.number, order.wanted, "cancelled_by_customer"
            )
        ]

    def test_their_own_words_stay_with_the_order(self):
        order = sold()

        self.cancel(order)

        assert order.happened[-1].details == {"reason": "Changed my mind"}
        assert "Changed my mind" not in str(order.events)

    def test_it_is_cancelled_once(self):
        order = sold()
        self.cancel(order)
        version = order.version

        assert self.cancel(order) is None
        assert (order.version, len(order.refunds)) == (version, 1)
        assert told(order) == [OrderCancelled]

    @pytest.mark.parametrize("to", [SHIPPED, DELIVERED])
    def test_it_is_too_late_once_a_part_is_on_its_way(self, to):
        order = sold()
        ship(order, order.fulfilments[0])
        if to is DELIVERED:
            ship(order, order.fulfilments[0], to=to)

        assert refused(self.cancel, order)[0] == "too_late_to_cancel"

    def test_what_is_still_being_placed_has_to_be_waited_for(self):
        assert refused(self.cancel, an_order())[0] == "request_in_progress"

    def test_what_support_has_paid_back_is_not_paid_twice(self):
        order = sold()
        refund(order, owed(order, 100, returned={TEA: 1}))

        back = self.cancel(order)

        assert back.amount == pounds(order.total.amount - 100)
        assert order.events[-1].items == [
            {"product_id": TEA, "quantity": 1},
            {"product_id": POT, "quantity": 1},
        ]


class TestRefunds:
    def test_a_part_of_the_money_may_go_back(self):
        order = sold()

        back = refund(order, owed(order, 100))

        assert (order.status, order.left) == (Status.CONFIRMED, pounds(1250))
        assert order.payment_status is PaymentStatus.CAPTURED
        settle(order, back.id, NOON)
        assert order.payment_status is PaymentStatus.PARTIALLY_REFUNDED
        assert order.events == [
            OrderRefunded(order.id, CUSTOMER, back.id, pounds(100), [])
        ]

    def test_an_order_is_refunded_when_nothing_is_left(self):
        order = sold()
        ship(order)
        order.events.clear()

        parts = [refund(order, owed(order, pence)) for pence in (1000, 350)]
        for one in parts:
            settle(order, one.id, NOON)

        assert order.status is Status.REFUNDED
        assert order.payment_status is PaymentStatus.REFUNDED
        assert told(order) == [OrderRefunded, OrderRefunded]

    def test_no_more_goes_back_than_was_paid(self):
        order = sold()
        refund(order, owed(order, 1000))

        code, details = refused(refund, order, owed(order, 351))

        assert (code, details) == ("refund_too_large", {"left": "350 GBP"})

    def test_no_more_comes_back_than_was_bought(self):
        order = sold()
        refund(order, owed(order, returned={TEA: 1}))

        wanted = owed(order, returned={TEA: 2, POT: 1, SHOP.id: 1})
        code, details = refused(refund, order, wanted)

        assert code == "return_too_large"
        assert details == {TEA: "1 left", SHOP.id: "0 left"}

    def test_what_comes_back_is_told_to_the_shelf(self):
        order = sold()

        back = refund(order, owed(order, returned={TEA: 2}))
        settle(order, back.id, NOON)

        assert order.events[-1].returned_items == [{"product_id": TEA, "quantity": 2}]

    def test_with_the_last_of_the_money_what_was_not_sent_goes_back_as_well(self):
        order = sold()
        ship(order, order.fulfilments[0])

        back = refund(order, owed(order, 1350, returned={TEA: 1}))

        assert back.returned == {TEA: 1, POT: 1}
        sent, kept = order.fulfilments
        assert (sent.status, kept.status) == (SHIPPED, PartStatus.CANCELLED)

    def test_a_refund_is_settled_once(self):
        order = sold()
        back = refund(order, owed(order))

        settle(order, back.id, NOON)
        version = order.version
        settle(order, back.id, NOON)

        assert (order.version, told(order)) == (version, [OrderRefunded])

    def test_what_came_back_bears_it_in_the_books_once_it_was_paid(self):
        order = sold()
        order.postings.clear()

        back = refund(order, owed(order, 100, returned={POT: 1}))
        assert order.postings == []
        settle(order, back.id, NOON)

        place = [line.product_id for line in order.items].index(POT)
        assert order.postings == [
            GivenBack(order.id, back.id, pounds(100), frozenset({place}))
        ]

    def test_who_asked_and_that_it_was_paid_is_remembered(self):
        order = sold()

        back = refund(order, owed(order))
        settle(order, back.id, NOON)

        asked, done = order.happened
        assert (asked.event, asked.actor) == ("refund.requested", SUPPORT)
        assert asked.details["reason"] == "Broken"
        assert (done.event, done.actor) == ("refund.done", SYSTEM)

    @pytest.mark.parametrize("how", ["pending", "cancelled"])
    def test_only_what_is_sold_is_paid_back(self, how):
        order = an_order()
        if how == "cancelled":
            order.confirm()
            cancel(order, "Changed my mind", BUYER, new_id(), NOON)

        code, details = refused(refund, order, owed(order))

        assert code == "illegal_transition"
        assert details == {"from": how, "to": "refunded"}
