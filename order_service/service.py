"""Entrypoints of the order service: parse, ask, decide, save, answer."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from nameko.timer import timer

from common.clock import Clock
from common.discovery import Registration
from common.errors import Conflict, Refusal, Unavailable
from common.ids import new_id
from common.pages import page
from common.schemas import parse
from common.wire import ServiceRpc, rpc
from order_service.checkout import Checkout
from order_service.domain import errors
from order_service.domain.cart import Wish, price_cart
from order_service.domain.order import Order
from order_service.domain.pricing import merged, must_cost, price_lines
from order_service.schemas import (
    CartView,
    OrderDraft,
    OrderQueryDraft,
    OrderView,
    QuantityDraft,
    Quote,
)
from order_service.storage.provider import CartStore, OrderStore
from order_service.storage.repository import Claim
from order_service.storage.test_provider import Payments

LEASE = timedelta(seconds=10)
RETRY = timedelta(seconds=1)
MOST_RESUMED = 10


class OrderService:
    name = "order_service"

    store = OrderStore()
    carts = CartStore()
    payments = Payments()
    products = ServiceRpc("product_service")
    clock = Clock()
    registration = Registration()

    @rpc
    def place_order(
        self, customer_id: str, draft: dict, key: str, fingerprint: str
    ) -> dict[str, Any]:
        """``{"order": ..., "replayed": bool}``; once per ``key`` of a customer."""
        wanted = parse(OrderDraft(), draft)
        claim = Claim(customer_id, key, fingerprint)
        with self.store.transaction() as orders:
            known = orders.answered(claim)
        if known:
            return replay(known)
        order = self.finish(self.store_order(claim, wanted))
        if "items" not in wanted:
            self.carts.clear(customer_id)
        return {"order": OrderView().dump(order), "replayed": False}

    @rpc
    def get_order(self, customer_id: str, order_id: str) -> dict[str, Any]:
        with self.store.transaction() as orders:
            return OrderView().dump(orders.find(customer_id, order_id))

    @rpc
    def list_orders(self, customer_id: str, query: dict) -> dict[str, Any]:
        wanted = parse(OrderQueryDraft(), query)
        with self.store.transaction() as orders:
            found = orders.of_customer(customer_id, **wanted)
        return page(
            found,
            wanted["limit"],
            dump=OrderView().dump,
            position=lambda order: [order.id],
        )

    @rpc
    def get_cart(self, customer_id: str) -> dict[str, Any]:
        wishes, version = self.carts.find(customer_id)
        quotes = self.quotes([wish.product_id for wish in wishes])
        return CartView().dump(price_cart(wishes, quotes, version))

    @rpc
    def put_in_cart(
        self, customer_id: str, product_id: str, draft: dict
    ) -> dict[str, Any]:
        quantity = parse(QuantityDraft(), draft)["quantity"]
        quote = self.quotes([product_id]).get(product_id)
        if quote is None:
            raise errors.no_such_product(product_id)
        wish = Wish(product_id, quote["title"], quantity, quote["price"])
        self.carts.put(customer_id, wish)
        return self.get_cart(customer_id)

    @rpc
    def remove_from_cart(self, customer_id: str, product_id: str) -> None:
        self.carts.remove(customer_id, product_id)

    @rpc
    def clear_cart(self, customer_id: str) -> None:
        self.carts.clear(customer_id)

    @timer(interval=1)
    def resume_orders(self) -> None:
        """Finish what a crash or an outage left."""
        now = self.clock.now()
        with self.store.transaction() as orders:
            due = orders.lease_due(now, now + LEASE, MOST_RESUMED)
        for order in due:
            with suppress(Refusal):
                self.finish(order)

    def store_order(self, claim: Claim, wanted: dict) -> Order:
        pieces = merged(wanted.get("items") or self.cart_items(claim.customer_id))
        lines = price_lines(pieces, self.quotes(list(pieces)))
        must_cost(lines, wanted.get("expected_total"))
        now = self.clock.now()
        with self.store.transaction() as orders:
            order = Order.place(
                lines,
                ids=iter(new_id, None),
                id=new_id(),
                number=orders.next_number(),
                customer_id=claim.customer_id,
                shipping_address=wanted["shipping_address"],
                payment_token=wanted["payment"]["token"],
                placed_at=now,
                resume_at=now + LEASE,
            )
            orders.add(order, claim, now)
        return order

    def finish(self, order: Order) -> Order:
        """The order at its end, or pending when a step has to wait."""
        checkout = Checkout(self.store, self.products, self.payments, self.clock)
        try:
            order = checkout.run(order)
        except Unavailable:
            self.postpone(order.id)
            return order
        if order.refusal:
            raise order.refusal
        return order

    def postpone(self, order_id: str) -> None:
        now = self.clock.now()
        with self.store.transaction() as orders:
            order = orders.get(order_id)
            order.retry_at(now + RETRY)
            orders.save(order, now)

    def cart_items(self, customer_id: str) -> list[dict[str, Any]]:
        wishes, _ = self.carts.find(customer_id)
        if not wishes:
            raise errors.cart_empty()
        return [vars(wish) for wish in wishes]

    def quotes(self, product_ids: list[str]) -> dict[str, dict[str, Any]]:
        """What is for sale of these products, by id."""
        if not product_ids:
            return {}
        answer = self.products.quote_products(product_ids=product_ids)
        return {quote["id"]: quote for quote in parse(Quote(many=True), answer)}


def replay(known: dict[str, Any]) -> dict[str, Any]:
    """Give the answer that was given before, a refusal included."""
    if "refusal" in known:
        code, message, details = known["refusal"]
        raise Conflict(code, message, details | {"replayed": "true"})
    return {"order": known["order"], "replayed": True}
