"""What a shop sees of the orders it has a part in, and does to its part."""

from typing import Any

from common.pages import page
from common.schemas import parse, show
from common.tokens import Caller, role_required
from common.wire import rpc
from order_service.domain import errors
from order_service.domain.balance import Balance
from order_service.domain.dashboard import Dashboard, dashboard, first_day
from order_service.domain.history import Actor
from order_service.domain.order import Fulfilment, Order, total_of
from order_service.domain.shipping import send
from order_service.domain.states import PartStatus
from order_service.schemas import (
    BalanceView,
    DashboardQueryDraft,
    DashboardView,
    FulfilmentPatch,
    OwnFulfilmentView,
    SellerOrderView,
    SoldQueryDraft,
)


class Shop:
    """Of a caller; raises what a caller hears who has none."""

    def __init__(self, store: Any, clock: Any, caller: Caller) -> None:
        if caller.seller_id is None:
            raise role_required(["seller"])
        self.store, self.clock, self.caller = store, clock, caller
        self.id = caller.seller_id

    def must_be(self, seller_id: str) -> None:
        """Another's shop does not exist for this one."""
        if seller_id != self.id:
            raise errors.no_such_seller(seller_id)

    def send(self, fulfilment_id: str, wanted: dict[str, Any]) -> dict[str, Any]:
        number = wanted.get("tracking_number")
        by = Actor("seller", self.caller.id)
        with self.store.transaction() as orders:
            order = orders.get_with(self.id, fulfilment_id)
            part = send(order, fulfilment_id, PartStatus(wanted["status"]), number, by)
            orders.save(order, self.clock.now())
        return own_part(order, part)

    def orders(self, wanted: dict[str, Any]) -> dict[str, Any]:
        with self.store.transaction() as orders:
            found = orders.sold_by(self.id, **wanted)
        return page(
            found,
            wanted["limit"],
            dump=lambda order: own_lines(order, self.id),
            position=lambda order: [order.id],
        )

    def dashboard(self, days: int) -> Dashboard:
        today = self.clock.now().date()
        with self.store.transaction() as orders:
            waiting = orders.sales.open_orders(self.id)
            sold = orders.sales.days_of(self.id, first_day(today, days))
        return dashboard(waiting, sold, today, days)

    def balance(self) -> Balance:
        with self.store.transaction() as orders:
            found: Balance = orders.ledger.balance(self.id)
        return found


def own_part(order: Order, part: Fulfilment) -> dict[str, Any]:
    of_order = {"order_id": order.id, "order_status": order.status}
    lines = order.items_of(part.seller_id)
    return show(OwnFulfilmentView, vars(part) | {"items": lines} | of_order)


def own_lines(order: Order, seller_id: str) -> dict[str, Any]:
    lines = order.items_of(seller_id)
    parts = [
        vars(part) | {"items": lines}
        for part in order.fulfilments
        if part.seller_id == seller_id
    ]
    own = {"items": lines, "fulfilments": parts, "total": total_of(lines)}
    return show(SellerOrderView, vars(order) | own)


class ShopEntrypoints:
    """A part of ``OrderService``."""

    store: Any
    identity: Any
    clock: Any

    @property
    def shop(self) -> Shop:
        return Shop(self.store, self.clock, self.identity.only("seller"))

    @rpc
    def change_fulfilment(self, fulfilment_id: str, draft: dict) -> dict[str, Any]:
        return self.shop.send(fulfilment_id, parse(FulfilmentPatch, draft))

    @rpc
    def list_seller_orders(self, seller_id: str, query: dict) -> dict[str, Any]:
        shop = self.shop
        shop.must_be(seller_id)
        return shop.orders(parse(SoldQueryDraft, query))

    @rpc
    def get_dashboard(self, seller_id: str, query: dict) -> dict[str, Any]:
        shop = self.shop
        shop.must_be(seller_id)
        days = parse(DashboardQueryDraft, query)["days"]
        return show(DashboardView, shop.dashboard(days))

    @rpc
    def get_seller_balance(self, seller_id: str) -> dict[str, Any]:
        shop = self.shop
        shop.must_be(seller_id)
        return show(BalanceView, shop.balance())
