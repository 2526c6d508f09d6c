"""What is under way for longer than anything should be."""

from collections.abc import Iterator
from datetime import datetime

from common.schemas import iso
from ops.audit.faults import Check, Fault, Violation, query
from ops.audit.stores import View

EVENT = Fault(
    "event_waiting",
    "{type} of {aggregate} waits in the outbox of {where} for {since:age}",
    "does {service} run, and the broker? Its log says `the outbox waits` and why",
)
SAGA = Fault(
    "saga_waiting",
    "its checkout is at the step {step} for {since:age}, after {attempts} tries",
    "does order_service run, and what it asks? It tries again by itself",
)
REFUND = Fault(
    "refund_waiting",
    "{amount:money} of order {order_id} are owed for {since:age}, "
    "after {attempts} tries",
    "does order_service run, and the payment provider? It tries again by itself",
)
KEY = Fault(
    "key_waiting",
    "a request of {asker} is without an answer for {since:age}",
    "does {service} run? The key is answered or dropped with what was asked for",
)

OUTBOX = """
SELECT event_id AS subject, type, aggregate_id AS aggregate,
    :now - (body ->> 'occurred_at')::timestamptz AS since
FROM outbox
WHERE published_at IS NULL AND (body ->> 'occurred_at')::timestamptz < :before
"""
OUTBOXES = {
    "auth": "auth_service",
    "users": "user_service",
    "orders": "order_service",
}


def outbox(name: str, service: str) -> Check:
    def find(view: View) -> Iterator[Violation]:
        for row in view.rows(name, OUTBOX):
            yield EVENT.of(**row, where=name, service=service)

    return Check(f"outbox of {name}", (EVENT,), find)


def catalogue(view: View) -> Iterator[Violation]:
    waiting = view.documents(
        "products",
        {"$match": {"events.occurred_at": {"$lt": iso(view.before)}}},
        {"$unwind": "$events"},
        {"$match": {"events.occurred_at": {"$lt": iso(view.before)}}},
        {"$project": {"event": "$events"}},
    )
    for document in waiting:
        event = document["event"]
        yield EVENT.of(
            event["id"],
            type=event["type"],
            aggregate=document["_id"],
            where="the catalogue",
            service="product_service",
            since=view.now - datetime.fromisoformat(event["occurred_at"]),
        )


SAGAS = query(
    "checkouts",
    SAGA,
    "orders",
    """
    SELECT id AS subject, step, attempts, :now - placed_at AS since
    FROM orders WHERE step <> 'done' AND placed_at < :before
    """,
)

REFUNDS = query(
    "refunds",
    REFUND,
    "orders",
    """
    SELECT id AS subject, order_id, amount_minor AS amount, attempts,
        :now - created_at AS since
    FROM refunds WHERE status <> 'done' AND created_at < :before
    """,
)

ORDER_KEYS = query(
    "keys of orders",
    KEY,
    "orders",
    """
    SELECT order_id AS subject, 'customer ' || customer_id AS asker,
        'order_service' AS service, :now - created_at AS since
    FROM idempotency_keys WHERE answer IS NULL AND created_at < :before
    """,
)

SIGN_UP_KEYS = query(
    "keys of sign-ups",
    KEY,
    "users",
    """
    SELECT key_hash AS subject, 'user ' || user_id AS asker,
        'user_service and auth_service' AS service, :now - created_at AS since
    FROM idempotency_keys WHERE answer IS NULL AND busy_until < :before
    """,
)

CHECKS = (
    *(outbox(name, service) for name, service in OUTBOXES.items()),
    Check("outbox of the catalogue", (EVENT,), catalogue),
    SAGAS,
    REFUNDS,
    ORDER_KEYS,
    SIGN_UP_KEYS,
)
