"""What was told and written down of what happened to an order."""

from ops.audit.faults import Fault, query

REFUNDS = query(
    "events of refunds",
    Fault(
        "refund_event",
        "the refund is {status}, but order.refunded was told {times} times",
        "write the event that is missing into outbox, in the form of its neighbours;"
        " one too many puts what came back on the shelf again: count it",
    ),
    "orders",
    """
    WITH told AS (
        SELECT body -> 'data' ->> 'refund_id' AS id, aggregate_id AS order_id,
            count(*) AS times
        FROM outbox WHERE type = 'order.refunded' GROUP BY 1, 2
    )
    SELECT coalesce(refunds.id, told.id, told.order_id) AS subject,
        coalesce(status, 'not there') AS status, coalesce(times, 0) AS times
    FROM refunds FULL JOIN told
        ON told.id = refunds.id AND told.order_id = refunds.order_id
    WHERE coalesce(refunds.order_id, told.order_id) >= :archived
        AND coalesce(times, 0) <> CASE WHEN status = 'done' THEN 1 ELSE 0 END
    """,
)

HISTORY = query(
    "histories of orders",
    Fault(
        "order_history",
        "its history has order.placed {times} times",
        "write the entry that is missing into order_history, as of orders.placed_at;"
        " the other entries stay as they are",
    ),
    "orders",
    """
    SELECT orders.id AS subject, count(order_history.order_id) AS times
    FROM orders LEFT JOIN order_history
        ON order_history.order_id = orders.id AND event = 'order.placed'
    GROUP BY orders.id HAVING count(order_history.order_id) <> 1
    """,
)

CHECKS = (REFUNDS, HISTORY)
