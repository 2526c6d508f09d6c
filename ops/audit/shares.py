"""What sellers and the marketplace get: commissions and payouts."""

from ops.audit.faults import Fault, query
from ops.audit.ledger import CORRECT

RATES = query(
    "commissions",
    Fault(
        "commission_rate",
        "line {line}: {agreed:money} commission, but {rate} bp of {amount:money} is"
        " {due:money}",
        "lines are never changed: find out how this one was",
    ),
    "orders",
    """
    SELECT * FROM (
        SELECT order_id AS subject, position AS line, commission_bp AS rate,
            commission_minor AS agreed, quantity * unit_price_minor AS amount,
            -- As numeric: in basis points a large line is more than a bigint holds.
            div(quantity::numeric * unit_price_minor * commission_bp + 5000, 10000)
                AS due
        FROM order_lines
    ) AS line
    WHERE agreed <> due
    """,
)

PAYOUTS = query(
    "payouts",
    Fault(
        "ledger_payout",
        "{amount:money} were paid out, the ledger has {posted:money}",
        CORRECT.replace("{which}", "transaction_id = '{subject}'"),
    ),
    "orders",
    """
    WITH posted AS (
        SELECT transaction_id, max(seller_id) AS seller_id,
            sum(amount_minor) FILTER (WHERE account = 'seller_payable') AS payable,
            -sum(amount_minor) FILTER (WHERE account = 'payouts') AS paid
        FROM ledger_entries WHERE kind = 'payout' GROUP BY 1
    )
    SELECT coalesce(payouts.id, transaction_id) AS subject,
        coalesce(amount_minor, 0)::bigint AS amount,
        coalesce(payable, paid, 0)::bigint AS posted
    FROM payouts FULL JOIN posted
        ON transaction_id = payouts.id AND posted.seller_id = payouts.seller_id
    WHERE (payable = amount_minor AND paid = amount_minor) IS NOT TRUE
    """,
)

BATCHES = query(
    "batches of payouts",
    Fault(
        "payout_batch",
        "the batch is still open",
        "it was made and closed in one transaction: find out who opened it again",
    ),
    "orders",
    "SELECT id AS subject FROM payout_batches WHERE closed_at IS NULL",
)

CHECKS = (RATES, PAYOUTS, BATCHES)
