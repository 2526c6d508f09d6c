"""Entrypoints of the order service: parse, ask, decide, save, answer."""

import logging
from contextlib import suppress
from typing import Any

from nameko import config
from nameko.timer import timer

from common import tracing
from common.clock import Clock
from common.discovery import Registration
from common.errors import Refusal, Unavailable
from common.events import event_handler
from common.idempotency import LIFE, PRUNE_SECONDS
from common.identity import Identity
from common.inbox import LIFE as KNOWN_FOR
from common.inbox import Heard, once
from common.internal import InternalPort
from common.live import LiveSettings
from common.logs.tracer import Tracer
from common.outages import answering_outages
from common.pages import page
from common.schemas import parse, show
from common.threads import at_once
from common.tracing import Kind
from common.wire import ServiceRpc, rpc
from order_service.after_sale import AfterSale
from order_service.carts import CartEntrypoints
from order_service.checkout import Checkout, Pace, replay
from order_service.customers import address_of
from order_service.domain import errors
from order_service.domain.order import Order
from order_service.domain.refund import Refund
from order_service.domain.states import Status
from order_service.payments import SPARE_SECONDS, Payments
from order_service.readers import READERS, only_of, whose
from order_service.schemas import (
    CancellationDraft,
    EntryView,
    OrderDraft,
    OrderQueryDraft,
    OrderView,
    RefundDraft,
    UserErased,
)
from order_service.shops import ShopEntrypoints
from order_service.storage.claims import Claim, claimed
from order_service.storage.guests import Guests
from order_service.storage.provider import CartStore, OrderStore

log = logging.getLogger(__name__)

# Orders that are taken up again, each waiting for others most of its time.
SIDE_BY_SIDE = 40


