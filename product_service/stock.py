"""What happens to stock on behalf of orders."""

from datetime import timedelta
from typing import Any

from nameko import config
from nameko.timer import timer

from common.clock import Clock
from common.errors import Refusal
from common.events import event_handler
from common.outages import answering_outages
from common.schemas import parse
from common.wire import rpc
from product_service.domain.stock import Movement, merged
from product_service.schemas import (
    OrderCancelled,
    OrderConfirmed,
    OrderRefunded,
    ReservationDraft,
)
from product_service.storage.inbox import Heard

SWEEP_SECONDS = 5


class StockEntrypoints:
    """A part of ``ProductService``."""

    store: Any
    changes: Any
    clock: Clock

    @rpc
    def reserve_stock(self, order_id: str, items: list[dict]) -> None:
        """Hold all of it or nothing, until it is committed or expires."""
        wanted = parse(ReservationDraft, {"order_id": order_id, "items": items})
        pieces = merged(wanted["items"])
        now = self.clock.now()
        expires_at = now + timedelta(seconds=config["RESERVATION_SECONDS"])
        reservations = self.store.reservations
        self.announce(reservations.hold(order_id, pieces, expires_at, now))

    @rpc
    def commit_stock(self, order_id: str) -> None:
        """Keep what is held for as long as it takes; refused when it is gone."""
        self.store.reservations.commit(order_id, self.clock.now())

    @rpc
    def release_stock(self, order_id: str) -> None:
        self.announce(self.store.reservations.release(order_id, self.clock.now()))

    @event_handler("order_service", "order.confirmed")
    def on_order_confirmed(self, event: dict) -> None:
        order = parse(OrderConfirmed, event["data"])
        heard = Heard("on_order_confirmed", event["id"])
        self.store.reservations.sell(
            order["order_id"], order["customer_id"], heard, self.clock.now()
        )

    @event_handler("order_service", "order.cancelled")
    def on_order_cancelled(self, event: dict) -> None:
        order_id = parse(OrderCancelled, event["data"])["order_id"]
        heard = Heard("on_order_cancelled", event["id"])
        moved = self.store.reservations.cancel(order_id, heard, self.clock.now())
        self.announce(moved)

    @event_handler("order_service", "order.refunded")
    def on_order_refunded(self, event: dict) -> None:
        refund = parse(OrderRefunded, event["data"])
        pieces = merged(refund["returned_items"])
        heard = Heard("on_order_refunded", event["id"])
        moved = self.store.reservations.refund(
            refund["order_id"], refund["refund_id"], pieces, heard, self.clock.now()
        )
        self.announce(moved)

    @timer(interval=SWEEP_SECONDS, expected_exceptions=Refusal)
    @answering_outages
    def expire_reservations(self) -> int:
        """All processes may do this at once: each is let go once."""
        moved = self.store.reservations.expire(self.clock.now())
        self.announce(moved)
        return len(moved)

    def announce(self, movements: list[Movement]) -> None:
        if movements:
            self.changes.announce({movement.product_id for movement in movements})
