"""A payment is asked for once and recorded, and the sandbox's ledger agrees."""

from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.errors import Conflict, Unavailable
from common.ids import new_id
from order_service.domain.payment import Kind, PaymentStatus
from order_service.payments.keys import operation, refund_of
from order_service.payments.recording import RecordedPayments
from order_service.payments.sandbox import Sandbox
from order_service.storage.models import (
    PaymentOperationRow,
    PaymentRow,
    SandboxChargeRow,
)
from order_service.storage.repository import Claim
from tests.builders import NOON, an_order, pounds
from tests.scratch import PostgresOrders, scratch


@pytest.fixture(scope="module")
def engine(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@contextmanager
def transaction(engine):
    with Session(engine) as session, session.begin():
        yield session


class Verbs(RecordedPayments):
    """What is asked of a provider, a verb each."""

    def authorise(self, order_id, amount, token):
        self.settle(operation(order_id, Kind.AUTHORISE, amount), token)

    def capture(self, order_id, amount):
        self.settle(operation(order_id, Kind.CAPTURE, amount))

    def refund(self, order_id, refund_id, amount):
        self.settle(refund_of(refund_id, order_id, amount))

    def void(self, order_id):
        return self.settle(operation(order_id, Kind.VOID, pounds(0)))


class Till:
    """The payments of one order, and how both sides have them in their books."""

    def __init__(self, engine):
        self.engine, self.order_id = engine, an_order_in(engine)
        self.transaction = partial(transaction, engine)
        self.sandbox = Sandbox(self.transaction, seconds=lambda: 0)
        self.payments = self.over(self.sandbox)

    def over(self, adapter):
        return Verbs(adapter, self.transaction)

    def rows(self, table):
        with Session(self.engine) as session:
            return session.scalars(
                select(table).filter_by(order_id=self.order_id)
            ).all()

    @property
    def charges(self):
        """``[(captured, refunded, voided)]``, as the sandbox knows them."""
        found = self.rows(SandboxChargeRow)
        return [(one.captured_minor, one.refunded_minor, one.voided) for one in found]

    @property
    def payment(self):
        """``(status, captured, refunded)``, as we have recorded it."""
        (one,) = self.rows(PaymentRow)
        return PaymentStatus(one.status), one.captured_minor, one.refunded_minor


def an_order_in(engine):
    order = an_order()
    with PostgresOrders(engine).transaction() as orders:
        orders.add(order, Claim(order.customer_id, new_id(), "f"), NOON)
    return order.id


@pytest.fixture
def till(engine):
    return Till(engine)


class Silent:
    """An adapter that does as it is asked, and whose answers are lost."""

    def __init__(self, adapter, *lost):
        self.adapter, self.lost, self.name = adapter, list(lost), adapter.name

    def __getattr__(self, verb):
        def ask(*args):
            answer = getattr(self.adapter, verb)(*args)
            if verb in self.lost:
                self.lost.remove(verb)
                raise Unavailable("payment_unavailable", "No answer")
            return answer

        return ask


def test_an_order_is_charged_its_total_once(till):
    for _ in range(2):
        till.payments.authorise(till.order_id, pounds(900), "tok_visa")
        till.payments.capture(till.order_id, pounds(900))

    assert till.charges == [(900, 0, False)]
    assert till.payment == (PaymentStatus.CAPTURED, 900, 0)


def test_every_operation_is_recorded_under_its_key(till):
    refund_id = new_id()
    till.payments.authorise(till.order_id, pounds(900), "tok_visa")
    till.payments.capture(till.order_id, pounds(900))
    till.payments.refund(till.order_id, refund_id, pounds(300))

    (charge,) = till.rows(SandboxChargeRow)
    known = {
        one.key: (one.kind, one.amount_minor, one.outcome, one.reference)
        for one in till.rows(PaymentOperationRow)
    }
    assert known == {
        f"{till.order_id}:authorise": ("authorise", 900, "done", charge.id),
        f"{till.order_id}:capture": ("capture", 900, "done", charge.id),
        f"{refund_id}:refund": ("refund", 300, "done", charge.id),
    }


@pytest.mark.parametrize("verb", ["authorise", "capture", "refund", "void"])
def test_a_lost_answer_is_asked_for_again_and_nothing_happens_twice(till, verb):
    payments = till.over(Silent(till.sandbox, verb))
    refund_id = new_id()

    def again(ask):
        try:
            return ask()
        except Unavailable:
            return ask()

    again(lambda: payments.authorise(till.order_id, pounds(900), "tok_visa"))
    if verb == "void":
        assert again(lambda: payments.void(till.order_id)) is PaymentStatus.VOIDED
        assert till.charges == [(0, 0, True)]
        return
    again(lambda: payments.capture(till.order_id, pounds(900)))
    again(lambda: payments.refund(till.order_id, refund_id, pounds(300)))

    assert till.charges == [(900, 300, False)]
    assert till.payment == (PaymentStatus.PARTIALLY_REFUNDED, 900, 300)


def test_a_voided_payment_is_gone_and_stays_gone(till):
    till.payments.authorise(till.order_id, pounds(900), "tok_visa")

    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED
    with pytest.raises(Conflict):
        till.payments.capture(till.order_id, pounds(900))

    assert till.charges == [(0, 0, True)]


def test_what_was_taken_is_given_back_by_a_void(till):
    till.payments.authorise(till.order_id, pounds(900), "tok_visa")
    till.payments.capture(till.order_id, pounds(900))

    for _ in range(2):
        assert till.payments.void(till.order_id) is PaymentStatus.REFUNDED

    assert till.charges == [(900, 900, False)]
    assert till.payment == (PaymentStatus.REFUNDED, 900, 900)


def test_what_was_taken_without_our_hearing_of_it_is_given_back_as_well(till):
    silent = Silent(till.sandbox, "authorise", "capture")
    payments = till.over(silent)
    with pytest.raises(Unavailable):
        payments.authorise(till.order_id, pounds(900), "tok_visa")
    with pytest.raises(Unavailable):
        payments.capture(till.order_id, pounds(900))

    assert payments.void(till.order_id) is PaymentStatus.REFUNDED
    assert till.charges == [(900, 900, False)]
    assert till.payment == (PaymentStatus.REFUNDED, 900, 900)


def test_a_payment_that_is_asked_for_after_its_void_is_refused(till):
    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED
    with pytest.raises(Conflict) as refusal:
        till.payments.authorise(till.order_id, pounds(900), "tok_visa")

    assert refusal.value.code == "payment_declined"
    assert till.charges == []
    assert till.payment == (PaymentStatus.VOIDED, 0, 0)


def test_a_request_that_reaches_the_provider_after_the_void_is_refused(till):
    class Overtaken:
        name = "sandbox"

        def authorise(self, *asked):
            till.payments.void(till.order_id)
            return till.sandbox.authorise(*asked)

    slow = till.over(Overtaken())
    with pytest.raises(Conflict):
        slow.authorise(till.order_id, pounds(900), "tok_visa")

    assert till.charges == []
    assert till.payment == (PaymentStatus.VOIDED, 0, 0)


def test_a_decline_is_for_good(till):
    for token in ("tok_declined", "tok_visa"):
        with pytest.raises(Conflict) as refusal:
            till.payments.authorise(till.order_id, pounds(900), token)
        assert refusal.value.code == "payment_declined"
        assert refusal.value.details == {"payment": "card_declined"}

    assert till.charges == []
    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED


def test_a_flaky_payment_goes_through_the_second_time(till):
    with pytest.raises(Unavailable):
        till.payments.authorise(till.order_id, pounds(900), "tok_flaky")
    till.payments.authorise(till.order_id, pounds(900), "tok_flaky")

    assert till.charges == [(0, 0, False)]


def test_no_more_is_given_back_than_was_taken(till):
    till.payments.authorise(till.order_id, pounds(900), "tok_visa")
    till.payments.capture(till.order_id, pounds(900))
    till.payments.refund(till.order_id, new_id(), pounds(500))

    with pytest.raises(Conflict) as refusal:
        till.payments.refund(till.order_id, new_id(), pounds(401))

    assert refusal.value.details == {"payment": "refund_too_large"}
    assert till.charges == [(900, 500, False)]
