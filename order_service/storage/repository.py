"""Where orders live.

A repository speaks aggregates: no row leaves it, no query language enters
it.  Saving an order also saves the events and the postings it gathered, in one
transaction.
"""

from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from common import tracing
from common.idempotency import prune
from common.inbox import Inbox
from common.outbox import outbox_row
from common.sealing import Seal
from common.together import put
from order_service.domain import errors
from order_service.domain.history import Entry
from order_service.domain.ledger import Posting
from order_service.domain.order import MOST_ATTEMPTS, Order
from order_service.domain.refund import Refund
from order_service.domain.states import Status
from order_service.domain.steps import Step
from order_service.storage import (
    history,
    keys,
    refunds,
    request_keys,
    rows,
    sealed,
    steps,
)
from order_service.storage.claims import Claim
from order_service.storage.commissions import CommissionRepository
from order_service.storage.ledger import LedgerRepository, entries_of
from order_service.storage.models import (
    ORDER_NUMBERS,
    ErasedCustomerRow,
    FulfilmentRow,
    HistoryRow,
    IdempotencyKeyRow,
    InboxRow,
    LedgerEntryRow,
    LineRow,
    OrderRow,
    OutboxRow,
)
from order_service.storage.payments import PaymentRepository
from order_service.storage.request_keys import RequestKeys
from order_service.storage.selling import Sales

CUSTOMER_LOCK = 0xCA11
GONE = select(ErasedCustomerRow.customer_id).where(
    ErasedCustomerRow.customer_id == bindparam("customer_id")
)


