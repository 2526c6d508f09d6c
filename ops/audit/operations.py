"""Our record of payments, against what was asked of the provider for each."""

from ops.audit.faults import Fault, query

# As order_service/domain/payment.py adds them up.
OPERATIONS = query(
    "operations of payments",
    Fault(
        "payment_operations",
        "our record is {status}, {captured:money} captured and {refunded:money} given"
        " back; its operations come to {due}, {taken:money} and {back:money}",
        "ask the provider what it has; then correct the operation or the row of"
        " payments (SELECT * FROM payment_operations WHERE order_id = '{subject}')",
    ),
    "orders",
    """
    WITH done AS (
        SELECT order_id,
            coalesce(sum(amount_minor) FILTER (WHERE kind = 'capture'), 0) AS taken,
            coalesce(sum(amount_minor) FILTER (WHERE kind = 'refund'), 0) AS back,
            bool_or(kind = 'void') AS is_voided,
            bool_or(kind = 'authorise') AS is_authorised
        FROM payment_operations WHERE outcome = 'done' GROUP BY order_id
    ), sums AS (
        SELECT payments.order_id AS subject, status, captured_minor AS captured,
            refunded_minor AS refunded, coalesce(taken, 0)::bigint AS taken,
            coalesce(back, 0)::bigint AS back,
            CASE
                WHEN taken > 0 AND back = taken THEN 'refunded'
                WHEN taken > 0 AND back > 0 THEN 'partially_refunded'
                WHEN taken > 0 THEN 'captured'
                WHEN is_voided THEN 'voided'
                WHEN is_authorised THEN 'authorised'
                ELSE 'pending'
            END AS due
        FROM payments LEFT JOIN done ON done.order_id = payments.order_id
    )
    SELECT * FROM sums
    WHERE (status, captured, refunded) <> (due, taken, back)
    """,
)

CHECKS = (OPERATIONS,)
