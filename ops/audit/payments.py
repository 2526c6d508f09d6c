"""What the payment provider has in its own ledger, against orders and our record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.audit.charges import Charge
from ops.audit.faults import Fault, Violation

ASK = "see payment_operations of the order, and ask the provider what it has"
GIVE_BACK = "give the money back at the provider, charge {charge}"

NO_ORDER = Fault(
    "charge_without_order",
    "{amount:money} are charged for the order {order_id}, which is not there",
    GIVE_BACK,
)
TWICE = Fault(
    "payment_twice", "{charges} charges were captured for it", "give back all but one"
)
MISSING = Fault(
    "payment_missing",
    "the order is {status}, but {total:money} were never captured",
    f"{ASK}; if the money is not to be had, cancel the order",
)
AMOUNT = Fault(
    "payment_amount",
    "{captured:money} {currency} were captured, its total is {total:money}",
    f"{ASK}; give back what is too much",
)
NOT_UNDONE = Fault(
    "payment_not_undone",
    "the order is {status}, but {held:money} of the customer are still held",
    "void or refund it at the provider, charge {charge}",
)
REFUNDED = Fault(
    "payment_refunds",
    "the provider gave back {refunded:money}, the refunds done come to {done:money}",
    f"{ASK}; then give the customer the difference, or note what they got",
)
RECORD = Fault(
    "payment_record",
    "our record has {noted:money} captured and {noted_back:money} given back, the"
    " provider {captured:money} and {refunded:money}",
    f"{ASK}; then correct the operation and the row of payments",
)
STATUS = Fault(
    "payment_status",
    "the order says its payment is {said}, what was captured and given back says {due}",
    "UPDATE orders SET payment_status = '{due}' WHERE id = '{subject}'",
)

SOLD = {"confirmed", "shipped", "delivered", "cancelled", "refunded"}


@dataclass(frozen=True)
class Due:
    """What an order and our record say of its payment; ``captured`` and ``refunded``
    are the record's, ``done`` and ``pending`` the sums of its refunds."""

    status: str
    payment_status: str
    total: int
    currency: str
    captured: int
    refunded: int
    done: int
    pending: int


def judge(
    order_id: str, due: Due | None, charges: Sequence[Charge]
) -> Iterator[Violation]:
    if due is None:
        for each in charges:
            facts = {"order_id": order_id, "charge": each.id}
            yield NO_ORDER.of(each.id, amount=each.amount, **facts)
        return
    told = words(due, charges)
    if told["charges"] > 1:
        yield TWICE.of(order_id, **told)
    elif due.status in SOLD:
        yield from judge_sold(order_id, due, charges, told)
    elif due.status == "rejected":
        for each in charges:
            if each.held:
                facts = told | {"held": each.held, "charge": each.id}
                yield NOT_UNDONE.of(order_id, **facts)
    # While something is owed, the provider may be ahead of us.
    if due.status != "pending" and not due.pending:
        yield from judge_record(order_id, due, told)


def words(due: Due, charges: Sequence[Charge]) -> dict[str, Any]:
    return vars(due) | {
        "captured": sum(each.captured for each in charges),
        "refunded": sum(each.refunded for each in charges),
        "noted": due.captured,
        "noted_back": due.refunded,
        "charges": sum(each.captured > 0 for each in charges),
    }


def judge_sold(
    order_id: str, due: Due, charges: Sequence[Charge], told: Mapping[str, Any]
) -> Iterator[Violation]:
    if not told["captured"] and due.total:
        yield MISSING.of(order_id, **told)
    elif told["captured"] != due.total or wrong_currency(due, charges):
        currencies = {each.currency for each in charges}
        facts = {**told, "currency": ", ".join(sorted(currencies))}
        yield AMOUNT.of(order_id, **facts)
    elif not due.done <= told["refunded"] <= due.done + due.pending:
        yield REFUNDED.of(order_id, **told)


def judge_record(
    order_id: str, due: Due, told: Mapping[str, Any]
) -> Iterator[Violation]:
    captured, refunded = told["captured"], told["refunded"]
    if (due.captured, due.refunded) != (captured, refunded):
        yield RECORD.of(order_id, **told)
    said, right = due.payment_status, payment_status(due, captured, refunded)
    if said != right:
        yield STATUS.of(order_id, said=said, due=right)


def wrong_currency(due: Due, charges: Sequence[Charge]) -> bool:
    return any(each.currency != due.currency for each in charges if each.captured)


def payment_status(due: Due, captured: int, refunded: int) -> str:
    if due.status == "rejected":
        return "refunded" if captured else "voided"
    if not captured:
        # Where there was nothing to pay, nothing is to be said.
        return due.payment_status
    if refunded:
        return "refunded" if refunded == captured else "partially_refunded"
    return "captured"


FAULTS = (NO_ORDER, TWICE, MISSING, AMOUNT, NOT_UNDONE, REFUNDED, RECORD, STATUS)
