"""Reads what orders and our record say of payments beside the provider's charges."""

from collections.abc import Iterator, Mapping
from typing import Any

from ops.audit.charges import charged
from ops.audit.faults import Check, Violation
from ops.audit.merging import merged
from ops.audit.payments import FAULTS, Due, judge
from ops.audit.stores import View


def find(view: View) -> Iterator[Violation]:
    due = ((row["id"], to_due(row)) for row in view.rows("orders", DUE))
    for order_id, said in merged({"due": due, "charges": charged(view)}):
        [order] = said["due"] or [None]
        if order is None and order_id < view.archived:
            continue
        yield from judge(order_id, order, said["charges"])


def to_due(row: Mapping[str, Any]) -> Due:
    return Due(**{name: value for name, value in row.items() if name != "id"})


DUE = """
SELECT orders.id, orders.status, payment_status, total_minor AS total,
    orders.currency, coalesce(captured_minor, 0) AS captured,
    coalesce(payments.refunded_minor, 0) AS refunded,
    coalesce(done, 0)::bigint AS done, coalesce(pending, 0)::bigint AS pending
FROM orders LEFT JOIN payments ON payments.order_id = orders.id
CROSS JOIN LATERAL (
    SELECT sum(amount_minor) FILTER (WHERE refunds.status = 'done') AS done,
        sum(amount_minor) FILTER (WHERE refunds.status <> 'done') AS pending
    FROM refunds WHERE refunds.order_id = orders.id
) AS back
ORDER BY orders.id COLLATE "C"
"""

CHECKS = (Check("payments", FAULTS, find),)
