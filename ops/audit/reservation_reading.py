"""Reads reservations from MongoDB beside their orders from PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ops.audit.faults import Check, Violation
from ops.audit.merging import merged
from ops.audit.reservations import FAULTS, Held, Ordered, judge
from ops.audit.stores import View


def find(view: View) -> Iterator[Violation]:
    documents = view.documents("stock_reservations", {"$sort": {"_id": 1}})
    held = ((document["_id"], to_held(document)) for document in documents)
    ordered = ((row["id"], to_ordered(row)) for row in view.rows("orders", ORDERED))
    for order_id, said in merged({"ordered": ordered, "held": held}):
        [order] = said["ordered"] or [None]
        if order is None and order_id < view.archived:
            continue
        [reservation] = said["held"] or [Held()]
        yield from judge(order_id, order, reservation, view.now)


def to_ordered(row: Mapping[str, Any]) -> Ordered:
    return Ordered(
        row["status"], row["changed_at"], row["pieces"] or {}, row["back"] or {}
    )


def to_held(document: Mapping[str, Any]) -> Held:
    return Held(
        document["state"],
        added_up(document["items"]),
        added_up(document["returned"]),
        document["expires_at"],
    )


def added_up(lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return {line["product_id"]: line["quantity"] for line in lines}


ORDERED = """
SELECT id, status,
    greatest(placed_at, (
        SELECT max(at) FROM order_history WHERE order_id = orders.id
    )) AS changed_at,
    (
        SELECT jsonb_object_agg(product_id, quantity) FROM (
            SELECT product_id, sum(quantity) AS quantity
            FROM order_lines WHERE order_id = orders.id GROUP BY product_id
        ) AS line
    ) AS pieces,
    (
        SELECT jsonb_object_agg(product_id, quantity) FROM (
            SELECT product_id, sum(quantity) AS quantity
            FROM refunds, jsonb_to_recordset(returned_items)
                AS piece (product_id text, quantity integer)
            WHERE order_id = orders.id AND refunds.status = 'done'
            GROUP BY product_id
        ) AS piece
    ) AS back
FROM orders ORDER BY id COLLATE "C"
"""

CHECKS = (Check("reservations", FAULTS, find),)
