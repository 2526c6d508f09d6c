"""Payments through Stripe, held to localstripe, which runs as a server.

What localstripe lacks, tests/integration/own_stripe.py adds: Idempotency-Key, the card
of an intent that is confirmed, and a least charge.  It tells of no intent that was
authorised or cancelled; such events are written here as Stripe documents them, and
signed.
"""

import hmac
import json
import time
from itertools import permutations

import pytest

from common.errors import Conflict, Invalid, NotFound, Unavailable
from common.ids import new_id
from ops.audit.charges import StripeLedger
from order_service.domain.payment import PaymentStatus
from order_service.payments.stripe import StripePayments
from order_service.storage.models import PaymentOperationRow
from tests.builders import pounds
from tests.integration.own_stripe import KEY, OwnStripe
from tests.integration.test_payments import Till
from tests.scratch import scratch

# localstripe lets the card that Stripe declines be charged; it declines this one.
CARD, DECLINED = "pm_card_visa", "pm_card_chargeCustomerFail"
SECRET = "whsec_test"
TOTAL = pounds(900)


@pytest.fixture(scope="module")
def engine(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture(scope="module")
def server():
    with OwnStripe() as server:
        yield server


@pytest.fixture
def stripe(server):
    server.forget()
    return server


class StripeTill(Till):
    def __init__(self, engine, url, key=KEY):
        super().__init__(engine)
        self.stripe = StripePayments(key, url, SECRET, seconds=lambda: 5.0)
        self.payments = self.over(self.stripe)

    def authorise(self, card=CARD, total=TOTAL):
        self.payments.authorise(self.order_id, total, card)

    def capture(self):
        self.payments.capture(self.order_id, TOTAL)

    def tell(self, told, **changes):
        """As Stripe would: ``tell("payment_intent.succeeded", id=...)``."""
        thing = {
            "id": "pi_1",
            "amount": 900,
            "currency": "gbp",
            "status": "succeeded",
            "metadata": {"order_id": self.order_id},
        }
        event = {"id": f"evt_{new_id()}", "type": told, "object": "event"}
        event["data"] = {"object": thing | changes}
        return json.dumps(event)

    def hear(self, payload):
        self.payments.hear(payload, signed(payload))


def signed(payload, secret=SECRET, age=0):
    at = int(time.time()) - age
    mark = hmac.digest(secret.encode(), f"{at}.{payload}".encode(), "sha256").hex()
    return f"t={at},v1={mark}"


@pytest.fixture
def till(engine, stripe):
    return StripeTill(engine, stripe.url)


def again(ask):
    try:
        return ask()
    except Unavailable:
        return ask()


def test_an_order_is_one_intent_and_one_charge_of_its_total(till, stripe):
    for _ in range(2):
        till.authorise()
    assert stripe.charges == [(900, False, 0)]
    for _ in range(2):
        till.capture()

    assert stripe.charges == [(900, True, 0)]
    assert stripe.intents == [(till.order_id, "succeeded")]
    assert till.payment == (PaymentStatus.CAPTURED, 900, 0)


def test_part_of_it_goes_back_once(till, stripe):
    till.authorise()
    till.capture()
    refund_id = new_id()
    for _ in range(2):
        till.payments.refund(till.order_id, refund_id, pounds(300))

    assert stripe.charges == [(900, True, 300)]
    assert till.payment == (PaymentStatus.PARTIALLY_REFUNDED, 900, 300)


@pytest.mark.parametrize("verb", ["payment_intents", "confirm", "capture", "refunds"])
def test_an_answer_that_is_lost_is_asked_for_again(till, stripe, verb):
    stripe.lose(verb)

    again(till.authorise)
    again(till.capture)
    again(lambda: till.payments.refund(till.order_id, "r1", pounds(300)))

    assert stripe.lost == []
    assert stripe.charges == [(900, True, 300)]
    assert till.payment == (PaymentStatus.PARTIALLY_REFUNDED, 900, 300)


def test_what_stripe_has_forgotten_the_key_of_is_not_done_twice(till, stripe):
    stripe.lose("confirm")
    with pytest.raises(Unavailable):
        till.authorise()
    stripe.known = {k: v for k, v in stripe.known.items() if k and "intent" in k}
    till.authorise()

    stripe.lose("capture")
    with pytest.raises(Unavailable):
        till.capture()
    stripe.known = {}
    till.capture()

    assert stripe.charges == [(900, True, 0)]


def test_a_declined_card_is_for_good(till, stripe):
    for card in (DECLINED, CARD):
        with pytest.raises(Conflict) as refusal:
            till.authorise(card)
        assert refusal.value.code == "payment_declined"
        assert refusal.value.details == {"payment": "card_declined"}

    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED


def test_a_card_that_is_none_is_declined(till):
    with pytest.raises(Conflict) as refusal:
        till.authorise("pm_nobodys")

    assert refusal.value.code == "payment_declined"


def test_less_than_the_least_charge_is_declined_and_nothing_to_undo(till, stripe):
    for _ in range(2):
        with pytest.raises(Conflict) as refusal:
            till.authorise(total=pounds(29))
        assert refusal.value.code == "payment_declined"
        assert refusal.value.details == {"payment": "amount_too_small"}

    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED
    assert stripe.intents == []


def test_what_stripe_made_no_intent_of_is_voided_if_its_answer_was_lost(till, stripe):
    stripe.lose("payment_intents")
    with pytest.raises(Unavailable):
        till.authorise(total=pounds(29))

    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED
    assert stripe.intents == []


def test_of_a_total_of_nothing_no_provider_is_asked(engine):
    till, nothing = StripeTill(engine, "http://127.0.0.1:9"), pounds(0)

    till.authorise(total=nothing)
    till.payments.capture(till.order_id, nothing)

    assert till.rows(PaymentOperationRow)[0].outcome == "done"
    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED


def test_a_void_lets_go_of_the_money_for_good(till, stripe):
    till.authorise()

    for _ in range(2):
        assert till.payments.void(till.order_id) is PaymentStatus.VOIDED
    with pytest.raises(Conflict):
        till.capture()

    assert stripe.intents == [(till.order_id, "canceled")]
    assert till.payment == (PaymentStatus.VOIDED, 0, 0)


@pytest.mark.parametrize("verb", ["payment_intents", "confirm"])
def test_a_payment_whose_answer_was_lost_is_voided(till, stripe, verb):
    stripe.lose(verb)
    with pytest.raises(Unavailable):
        till.authorise()

    assert till.payments.void(till.order_id) is PaymentStatus.VOIDED
    assert stripe.intents == [(till.order_id, "canceled")]


def test_what_was_taken_is_given_back_by_a_void(till, stripe):
    till.authorise()
    stripe.lose("capture")
    with pytest.raises(Unavailable):
        till.capture()

    for _ in range(2):
        assert till.payments.void(till.order_id) is PaymentStatus.REFUNDED
    assert stripe.charges == [(900, True, 900)]
    assert till.payment == (PaymentStatus.REFUNDED, 900, 900)


@pytest.mark.parametrize("key", ["sk_test_12345", "bad"])
def test_a_stripe_that_is_away_or_does_not_know_us_is_waited_for(engine, stripe, key):
    url = stripe.url if key == "bad" else "http://127.0.0.1:9"

    with pytest.raises(Unavailable) as refusal:
        StripeTill(engine, url, key).authorise()

    assert refusal.value.code == "payment_unavailable"


class TestEvents:
    """What Stripe tells by itself, before its answer, after it, or twice."""

    AUTHORISED = "payment_intent.amount_capturable_updated"
    CAPTURED = "payment_intent.succeeded"

    def test_told_in_any_order_and_twice_it_is_one_payment(self, engine, stripe):
        for turn in permutations(["authorise", "capture", "authorised", "captured"]):
            if turn.index("capture") < turn.index("authorise"):
                continue
            till = StripeTill(engine, stripe.url)
            heard = {
                "authorised": till.tell(self.AUTHORISED),
                "captured": till.tell(self.CAPTURED, amount_received=900),
            }
            for each in turn:
                if each in heard:
                    till.hear(heard[each])
                    till.hear(heard[each])
                else:
                    getattr(till, each)()

            assert till.payment == (PaymentStatus.CAPTURED, 900, 0), turn
            kinds = [one.kind for one in till.rows(PaymentOperationRow)]
            assert sorted(kinds) == ["authorise", "capture"]

    def test_what_was_told_need_not_be_asked_for(self, engine):
        till = StripeTill(engine, "http://127.0.0.1:9")
        with pytest.raises(Unavailable):
            till.authorise()

        till.hear(till.tell(self.AUTHORISED))

        till.authorise()
        assert till.payment == (PaymentStatus.AUTHORISED, 0, 0)

    def test_a_refund_is_known_by_the_key_it_was_made_under(self, till):
        till.authorise()
        till.capture()
        told = {"order_id": till.order_id, "key": "r1:refund"}
        for _ in range(2):
            till.hear(till.tell("refund.updated", id="re_1", amount=300, metadata=told))
        till.payments.refund(till.order_id, "r1", pounds(300))

        assert till.payment == (PaymentStatus.PARTIALLY_REFUNDED, 900, 300)

    @pytest.mark.parametrize(
        "changes", [{"metadata": {}}, {"metadata": {"order_id": new_id()}}]
    )
    def test_what_is_no_order_of_ours_changes_nothing(self, till, changes):
        till.authorise()

        till.hear(till.tell(self.CAPTURED, **changes))
        till.hear(till.tell("customer.created"))

        assert till.payment == (PaymentStatus.AUTHORISED, 0, 0)

    def test_what_is_not_signed_by_stripe_or_old_is_refused(self, engine):
        till = StripeTill(engine, None)
        told = till.tell(self.CAPTURED)
        bad = [
            (told, signed(told, secret="whsec_other")),
            (told, signed(told, age=600)),
            (told + " ", signed(told)),
            (told, ""),
            ("[]", signed("[]")),
            ("\ufffd", signed("\ufffd")),
        ]

        for payload, signature in bad:
            with pytest.raises(Invalid) as refusal:
                till.payments.hear(payload, signature)
            assert refusal.value.code == "invalid_signature"

    def test_the_sandbox_tells_nothing(self, engine):
        till = Till(engine)

        with pytest.raises(NotFound):
            till.payments.hear("{}", "")


def test_the_audit_reads_what_stripe_has(till, stripe):
    till.authorise()
    till.capture()
    till.payments.refund(till.order_id, new_id(), pounds(300))
    settings = {"STRIPE_API_KEY": KEY, "STRIPE_API_BASE": stripe.url}

    [(order_id, charge)] = StripeLedger(settings).charges()

    assert order_id == till.order_id
    assert (charge.amount, charge.captured, charge.refunded) == (900, 900, 300)
    assert (charge.currency, charge.held) == ("GBP", 600)
