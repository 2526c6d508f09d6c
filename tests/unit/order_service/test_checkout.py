"""The saga ends confirmed or undone, whatever happens on the way."""

import pytest

from common.errors import Conflict
from order_service.checkout import Checkout
from order_service.domain import errors
from order_service.domain.payment import PaymentStatus
from order_service.domain.states import Status
from order_service.domain.steps import FORWARD, Step
from tests.builders import NOON, a_quote, an_order
from tests.fakes import FakeClock, FakeOrders, FakePayments, FakeShelf, away


def a_checkout(order, shelf=(), payments=()):
    return Checkout(
        FakeOrders(order),
        FakeShelf([a_quote()], *shelf),
        FakePayments(*payments),
        FakeClock(),
    )


def test_a_paid_order_is_confirmed_and_its_stock_held():
    order = an_order()
    checkout = a_checkout(order)

    done = checkout.run(order)

    assert done.status is Status.CONFIRMED
    assert checkout.payments.charged == {order.id: order.total}
    assert order.id in checkout.products.held
    assert [event.type for event in checkout.store.events] == ["order.confirmed"]


def test_a_declined_order_holds_nothing_and_charges_nothing():
    order = an_order()
    checkout = a_checkout(order, payments=[errors.payment_declined("card_declined")])

    done = checkout.run(order)

    assert (done.status, done.refusal.code) == (Status.REJECTED, "payment_declined")
    assert checkout.payments.charged == {}
    assert checkout.products.held == {}


def test_an_order_short_of_stock_is_not_charged():
    order = an_order()
    checkout = a_checkout(order, shelf=[Conflict("out_of_stock", "Short")])

    done = checkout.run(order)

    assert (done.status, done.refusal.code) == (Status.REJECTED, "out_of_stock")
    assert checkout.payments.charged == {}


@pytest.mark.parametrize("step", [{"shelf": [away()]}, {"payments": [away()]}])
def test_an_order_waits_for_what_is_away_and_goes_on_later(step, caplog):
    order = an_order()
    checkout = a_checkout(order, **step)

    waiting = checkout.run(order)
    assert (waiting.status, waiting.step in FORWARD) == (Status.PENDING, True)
    told = f"{order.id} waits to {waiting.step}: service_unavailable"
    assert caplog.messages == [told]

    assert checkout.run(waiting).status is Status.CONFIRMED


def test_running_twice_confirms_once():
    order = an_order()
    checkout = a_checkout(order)

    checkout.run(order)
    checkout.run(order)

    assert len(checkout.store.events) == 1


def test_an_order_given_up_while_it_was_being_paid_is_undone():
    order = an_order(step=Step.AUTHORISE)
    checkout = a_checkout(order)
    given_up = an_order(id=order.id, step=Step.AUTHORISE)
    given_up.give_up(errors.checkout_timed_out())
    checkout.store.save(given_up, NOON)

    done = checkout.run(order)

    assert done.status is Status.REJECTED
    assert checkout.payments.charged == {}
    assert checkout.products.held == {}


def test_an_order_ended_by_another_worker_while_this_one_waited_says_how():
    order = an_order()
    checkout = a_checkout(order, payments=[away()])
    ended = an_order(id=order.id)
    ended.give_up(errors.checkout_timed_out())
    ended.reject()
    checkout.store.save(ended, NOON)

    with pytest.raises(Conflict) as refusal:
        checkout.finish(order)

    assert refusal.value.code == "checkout_timed_out"


def test_undoing_goes_on_where_it_stopped():
    order = an_order()
    checkout = a_checkout(order, payments=[errors.payment_declined("card_declined")])
    release, calls = checkout.products.release_stock, []

    def flaky_release(order_id):
        calls.append(order_id)
        if len(calls) == 1:
            raise away()
        release(order_id)

    checkout.products.release_stock = flaky_release
    waiting = checkout.run(order)
    assert (waiting.status, waiting.step) == (Status.PENDING, Step.RELEASE)

    assert checkout.run(waiting).status is Status.REJECTED


def test_a_charge_that_is_refused_leaves_nothing_held():
    order = an_order()
    checkout = a_checkout(order)

    def refuse(asked):
        raise errors.payment_declined("expired")

    checkout.payments.capture = refuse
    done = checkout.run(order)

    assert (done.status, done.refusal.code) == (Status.REJECTED, "payment_declined")
    assert done.payment_status is PaymentStatus.VOIDED
    assert checkout.products.held == {}


def test_what_was_taken_before_an_order_was_given_up_is_given_back():
    order = an_order()
    checkout = a_checkout(order)
    capture = checkout.payments.capture

    def capture_in_silence(asked):
        capture(asked)
        raise away()

    checkout.payments.capture = capture_in_silence
    waiting = checkout.run(order)
    waiting.give_up(errors.checkout_timed_out())
    checkout.store.save(waiting, NOON)

    done = checkout.run(waiting)

    assert (done.status, done.payment_status) == (
        Status.REJECTED,
        PaymentStatus.REFUNDED,
    )
    assert checkout.payments.charged == {}


def test_stock_that_was_released_meanwhile_is_not_paid_for():
    order = an_order()
    checkout = a_checkout(order)

    def expired(order_id):
        raise Conflict("reservation_released", "Released")

    checkout.products.commit_stock = expired
    done = checkout.run(order)

    assert (done.status, done.refusal.code) == (Status.REJECTED, "checkout_timed_out")
    assert (checkout.payments.charged, checkout.payments.voided) == ({}, {order.id})


def test_each_step_is_stored_before_it_is_taken():
    order = an_order()
    checkout = a_checkout(order)
    taken, take = [], checkout.take

    def look(order, asking):
        taken.append((order.step, checkout.store.get(order.id).step))
        return take(order, asking)

    checkout.take = look
    checkout.run(order)

    forward = [Step.RESERVE, Step.AUTHORISE, Step.COMMIT, Step.CAPTURE]
    assert taken == [(step, step) for step in forward]