class OrderService(CartEntrypoints, ShopEntrypoints):
    name = "order_service"

    store = OrderStore()
    carts = CartStore()
    guests = Guests()
    payments = Payments()
    products = ServiceRpc("product_service", spare=SPARE_SECONDS)
    users = ServiceRpc("user_service")
    identity = Identity()
    clock = Clock()
    live = LiveSettings()
    internal = InternalPort()
    tracer = Tracer()
    registration = Registration()

    @property
    def checkout(self) -> Checkout:
        pace = Pace(**config.get("CHECKOUT", {}))
        return Checkout(self.store, self.products, self.payments, self.clock, pace)

    @property
    def after_sale(self) -> AfterSale:
        return AfterSale(self.store, self.payments, self.clock)

    @property
    def customer_id(self) -> str:
        """Of the caller; raises what a caller hears who is no customer."""
        return self.identity.only("customer").id

    @rpc
    def place_order(self, draft: dict, key: str, fingerprint: str) -> dict[str, Any]:
        """``{"order": ..., "replayed": bool}``; once per ``key`` of a customer."""
        customer_id = self.customer_id
        wanted = parse(OrderDraft, draft)
        claim = Claim(customer_id, key, fingerprint)
        try:
            order = answering_outages(self.begin)(claim, wanted)
        except Refusal:
            # What was ordered before may be sold out, or out of the cart, by now;
            # or whoever knew the cart is away.
            with self.store.transaction() as orders:
                known = orders.answered(claim)
            if known is None:
                raise
            return replay(known)
        return {"order": show(OrderView, self.finish(order)), "replayed": False}

    def begin(self, claim: Claim, wanted: dict[str, Any]) -> Order:
        from_cart = "items" not in wanted
        wanted = self.completed(wanted, claim.customer_id)
        return self.checkout.begin(claim, wanted, from_cart)

    @rpc
    def take_payment_event(self, payload: str, signature: str) -> None:
        """What the payment provider tells us by itself; it signs what it tells."""
        self.payments.hear(payload, signature)

    @rpc
    def get_order(self, order_id: str) -> dict[str, Any]:
        reader = self.identity.only(*READERS)
        with self.store.transaction() as orders:
            return show(OrderView, orders.find(only_of(reader), order_id))

    @rpc
    def get_order_history(self, order_id: str) -> dict[str, Any]:
        customer_id = only_of(self.identity.only(*READERS))
        with self.store.transaction() as orders:
            orders.find(customer_id, order_id)
            past = orders.history_of(order_id)
        seen = [entry.seen_by(customer_id) for entry in past]
        return {"items": show(EntryView, seen, many=True)}

    @rpc
    def list_orders(self, query: dict) -> dict[str, Any]:
        reader, wanted = self.identity.only(*READERS), parse(OrderQueryDraft, query)
        customer_id = whose(reader, wanted.pop("customer_id"))
        with self.store.transaction() as orders:
            found = orders.of_customer(customer_id, **wanted)
        return page(
            found,
            wanted["limit"],
            dump=lambda found: show(OrderView, found),
            position=lambda order: [order.id],
        )

    @rpc
    def cancel_order(
        self,
        order_id: str,
        draft: dict,
        key: str | None = None,
        fingerprint: str | None = None,
    ) -> dict[str, Any]:
        """``{"order": ..., "replayed": bool}``; once per ``key`` of a customer."""
        customer = self.identity.only("customer")
        reason = parse(CancellationDraft, draft)["reason"]
        claim = claimed(customer.id, key, fingerprint)
        return self.after_sale.cancel(order_id, customer, reason, claim)

    @rpc
    def refund_order(
        self,
        order_id: str,
        draft: dict,
        key: str | None = None,
        fingerprint: str | None = None,
    ) -> dict[str, Any]:
        """``{"refund": ..., "replayed": bool}``; once per ``key`` of the caller."""
        support, wanted = self.identity.only("support"), parse(RefundDraft, draft)
        claim = claimed(support.id, key, fingerprint)
        return self.after_sale.refund(order_id, support, wanted, claim)

    @event_handler("user_service", "user.erased")
    def on_user_erased(self, event: dict) -> None:
        customer_id = parse(UserErased, event["data"])["user_id"]
        heard = Heard("on_user_erased", event["id"], self.clock.now())
        once(self.store, heard, lambda orders: orders.forget(customer_id, heard.at))
        self.carts.forget(customer_id)

    @timer(interval=1, expected_exceptions=Refusal)
    @answering_outages
    def resume_orders(self) -> int:
        """Finish what a crash or an outage left; how many that were."""
        return at_once(self.resume_order, self.checkout.due(), SIDE_BY_SIDE)

    @timer(interval=1, expected_exceptions=Refusal)
    @answering_outages
    def resume_refunds(self) -> int:
        """Pay what a crash or an outage left owed; how many that were."""
        return at_once(self.resume_refund, self.after_sale.due(), SIDE_BY_SIDE)

    def resume_refund(self, owed: Refund) -> None:
        try:
            answering_outages(self.after_sale.pay)(owed)
        except Unavailable:
            # Who was away has been logged, and will be back.
            return
        except Refusal as refusal:
            log.error("%s of %s: not paid: %s", owed.id, owed.order_id, refusal.code)

    @timer(interval=PRUNE_SECONDS, expected_exceptions=Refusal)
    @answering_outages
    def prune_keys(self) -> None:
        now = self.clock.now()
        with self.store.transaction() as orders:
            orders.forget_keys(now - LIFE)
            orders.inbox.forget(now - KNOWN_FOR)

    def resume_order(self, order: Order) -> None:
        # How it ended was nobody's request; the order and its key remember it.
        with suppress(Refusal):
            answering_outages(self.finish_as_asked)(order)

    def finish_as_asked(self, order: Order) -> None:
        """In the trace of the request that placed it."""
        with self.store.transaction() as orders:
            placed = tracing.read(orders.traceparent_of(order.id))
        with tracing.entry("resume order", Kind.INTERNAL, parent=placed):
            self.finish(order)

    def finish(self, order: Order) -> Order:
        order = self.checkout.finish(order)
        if order.from_cart and order.status is Status.CONFIRMED:
            # The order stands, whether or not its cart can be reached.
            with suppress(Unavailable):
                answering_outages(self.carts.take_out)(order.customer_id, order.wanted)
        return order

    def completed(self, wanted: dict[str, Any], customer_id: str) -> dict[str, Any]:
        """``wanted`` with what we know ourselves: the cart, an address by its id."""
        if "items" not in wanted:
            wanted["items"] = self.cart_items(customer_id)
        if "shipping_address" not in wanted:
            address_id = wanted["shipping_address_id"]
            wanted["shipping_address"] = address_of(self.users, address_id)
        return wanted

    def cart_items(self, customer_id: str) -> list[dict[str, Any]]:
        wishes, _ = self.carts.find(customer_id)
        if not wishes:
            raise errors.cart_empty()
        return [vars(wish) for wish in wishes]
