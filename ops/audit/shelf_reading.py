"""Reads what MongoDB has of each shelf: grouped there, brought together here."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ops.audit.faults import Check, Violation
from ops.audit.merging import merged
from ops.audit.shelves import FAULTS, LIVE, Shelf, judge
from ops.audit.stores import View


def find(view: View) -> Iterator[Violation]:
    for product_id, said in merged(
        {
            "counters": by_product(view.documents("products", *COUNTERS)),
            "movements": by_product(view.documents("stock_movements", *MOVEMENTS)),
            "pieces": by_product(view.documents("stock_reservations", *PIECES)),
            "returned": by_product(view.documents("stock_reservations", *BACK)),
        }
    ):
        yield from judge(shelf_of(product_id, **said))


def by_product(
    documents: Iterable[dict[str, Any]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    for document in documents:
        yield document["product_id"], document


def shelf_of(
    product_id: str,
    counters: list[dict[str, Any]],
    movements: list[dict[str, Any]],
    pieces: list[dict[str, Any]],
    returned: list[dict[str, Any]],
) -> Shelf:
    [counter] = counters or [{"available": None, "reserved": None}]
    return Shelf(
        product_id,
        counter["available"],
        counter["reserved"],
        Counter({each["kind"]: each["delta"] for each in movements}),
        Counter({each["kind"]: each["reserved_delta"] for each in movements}),
        Counter({each["state"]: each["pieces"] for each in pieces}),
        sum(each["pieces"] for each in returned),
    )


def summed(by: dict[str, str], **sums: str) -> tuple[dict[str, Any], ...]:
    """Groups by product and by others, in the order of the products."""
    names = {name: f"$_id.{name}" for name in by}
    return (
        {"$group": {"_id": by} | {n: {"$sum": f"${s}"} for n, s in sums.items()}},
        {"$sort": {"_id.product_id": 1}},
        {"$project": {"_id": 0} | names | dict.fromkeys(sums, 1)},
    )


COUNTERS: tuple[dict[str, Any], ...] = (
    {"$sort": {"_id": 1}},
    {"$project": {"product_id": "$_id", "available": 1, "reserved": 1}},
)
MOVEMENTS = summed(
    {"product_id": "$product_id", "kind": "$kind"},
    delta="delta",
    reserved_delta="reserved_delta",
)
PIECES: tuple[dict[str, Any], ...] = (
    {"$match": {"state": {"$in": [*LIVE, "sold"]}}},
    {"$unwind": "$items"},
    *summed(
        {"product_id": "$items.product_id", "state": "$state"}, pieces="items.quantity"
    ),
)
BACK: tuple[dict[str, Any], ...] = (
    {"$unwind": "$returned"},
    *summed({"product_id": "$returned.product_id"}, pieces="returned.quantity"),
)

CHECKS = (
    Check(
        "products",
        FAULTS,
        find,
    ),
)
