"""What a payment is follows from its operations, whichever became known first."""

from dataclasses import replace
from itertools import permutations

import pytest

from common.errors import Conflict
from order_service.domain.payment import (
    Kind,
    Operation,
    Outcome,
    Payment,
    PaymentStatus,
)
from tests.builders import pounds

TOTAL = pounds(900)


def done(kind, amount=TOTAL, key=None, outcome=Outcome.DONE):
    return Operation(key or f"o:{kind}", "o", kind, amount, outcome, "ref")


def a_payment(*known):
    payment = Payment("o", "sandbox", TOTAL)
    for operation in known:
        payment.note(operation)
    return payment


AUTHORISED, CAPTURED = done(Kind.AUTHORISE), done(Kind.CAPTURE)
PART = done(Kind.REFUND, pounds(300), "r1:refund")
REST = done(Kind.REFUND, pounds(600), "r2:refund")


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ([], PaymentStatus.PENDING),
        ([AUTHORISED], PaymentStatus.AUTHORISED),
        ([AUTHORISED, CAPTURED], PaymentStatus.CAPTURED),
        ([AUTHORISED, done(Kind.VOID)], PaymentStatus.VOIDED),
        ([AUTHORISED, CAPTURED, PART], PaymentStatus.PARTIALLY_REFUNDED),
        ([AUTHORISED, CAPTURED, PART, REST], PaymentStatus.REFUNDED),
        ([replace(AUTHORISED, outcome=Outcome.DECLINED)], PaymentStatus.PENDING),
    ],
)
def test_news_in_any_order_and_twice_make_the_same_payment(known, status):
    for news in permutations(known):
        payment = a_payment(*news, *news)
        assert payment.status is status
        assert payment.captured == (900 if CAPTURED in known else 0)


def test_the_first_word_on_an_operation_stands():
    payment = a_payment(CAPTURED)

    payment.note(replace(CAPTURED, outcome=Outcome.DECLINED))

    assert payment.status is PaymentStatus.CAPTURED


def test_nothing_is_taken_of_who_was_let_go():
    payment = a_payment(done(Kind.VOID, outcome=Outcome.BEGUN))

    for kind in (Kind.AUTHORISE, Kind.CAPTURE):
        with pytest.raises(Conflict) as refusal:
            payment.begin(done(kind, outcome=Outcome.BEGUN))
        assert refusal.value.code == "payment_declined"


def test_no_more_is_given_back_than_was_taken_counting_what_is_under_way():
    payment = a_payment(AUTHORISED, CAPTURED, replace(REST, outcome=Outcome.BEGUN))

    with pytest.raises(Conflict):
        payment.begin(done(Kind.REFUND, pounds(301), "r3:refund"))
    payment.begin(PART)

    assert payment.begin(replace(REST, outcome=Outcome.BEGUN)).key == REST.key