class OrderRepository:
    def __init__(
        self, session: Session, correlation_id: str | None = None, *, seal: Seal
    ) -> None:
        self.session, self.seal = session, seal
        self.ledger = LedgerRepository(session)
        self.commissions = CommissionRepository(session)
        self.correlation_id, self.has_news = correlation_id, False
        self.payments = PaymentRepository(session)
        self.requests, self.sales = RequestKeys(session, seal), Sales(session)
        self.inbox = Inbox(session, InboxRow)
        # A session forgets the rows that nobody holds.
        self.held: list[Any] = []

    def number_for(self, customer_id: str) -> str:
        """The number of a new order; nobody is forgotten till that is stored."""
        lock = func.pg_advisory_xact_lock_shared(*lock_of(customer_id))
        number, _ = self.session.execute(select(ORDER_NUMBERS.next_value(), lock)).one()
        return str(number)

    def answered(self, claim: Claim) -> dict | None:
        """The answer given under this key before; None when there is none.

        Raises when the key came with another request, or is still at work.
        """
        return keys.answered(self.session, self.seal, claim)

    def add(self, order: Order, claim: Claim, now: datetime) -> None:
        """Keep a new order, which has its ``number_for`` this customer, under its key.

        Raises when the key, or the customer's cart, is at work.
        """
        session = self.session
        if not keys.take(session, claim, order, now):
            self.demand_known(order.customer_id)
            # By the same request, sent twice, or by another.
            if self.answered(claim) or not order.from_cart:
                raise errors.request_in_progress()
            raise errors.cart_in_checkout()
        address = sealed.closed_address(self.seal, order.id, order.shipping_address)
        more = {"shipping_address": address, "traceparent": tracing.here()}
        row = rows.order_fields(order) | more
        # A process of before there were months may be ordering the same cart.
        if session.scalar(rows.once(OrderRow), row) is None:
            raise errors.cart_in_checkout()
        put(
            session,
            {
                LineRow: rows.lines_of(order),
                FulfilmentRow: rows.fulfilments_of(order),
                HistoryRow: history.rows_of(order, now),
            },
        )

    def demand_known(self, customer_id: str) -> None:
        """Have nobody forgotten till this is stored; raises for who is already."""
        lock = func.pg_advisory_xact_lock_shared(*lock_of(customer_id))
        self.session.execute(select(lock))
        if self.is_gone(customer_id):
            raise errors.customer_gone()

    def is_gone(self, customer_id: str) -> bool:
        """Whether this customer has been forgotten by now."""
        return self.session.scalar(GONE, {"customer_id": customer_id}) is not None

    def forget(self, customer_id: str, now: datetime) -> None:
        """Leave of a customer's orders what was sold; they place no others."""
        session = self.session
        session.execute(select(func.pg_advisory_xact_lock(*lock_of(customer_id))))
        gone = {"customer_id": customer_id, "erased_at": now}
        session.execute(rows.once(ErasedCustomerRow), gone)
        self.lock_orders_of(customer_id)
        session.execute(delete(IdempotencyKeyRow).filter_by(customer_id=customer_id))
        theirs = select(OrderRow.id).filter_by(customer_id=customer_id)
        for each in (history.forget_words, refunds.forget_words, request_keys.forget):
            each(session, theirs)
        country = func.jsonb_build_object(
            "country", OrderRow.shipping_address["country"], type_=JSONB
        )
        session.execute(
            update(OrderRow)
            .filter_by(customer_id=customer_id)
            .where(OrderRow.shipping_address != country)
            .values(shipping_address=country, version=OrderRow.version + 1)
        )

    def lock_orders_of(self, customer_id: str) -> None:
        """As all do who change an order and its key: the order first."""
        theirs = select(OrderRow.id).filter_by(customer_id=customer_id)
        self.session.execute(theirs.order_by(OrderRow.id).with_for_update())

    def get(self, order_id: str) -> Order:
        """An order to change, locked until the transaction ends."""
        row = self.session.get(OrderRow, order_id, with_for_update=True)
        if row is None:
            raise errors.no_such_order(order_id)
        return self.whole([row])[0]

    def get_with(self, seller_id: str, fulfilment_id: str) -> Order:
        """The order to change that this part of this shop's is of."""
        found = select(FulfilmentRow).filter_by(id=fulfilment_id)
        part = self.session.scalar(found)
        if part is None or part.seller_id != seller_id:
            raise errors.no_such_fulfilment(fulfilment_id)
        order_id = part.order_id
        # Read again once the order is locked.
        self.session.expire(part)
        return self.get(order_id)

    def find(self, customer_id: str | None, order_id: str) -> Order:
        """Another customer's order does not exist for this one; None may see all."""
        row = self.session.get(OrderRow, order_id)
        if row is None or customer_id not in (None, row.customer_id):
            raise errors.no_such_order(order_id)
        return self.whole([row])[0]

    def history_of(self, order_id: str) -> list[Entry]:
        """Who did what to it, and when; the oldest first."""
        return history.of_order(self.session, order_id)

    def of_customer(
        self, customer_id: str, status: Status | None, limit: int, cursor: list | None
    ) -> list[Order]:
        """Up to ``limit + 1`` orders, the newest first."""
        wanted = select(OrderRow).filter_by(customer_id=customer_id)
        if status:
            wanted = wanted.filter_by(status=status.value)
        if cursor:
            wanted = wanted.where(OrderRow.id < cursor[-1])
        newest = wanted.order_by(OrderRow.id.desc()).limit(limit + 1)
        return self.whole(list(self.session.scalars(newest)))

    def sold_by(self, seller_id: str, **wanted: Any) -> list[Order]:
        """Up to ``limit + 1`` orders with a part of this shop's, the newest first."""
        ids = self.sales.ids_of(seller_id, **wanted)
        found = select(OrderRow).where(OrderRow.id.in_(ids))
        return self.whole(
            list(self.session.scalars(found.order_by(OrderRow.id.desc())))
        )

    def lease_refunds(self, now: datetime, most: int) -> list[Refund]:
        """Refunds that a crash or an outage left, leased to the caller."""
        return refunds.lease_due(self.session, now, most)

    def traceparent_of(self, order_id: str) -> str | None:
        """The span that placed the order."""
        return self.session.scalar(
            select(OrderRow.traceparent).where(OrderRow.id == order_id)
        )

    def lease_due(
        self,
        now: datetime,
        until: datetime,
        most: int,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> list[Order]:
        """Pending orders that nobody is working on, leased to the caller."""
        due = self.session.scalars(
            select(OrderRow)
            .where(OrderRow.step != Step.DONE.value, OrderRow.resume_at <= now)
            .order_by(OrderRow.resume_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        orders = self.whole(list(due))
        for order in orders:
            order.lease(until, most_attempts)
            self.save(order, now)
        return orders

    def save(self, order: Order, now: datetime) -> None:
        row = self.session.get_one(OrderRow, order.id)
        for name, value in rows.order_fields(order).items():
            setattr(row, name, value)
        for part in order.fulfilments:
            kept = self.session.get_one(FulfilmentRow, (part.id, order.id))
            kept.status, kept.tracking_number = part.status.value, part.tracking_number
        refunds.keep(self.session, order)
        self.keep_what_happened(order, now)

    def keep_what_happened(self, order: Order, now: datetime) -> None:
        told = [
            outbox_row(event, order.id, now, self.correlation_id)
            for event in order.events
        ]
        first, others = order.postings[:1], order.postings[1:]
        put(
            self.session,
            {
                HistoryRow: history.rows_of(order, now),
                OutboxRow: told,
                LedgerEntryRow: entries_of(map(self.written, first), now),
            },
        )
        for posting in others:
            # What is given back depends on what was posted before.
            self.ledger.post([self.written(posting)], now)
        self.has_news = self.has_news or bool(told)
        order.events.clear()
        order.postings.clear()

    def written(self, posting: Posting) -> Posting:
        return posting.written(self.ledger.of_order)

    def step_on(self, before: Order, ahead: Order, now: datetime) -> bool:
        """Keep what the checkout has changed, without reading the order again.

        False when somebody else has changed the order in between.
        """
        if not steps.step_on(self.session, before, ahead):
            return False
        self.keep_what_happened(ahead, now)
        return True

    def answer(self, order_id: str, answer: dict | None) -> None:
        """Pin the answer to the order's key, or free the key for another try."""
        keys.answer(self.session, self.seal, order_id, answer)

    def forget_keys(self, before: datetime) -> None:
        """Drop keys from ``before``, but none whose order is still at work."""
        known = IdempotencyKeyRow
        prune(self.session, known, known.created_at < before, known.answer.is_not(None))
        self.requests.prune(before)

    def whole(self, found: list[OrderRow]) -> list[Order]:
        ids = [row.id for row in found]
        lines, parts = select(LineRow), select(FulfilmentRow)
        lines = lines.where(LineRow.order_id.in_(ids)).order_by(LineRow.position)
        parts = parts.where(FulfilmentRow.order_id.in_(ids)).order_by(FulfilmentRow.id)
        lines_of = rows.by_order(self.session.scalars(lines))
        parts_of = rows.by_order(self.session.scalars(parts))
        self.held += [*found, *chain.from_iterable(parts_of.values())]
        back_of = rows.by_order(refunds.of_orders(self.session, found))
        return [
            rows.to_order(
                row,
                self.address_of(row),
                lines_of[row.id],
                parts_of[row.id],
                back_of[row.id],
            )
            for row in found
        ]

    def address_of(self, row: OrderRow) -> dict:
        return sealed.opened_address(self.seal, row.id, row.shipping_address)


def lock_of(customer_id: str) -> tuple[Any, Any]:
    return CUSTOMER_LOCK, func.hashtext(customer_id)
