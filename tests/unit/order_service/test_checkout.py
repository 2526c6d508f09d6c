"""The saga ends confirmed or undone, whatever happens on the way."""

import pytest

from common.errors import Conflict, Unavailable
from order_service.checkout import Checkout
from order_service.domain import errors
from order_service.domain.order import Step
from order_service.domain.states import Status
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
def test_an_order_waits_for_what_is_away_and_goes_on_later(step):
    order = an_order()
    checkout = a_checkout(order, **step)

    with pytest.raises(Unavailable):
        checkout.run(order)
    assert checkout.store.get(order.id).step is Step.CHECKOUT

    assert checkout.run(order).status is Status.CONFIRMED


def test_running_twice_confirms_once():
    order = an_order()
    checkout = a_checkout(order)

    checkout.run(order)
    checkout.run(order)

    assert len(checkout.store.events) == 1


def test_an_order_given_up_while_it_was_being_paid_is_undone():
    order = an_order()
    checkout = a_checkout(order)
    given_up = an_order(id=order.id)
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
    with pytest.raises(Unavailable):
        checkout.run(order)
    assert checkout.store.get(order.id).status is Status.PENDING

    assert checkout.run(checkout.store.get(order.id)).status is Status.REJECTED
