"""What may happen to an order."""

from datetime import timedelta

import pytest

from common.errors import Conflict
from order_service.domain.events import OrderConfirmed, OrderRejected
from order_service.domain.order import MOST_ATTEMPTS, PaymentStatus, Step
from order_service.domain.states import Status
from tests.builders import CUSTOMER, NOON, SELLER, TEA, a_line, an_order, pounds

DECLINED = Conflict("payment_declined", "Declined", {"payment": "card_declined"})


class TestPlace:
    def test_each_seller_has_one_part_of_the_order(self):
        order = an_order(
            a_line(seller_id="a"), a_line(seller_id="b"), a_line(seller_id="a")
        )

        assert [part.seller_id for part in order.fulfilments] == ["a", "b"]
        assert len(order.items_of("a")) == 2
        assert order.items_by_seller == {
            seller_id: order.items_of(seller_id) for seller_id in ("a", "b")
        }

    def test_the_total_is_the_sum_of_the_lines(self):
        order = an_order(a_line(quantity=2), a_line(quantity=3, unit_price=pounds(100)))

        assert order.total == pounds(2 * 450 + 3 * 100)


class TestConfirm:
    def test_a_confirmed_order_is_paid_and_says_so_once(self):
        order = an_order()

        order.confirm()
        order.confirm()

        assert (order.status, order.step) == (Status.CONFIRMED, Step.DONE)
        assert order.payment_status is PaymentStatus.CAPTURED
        bought = {"product_id": TEA, "quantity": 2}
        shown = {"seller_id": SELLER, "title": "Tea", "unit_price": pounds(450)}
        assert order.events == [
            OrderConfirmed(
                order.id, CUSTOMER, order.number, [bought | shown], pounds(900)
            )
        ]

    def test_an_order_given_up_meanwhile_is_not_confirmed(self):
        order = an_order()
        order.give_up(DECLINED)

        order.confirm()

        assert (order.status, order.step) == (Status.PENDING, Step.RELEASE)


class TestReject:
    def test_an_order_is_rejected_only_after_it_was_given_up(self):
        order = an_order()

        order.reject()

        assert order.status is Status.PENDING

    def test_a_rejected_order_says_why_once(self):
        order = an_order()
        order.give_up(DECLINED)

        order.reject()
        order.reject()

        assert (order.status, order.step) == (Status.REJECTED, Step.DONE)
        assert order.events == [OrderRejected(order.id, CUSTOMER, "payment_declined")]

    def test_a_confirmed_order_is_never_given_up(self):
        order = an_order()
        order.confirm()

        with pytest.raises(Conflict) as refusal:
            order.give_up(DECLINED)
        order.reject()

        assert refusal.value.code == "illegal_step"
        assert order.status is Status.CONFIRMED


class TestLease:
    def test_an_order_is_given_up_after_too_many_tries(self):
        order = an_order()

        for _ in range(MOST_ATTEMPTS):
            order.lease(NOON + timedelta(seconds=1))
        assert order.step is Step.RESERVE

        order.lease(NOON + timedelta(seconds=1))

        assert order.step is Step.RELEASE
        assert order.refusal.code == "checkout_timed_out"


class TestSettled:
    def test_a_decline_is_an_answer_for_good_and_a_shortage_is_not(self):
        declined, short = an_order(), an_order()

        declined.give_up(DECLINED)
        short.give_up(Conflict("out_of_stock", "Short"))

        assert declined.settled
        assert not short.settled
