"""Where payments live: what was asked of the provider, and what it adds up to."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.money import Money
from order_service.domain.payment import Kind, Operation, Outcome, Payment
from order_service.storage import rows
from order_service.storage.models import (
    PaymentEventRow,
    PaymentOperationRow,
    PaymentRow,
)

# Of an operation, what is known only once it was asked for.
LEARNED = ("outcome", "reference", "reason")


class PaymentRepository:
    def __init__(self, session: Session) -> None:
        self.session = session
        # As they are stored, by their keys.
        self.stored: dict[str, Operation] = {}
        # A session forgets the rows that nobody holds.
        self.held: list[PaymentRow] = []

    def open(self, order_id: str, provider: str, amount: Money) -> Payment:
        """The payment of an order, made now if there is none; locked."""
        if found := self.find(order_id):
            return found
        fresh = Payment(order_id, provider, amount)
        self.session.execute(rows.insert_once(PaymentRow, fields_of(fresh)))
        made = self.find(order_id)
        assert made is not None  # noqa: S101
        return made

    def find(self, order_id: str) -> Payment | None:
        """Locked until the transaction ends."""
        row = self.session.get(PaymentRow, order_id, with_for_update=True)
        if row is None:
            return None
        self.held.append(row)
        known = select(PaymentOperationRow).filter_by(order_id=order_id)
        operations = [
            to_operation(one, row.currency)
            for one in self.session.scalars(known.order_by(PaymentOperationRow.at))
        ]
        amount = Money(row.amount_minor, row.currency)
        by_key = {one.key: one for one in operations}
        self.stored |= {key: replace(one) for key, one in by_key.items()}
        return Payment(order_id, row.provider, amount, by_key)

    def is_news(self, event_id: str, kind: str) -> bool:
        """Whether this event was not heard before; it is from now on."""
        row = {"id": event_id, "type": kind}
        news = rows.insert_once(PaymentEventRow, row).returning(rows.DONE)
        return self.session.scalar(news) is not None

    def save(self, payment: Payment) -> None:
        row = self.session.get_one(PaymentRow, payment.order_id)
        for name, value in fields_of(payment).items():
            setattr(row, name, value)
        # The lines below refer to that row.
        self.session.flush()
        for operation in payment.operations.values():
            if operation == self.stored.get(operation.key):
                continue
            fields = operation_fields(operation)
            changed = {
                name: fields[name] for name in ("outcome", "reference", "reason")
            }
            self.session.execute(
                rows.into(PaymentOperationRow)
                .values(fields)
                .on_conflict_do_update(index_elements=["key", "order_id"], set_=changed)
            )


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


def to_operation(row: PaymentOperationRow, currency: str) -> Operation:
    return Operation(
        row.key,
        row.order_id,
        Kind(row.kind),
        Money(row.amount_minor, currency),
        Outcome(row.outcome),
        row.reference,
        row.reason,
    )
