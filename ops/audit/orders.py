"""Orders by themselves: their sums, their parts, and what was told of them."""

from ops.audit.faults import Fault, query

TOTAL = query(
    "totals of orders",
    Fault(
        "order_total",
        "its lines come to {lines:money}, its total is {total:money}",
        "lines are never changed: UPDATE orders SET total_minor = {lines} "
        "WHERE id = '{subject}', if that is what was paid",
    ),
    "orders",
    """
    SELECT id AS subject, total_minor AS total,
        coalesce(sum(quantity * unit_price_minor), 0)::bigint AS lines
    FROM orders LEFT JOIN order_lines ON order_id = id
    GROUP BY id
    HAVING total_minor <> coalesce(sum(quantity * unit_price_minor), 0)
        OR count(order_id) = 0
    """,
)

STEP = query(
    "steps of orders",
    Fault(
        "order_step",
        "it is {status}, but its checkout is at the step {step}",
        "see its payment and its reservation; then set orders.step or orders.status",
    ),
    "orders",
    """
    SELECT id AS subject, status, step FROM orders
    WHERE (status = 'pending') = (step = 'done')
    """,
)

OWED = query(
    "refunds of orders",
    Fault(
        "order_refunds",
        "{status}, {total:money}: {noted:money} noted as refunded, "
        "its refunds come to {owed:money}",
        "the rows of refunds are what is right: UPDATE orders SET refunded_minor = "
        "{owed} WHERE id = '{subject}'; one that is cancelled goes back as a whole",
    ),
    "orders",
    """
    SELECT * FROM (
        SELECT id AS subject, status, total_minor AS total, refunded_minor AS noted, (
            SELECT coalesce(sum(amount_minor), 0)::bigint
            FROM refunds WHERE order_id = orders.id
        ) AS owed
        FROM orders
    ) AS sums
    WHERE noted <> owed OR owed > total
        OR (status IN ('cancelled', 'refunded') AND owed <> total)
        OR (status IN ('pending', 'rejected') AND owed <> 0)
    """,
)

PARTS = query(
    "fulfilments",
    Fault(
        "order_parts",
        "it is {status}, its parts are {parts}",
        "see its history: one fulfilment for each seller, as far as the order is",
    ),
    "orders",
    """
    SELECT orders.id AS subject, orders.status,
        coalesce(string_agg(DISTINCT part.status, ', '), 'not there') AS parts
    FROM orders LEFT JOIN fulfilments AS part ON order_id = orders.id
    GROUP BY orders.id
    HAVING count(part.id) <> (
            SELECT count(DISTINCT seller_id) FROM order_lines
            WHERE order_id = orders.id
        )
        OR count(DISTINCT part.seller_id) <> count(part.id)
        OR (orders.status NOT IN ('pending', 'confirmed')
            AND bool_or(part.status = 'pending'))
        OR (orders.status = 'delivered' AND bool_or(part.status = 'shipped'))
        OR (orders.status IN ('pending', 'cancelled', 'rejected')
            AND bool_or(part.status IN ('shipped', 'delivered')))
    """,
)

SELLERS = query(
    "sellers of orders",
    Fault(
        "order_sellers",
        "the seller {seller} has {lines} lines of it and {parts} parts",
        "lines are never changed: give the part whose seller has no line to the one"
        " who has: UPDATE fulfilments SET seller_id = ... WHERE order_id = '{subject}'",
    ),
    "orders",
    """
    WITH sold AS (
        SELECT order_id, seller_id, count(*) AS lines FROM order_lines GROUP BY 1, 2
    ), sent AS (
        SELECT order_id, seller_id, count(*) AS parts FROM fulfilments GROUP BY 1, 2
    )
    SELECT order_id AS subject, seller_id AS seller,
        coalesce(lines, 0) AS lines, coalesce(parts, 0) AS parts
    FROM sold FULL JOIN sent USING (order_id, seller_id)
    WHERE lines IS NULL OR parts IS NULL
    """,
)

EVENTS = query(
    "events of orders",
    Fault(
        "order_event",
        "it is {status}, but {type} was told {times} times",
        "write the event that is missing into outbox, in the form of its neighbours;"
        " one too many has done no harm: handlers hear each once",
    ),
    "orders",
    """
    SELECT id AS subject, status, due.type, coalesce(times, 0) AS times
    FROM orders CROSS JOIN LATERAL (VALUES
        ('order.confirmed', status NOT IN ('pending', 'rejected')),
        ('order.rejected', status = 'rejected'),
        ('order.shipped', NULL),
        ('order.delivered', status = 'delivered'),
        ('order.cancelled', status = 'cancelled')
    ) AS due (type, is_due) LEFT JOIN (
        SELECT aggregate_id, type, count(*) AS times FROM outbox GROUP BY 1, 2
    ) AS told ON aggregate_id = id AND told.type = due.type
    WHERE coalesce(times, 0) <> is_due::integer OR times > 1
    """,
)

CHECKS = (TOTAL, STEP, OWED, PARTS, SELLERS, EVENTS)
