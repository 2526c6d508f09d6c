"""The ledger: balanced, and of one mind with orders, payments and refunds."""

from ops.audit.faults import Fault, query

CORRECT = (
    "nothing posted is ever changed: post the difference as a transaction of its own,"
    " once you know where it comes from (SELECT * FROM ledger_entries WHERE {which})"
)

UNBALANCED = query(
    "transactions of the ledger",
    Fault(
        "ledger_unbalanced",
        "its debits and credits differ by {sum:money}",
        CORRECT.replace("{which}", "transaction_id = '{subject}'"),
    ),
    "orders",
    """
    SELECT transaction_id AS subject, sum(amount_minor)::bigint AS sum
    FROM ledger_entries GROUP BY transaction_id
    HAVING sum(amount_minor) <> 0
        OR count(DISTINCT (kind, currency, order_id)) <> 1
    """,
)

SALES = query(
    "sales in the ledger",
    Fault(
        "ledger_sale",
        "the order is {status}, its total {total:money}, the sale in the ledger"
        " {posted:money}",
        CORRECT.replace("{which}", "order_id = '{subject}'"),
    ),
    "orders",
    """
    SELECT * FROM (
        SELECT id AS subject, status, total_minor AS total, (
            SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entries
            WHERE order_id = orders.id AND account = 'customer'
        ) AS posted
        FROM orders
    ) AS sale
    WHERE posted <> CASE WHEN status IN ('pending', 'rejected') THEN 0 ELSE total END
    """,
)

LINES = query(
    "lines in the ledger",
    Fault(
        "ledger_line",
        "line {line}: {payable:money} for the seller and {commission:money} commission"
        " were agreed, {posted_payable:money} and {posted_commission:money} posted",
        CORRECT.replace("{which}", "order_id = '{subject}'"),
    ),
    "orders",
    """
    WITH posted AS (
        SELECT order_id, line, seller_id,
            -coalesce(sum(amount_minor) FILTER (WHERE account = 'seller_payable'), 0)
                AS payable,
            -coalesce(sum(amount_minor) FILTER (WHERE account = 'commission'), 0)
                AS commission
        FROM ledger_entries WHERE kind = 'sale' AND seller_id IS NOT NULL
        GROUP BY 1, 2, 3
    ), agreed AS (
        SELECT order_id, position AS line, seller_id, commission_minor AS commission,
            quantity * unit_price_minor - commission_minor AS payable
        FROM order_lines JOIN orders ON id = order_id
        WHERE status NOT IN ('pending', 'rejected')
    )
    SELECT order_id AS subject, line,
        coalesce(agreed.payable, 0)::bigint AS payable,
        coalesce(agreed.commission, 0)::bigint AS commission,
        coalesce(posted.payable, 0)::bigint AS posted_payable,
        coalesce(posted.commission, 0)::bigint AS posted_commission
    FROM agreed FULL JOIN posted USING (order_id, line, seller_id)
    WHERE order_id >= :archived AND (
        coalesce(agreed.payable, 0) <> coalesce(posted.payable, 0)
        OR coalesce(agreed.commission, 0) <> coalesce(posted.commission, 0)
    )
    """,
)

REFUNDS = query(
    "refunds in the ledger",
    Fault(
        "ledger_refund",
        "the refund of {amount:money} is {status}, the ledger has {posted:money}",
        CORRECT.replace("{which}", "transaction_id = '{subject}'"),
    ),
    "orders",
    """
    WITH posted AS (
        SELECT transaction_id, order_id, -sum(amount_minor) AS amount
        FROM ledger_entries WHERE account = 'refunds' GROUP BY 1, 2
    )
    SELECT coalesce(refunds.id, transaction_id) AS subject,
        coalesce(status, 'not there') AS status,
        coalesce(amount_minor, 0)::bigint AS amount,
        coalesce(posted.amount, 0)::bigint AS posted
    FROM refunds FULL JOIN posted
        ON transaction_id = refunds.id AND posted.order_id = refunds.order_id
    WHERE coalesce(refunds.order_id, posted.order_id) >= :archived
        AND coalesce(posted.amount, 0)
            <> CASE WHEN status = 'done' THEN amount_minor ELSE 0 END
    """,
)

PAYMENTS = query(
    "payments in the ledger",
    Fault(
        "ledger_payment",
        "{kept:money} of the customer's were kept, the ledger has {posted:money}",
        CORRECT.replace("{which}", "order_id = '{subject}'"),
    ),
    "orders",
    """
    SELECT * FROM (
        SELECT order_id AS subject, captured_minor - payments.refunded_minor AS kept, (
            SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger_entries AS entry
            WHERE entry.order_id = orders.id AND account IN ('customer', 'refunds')
        ) AS posted
        FROM payments JOIN orders ON orders.id = order_id
        WHERE orders.status <> 'pending' AND NOT EXISTS (
            SELECT FROM refunds WHERE order_id = orders.id AND status <> 'done'
        )
    ) AS payment
    WHERE kept <> posted
    """,
)

CHECKS = (UNBALANCED, SALES, LINES, REFUNDS, PAYMENTS)
