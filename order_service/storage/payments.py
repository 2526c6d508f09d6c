"""Where payments live: what was asked of the provider, and what it adds up to."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from common.money import Money
from order_service.domain.payment import Kind, Operation, Outcome, Payment
from order_service.storage import rows
from order_service.storage.models import OrderBase, PaymentEventRow, PaymentRow

PAYMENTS = OrderBase.metadata.tables["payments"]
OPERATIONS = OrderBase.metadata.tables["payment_operations"]
# Of an operation, what is known only once it was asked for.
LEARNED = ("outcome", "reference", "reason")

LOCKED = (
    select(PAYMENTS.c.provider, PAYMENTS.c.amount_minor, PAYMENTS.c.currency)
    .where(PAYMENTS.c.order_id == bindparam("order_id"))
    .with_for_update()
)
KNOWN = (
    select(*(OPERATIONS.c[name] for name in ("key", "kind", "amount_minor", *LEARNED)))
    .where(OPERATIONS.c.order_id == bindparam("order_id"))
    .order_by(OPERATIONS.c.at)
)
CHANGE = update(PAYMENTS).where(PAYMENTS.c.order_id == bindparam("its_order_id"))
KEEP = insert(OPERATIONS)
KEEP = KEEP.on_conflict_do_update(
    index_elements=["key", "order_id"],
    set_={name: KEEP.excluded[name] for name in LEARNED},
)


class PaymentRepository:
    def __init__(self, session: Session) -> None:
        self.session = session
        # Locked by this transaction, so nobody else has changed them since.
        self.opened: dict[str, Payment] = {}
        # As they are stored.
        self.payments: dict[str, dict[str, object]] = {}
        self.operations: dict[str, Operation] = {}

    def open(self, wanted: Operation, provider: str) -> Payment:
        """The payment that ``wanted`` is of, made now if there is none; locked."""
        return self.find(wanted.order_id) or self.made(wanted, provider)

    def made(self, wanted: Operation, provider: str) -> Payment:
        """The same, sooner where there is none."""
        fresh = Payment(wanted.order_id, provider, wanted.amount)
        fields = fields_of(fresh)
        if self.session.scalar(rows.once(PaymentRow), fields) is None:
            found = self.find(wanted.order_id)
            assert found is not None  # noqa: S101
            return found
        self.payments[wanted.order_id] = fields
        self.opened[wanted.order_id] = fresh
        return fresh

    def find(self, order_id: str) -> Payment | None:
        """Locked until the transaction ends."""
        if order_id in self.opened:
            return self.opened[order_id]
        wanted = {"order_id": order_id}
        row = self.session.execute(LOCKED, wanted).one_or_none()
        if row is None:
            return None
        # Not with the same statement, which would see them as they were before
        # it had to wait for the lock.
        known = [
            to_operation(order_id, row.currency, each)
            for each in self.session.execute(KNOWN, wanted)
        ]
        amount = Money(row.amount_minor, row.currency)
        self.operations |= {one.key: replace(one) for one in known}
        operations = {one.key: one for one in known}
        payment = Payment(order_id, row.provider, amount, operations)
        self.payments[order_id] = fields_of(payment)
        self.opened[order_id] = payment
        return payment

    def is_news(self, event_id: str, kind: str) -> bool:
        """Whether this event was not heard before; it is from now on."""
        row = {"id": event_id, "type": kind}
        return self.session.scalar(rows.once(PaymentEventRow), row) is not None

    def save(self, payment: Payment) -> None:
        """One that was opened or found in this transaction."""
        fields = fields_of(payment)
        if fields != self.payments[payment.order_id]:
            self.session.execute(CHANGE, fields | {"its_order_id": payment.order_id})
            self.payments[payment.order_id] = fields
        for operation in payment.operations.values():
            if operation != self.operations.get(operation.key):
                self.session.execute(KEEP, operation_fields(operation))
                self.operations[operation.key] = replace(operation)


def fields_of(payment: Payment) -> dict[str, object]:
    return {
        "order_id": payment.order_id,
        "provider": payment.provider,
        "reference": payment.reference,
        "amount_minor": payment.amount.amount,
        "currency": payment.amount.currency,
        "captured_minor": payment.captured,
        "refunded_minor": payment.refunded,
        "status": payment.status.value,
    }


def operation_fields(operation: Operation) -> dict[str, object]:
    return {
        "key": operation.key,
        "order_id": operation.order_id,
        "kind": operation.kind.value,
        "amount_minor": operation.amount.amount,
        "outcome": operation.outcome.value,
        "reference": operation.reference,
        "reason": operation.reason,
    }


def to_operation(order_id: str, currency: str, row: Row[Any]) -> Operation:
    return Operation(
        row.key,
        order_id,
        Kind(row.kind),
        Money(row.amount_minor, currency),
        Outcome(row.outcome),
        row.reference,
        row.reason,
    )
