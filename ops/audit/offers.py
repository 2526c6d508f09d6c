"""What the catalogue offers, against what sellers chose and whether they may sell."""

from collections.abc import Iterator
from typing import Any

from ops.audit.faults import Check, Fault, Violation
from ops.audit.stores import View

FOR_SALE = Fault(
    "product_for_sale",
    "it is {status}, its seller {seller}, but it is {offered}",
    "db.products.updateOne({{_id: '{subject}'}}, {{$set: {{for_sale: {due}}}}})",
)

DUE: dict[str, Any] = {"$and": [{"$eq": ["$status", "active"]}, "$seller_active"]}
FOUND = {name: 1 for name in ("status", "seller_active", "for_sale")}


def find(view: View) -> Iterator[Violation]:
    wrong = {"$match": {"$expr": {"$ne": ["$for_sale", DUE]}}}
    project = {"$project": FOUND | {"due": DUE}}
    for product in view.documents("products", wrong, project):
        yield FOR_SALE.of(
            product["_id"],
            status=product.get("status"),
            seller="may sell" if product.get("seller_active") else "may not sell",
            offered="for sale" if product.get("for_sale") else "not for sale",
            due=str(product["due"]).lower(),
        )


CHECKS = (Check("products for sale", (FOR_SALE,), find),)
