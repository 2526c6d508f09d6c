"""What is on the shelves, against the ledger of stock and the reservations."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ops.audit.faults import Fault, Violation

RECOUNT = (
    "count the shelf; if the ledger is right: db.products.updateOne("
    "{{_id: '{subject}'}}, {{$set: {{available: {available}, reserved: {reserved}}}}})"
)
LOOK = "compare db.stock_movements.find({{product_id: '{subject}'}}) with {where}"

ON_HAND = Fault(
    "stock_on_hand",
    "{came} came in and {back} came back, but {on_hand} are on hand and {sold} sold",
    RECOUNT,
)
RESERVED = Fault(
    "stock_reserved",
    "{reserved_now} are counted as reserved, but {held} are held for orders",
    RECOUNT,
)
LEDGER = Fault(
    "stock_ledger",
    "the ledger has {noted} reserved, but {held} are held for orders",
    LOOK,
)
NEGATIVE = Fault(
    "stock_negative",
    "{available_now} available, {reserved_now} reserved: less than nothing",
    RECOUNT,
)
SOLD = Fault(
    "stock_sold", "the ledger has {sold} sold, the reservations {pieces_sold}", LOOK
)
RETURNED = Fault(
    "stock_returned",
    "the ledger has {back} come back, the reservations {pieces_back}",
    LOOK,
)
NO_PRODUCT = Fault(
    "stock_without_product",
    "there is stock of it, but no such product",
    "restore the product from a backup: db.products has no {subject}",
)
LIVE = ("held", "committed")


@dataclass(frozen=True)
class Shelf:
    """What the stores say of one product; ``moved`` and ``put`` by kind of movement,
    ``pieces`` by the state of the reservations that they are in."""

    product_id: str
    available: int | None = None
    reserved: int | None = None
    moved: Counter[str] = field(default_factory=Counter)
    put: Counter[str] = field(default_factory=Counter)
    pieces: Counter[str] = field(default_factory=Counter)
    pieces_back: int = 0


def judge(shelf: Shelf) -> Iterator[Violation]:
    if shelf.available is None or shelf.reserved is None:
        yield NO_PRODUCT.of(shelf.product_id)
        return
    held = sum(shelf.pieces[state] for state in LIVE)
    on_hand, counted = shelf.available + shelf.reserved, shelf.moved.total()
    facts: dict[str, Any] = {
        "came": shelf.moved["adjustment"],
        "back": shelf.moved["return"],
        "sold": -shelf.moved["sale"],
        "on_hand": on_hand,
        "noted": shelf.put.total(),
        "held": held,
        "available_now": shelf.available,
        "reserved_now": shelf.reserved,
        "pieces_sold": shelf.pieces["sold"],
        "pieces_back": shelf.pieces_back,
        # As the ledger of what is on hand and the reservations have it.
        "available": counted - held,
        "reserved": held,
        "where": f"db.stock_reservations.find({{'items.product_id': "
        f"'{shelf.product_id}'}})",
    }
    wrong = {
        ON_HAND: facts["came"] + facts["back"] != on_hand + facts["sold"],
        RESERVED: shelf.reserved != held,
        LEDGER: facts["noted"] != held,
        NEGATIVE: min(shelf.available, shelf.reserved) < 0,
        SOLD: facts["sold"] != shelf.pieces["sold"],
        RETURNED: facts["back"] != shelf.pieces_back,
    }
    for fault, is_wrong in wrong.items():
        if is_wrong:
            yield fault.of(shelf.product_id, **facts)


FAULTS = (ON_HAND, RESERVED, LEDGER, NEGATIVE, SOLD, RETURNED, NO_PRODUCT)
