"""What each entry of the stock ledger may say, by its kind."""

from collections.abc import Iterator

from ops.audit.faults import Check, Fault, Violation
from ops.audit.stores import View

MOVEMENT = Fault(
    "stock_movement",
    "a movement of kind {kind} moves {delta} on hand and {reserved_delta} reserved",
    "the ledger is only added to: find out who changed db.stock_movements {subject}",
)
POSITIVE, NEGATIVE = {"$gt": 0}, {"$lt": 0}
SAME = {"$expr": {"$ne": ["$delta", "$reserved_delta"]}}

MISSHAPEN = [
    {"kind": "adjustment", "reserved_delta": {"$ne": 0}},
    {"kind": "reservation", "$nor": [{"delta": 0, "reserved_delta": POSITIVE}]},
    {"kind": "release", "$nor": [{"delta": 0, "reserved_delta": NEGATIVE}]},
    {"kind": "return", "$nor": [{"delta": POSITIVE, "reserved_delta": 0}]},
    # What was sold before the ledger told of reservations took nothing off them.
    {"kind": "sale", "$nor": [{"delta": NEGATIVE, "reserved_delta": 0}], **SAME},
    {"kind": "sale", "delta": {"$gte": 0}},
]


def find(view: View) -> Iterator[Violation]:
    wrong = view.documents("stock_movements", {"$match": {"$or": MISSHAPEN}})
    for movement in wrong:
        facts = {name: movement[name] for name in ("kind", "delta", "reserved_delta")}
        yield MOVEMENT.of(movement["_id"], **facts)


CHECKS = (Check("stock movements", (MOVEMENT,), find),)
