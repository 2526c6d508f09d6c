"""What is held and sold of the stock, against the orders that it is for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ops.audit.faults import PATIENCE, Fault, Violation

RELEASE = (
    "shopnow shell -c \"n.rpc.product_service.release_stock(order_id='{subject}')\""
)
TELL_AGAIN = (
    "look for {event} in the dead letters; if it is not there: UPDATE outbox SET"
    " published_at = NULL WHERE type = '{event}' AND aggregate_id = '{subject}'"
)
NO_ORDER = Fault(
    "reservation_without_order",
    "{pieces} pieces are {state}, but for no order",
    RELEASE,
)
UNSOLD = Fault(
    "reservation_unsold",
    "the order is {status}, but its pieces are {state}",
    TELL_AGAIN,
)
UNRELEASED = Fault(
    "reservation_unreleased",
    "the order is {status}, but its pieces are {state}",
    RELEASE,
)
WRONGLY_SOLD = Fault(
    "reservation_wrongly_sold",
    "the order is {status}, but its pieces are {state}",
    "they are off the shelf for nobody: adjust the inventory of each product",
)
LINES = Fault(
    "reservation_lines",
    "not the pieces of the order are {state}: {pieces} instead of {ordered}",
    "set the items of db.stock_reservations {subject} to the order's lines",
)
RETURNS = Fault(
    "reservation_returns",
    "{back} pieces are back on the shelf, the order has {owed}",
    TELL_AGAIN,
)
OVERDUE = Fault(
    "reservation_overdue",
    "held for {since:age} longer than agreed",
    "does product_service run? It lets go of what has expired every 5 s",
)

LIVE, GONE = {"held", "committed"}, {"released", "expired", "never held"}
SOLD = {"sold"}
# What may have become of the pieces of an order, by its status.
ALLOWED = {
    "pending": LIVE | GONE,
    "rejected": GONE,
    **dict.fromkeys(("confirmed", "shipped", "delivered"), SOLD),
    **dict.fromkeys(("cancelled", "refunded"), SOLD),
}
# Which tell product_service that pieces are sold or back.
EVENTS = {"cancelled": "order.cancelled", "refunded": "order.refunded"}


@dataclass(frozen=True)
class Ordered:
    """An order, as far as it is about stock; ``back`` is what it has as returned."""

    status: str
    changed_at: datetime
    pieces: Mapping[str, int]
    back: Mapping[str, int] = field(default_factory=dict)

    @property
    def returned(self) -> Mapping[str, int]:
        return self.pieces if self.status == "cancelled" else self.back


@dataclass(frozen=True)
class Held:
    """A reservation."""

    state: str = "never held"
    pieces: Mapping[str, int] = field(default_factory=dict)
    returned: Mapping[str, int] = field(default_factory=dict)
    expires_at: datetime | None = None


def judge(
    order_id: str, ordered: Ordered | None, held: Held, now: datetime
) -> Iterator[Violation]:
    since = now - (held.expires_at or now)
    if held.state == "held" and since > PATIENCE:
        yield OVERDUE.of(order_id, since=since)
    if ordered is None:
        # What is back on the shelf is missed by nobody: see `shopnow dr reconcile`.
        if held.state not in GONE and held.pieces != held.returned:
            facts = {"pieces": sum(held.pieces.values()), "state": held.state}
            yield NO_ORDER.of(order_id, **facts)
        return
    if held.pieces and held.pieces != ordered.pieces:
        yield LINES.of(order_id, **words(ordered, held))
    # Its events may be under way.
    if ordered.changed_at < now - PATIENCE:
        yield from judge_settled(order_id, ordered, held)


def judge_settled(order_id: str, ordered: Ordered, held: Held) -> Iterator[Violation]:
    told = words(ordered, held)
    if held.state not in ALLOWED[ordered.status]:
        event = EVENTS.get(ordered.status, "order.confirmed")
        yield fault_of(ordered, held).of(order_id, event=event, **told)
    elif held.returned != ordered.returned:
        event = EVENTS.get(ordered.status, "order.refunded")
        yield RETURNS.of(order_id, event=event, **told)


def fault_of(ordered: Ordered, held: Held) -> Fault:
    if ordered.status not in ("pending", "rejected"):
        return UNSOLD
    return WRONGLY_SOLD if held.state == "sold" else UNRELEASED


def words(ordered: Ordered, held: Held) -> dict[str, Any]:
    return {
        "status": ordered.status,
        "state": held.state,
        "pieces": sum(held.pieces.values()),
        "ordered": sum(ordered.pieces.values()),
        "back": sum(held.returned.values()),
        "owed": sum(ordered.returned.values()),
    }


FAULTS = (NO_ORDER, UNSOLD, UNRELEASED, WRONGLY_SOLD, LINES, RETURNS, OVERDUE)
