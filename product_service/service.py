"""Entrypoints of the product service: parse, ask, decide, save, answer."""

from typing import Any

from common.announcing import Announcer
from common.clock import Clock
from common.discovery import Registration
from common.errors import Conflict
from common.events import event_handler
from common.identity import Identity
from common.ids import new_id
from common.internal import InternalPort
from common.live import LiveSettings
from common.logs.tracer import Tracer
from common.pages import PageDraft, page
from common.schemas import parse, show
from common.tokens import role_required
from common.wire import ServiceRpc, rpc
from product_service.domain import seller, stock
from product_service.offers import OfferEntrypoints
from product_service.reviews import ReviewEntrypoints
from product_service.schemas import (
    AdjustedView,
    AdjustmentDraft,
    LevelView,
    SellerDraft,
    SellerStatusDraft,
    SellerView,
    UserErased,
)
from product_service.stock import StockEntrypoints
from product_service.storage.keys import claimed
from product_service.storage.provider import ProductStore


class ProductService(OfferEntrypoints, ReviewEntrypoints, StockEntrypoints):
    name = "product_service"

    store = ProductStore()
    auth = ServiceRpc("auth_service")
    # For caches; what nobody may miss goes through the store, as product.changed.
    changes = Announcer("catalogue.stale", "product_ids")
    identity = Identity()
    clock = Clock()
    live = LiveSettings()
    internal = InternalPort()
    tracer = Tracer()
    registration = Registration()

    @property
    def seller_id(self) -> str:
        """The caller's shop; raises what a caller hears who has none."""
        caller = self.identity.only("seller")
        if caller.seller_id is None:
            raise role_required(["seller"])
        return caller.seller_id

    @rpc
    def register_seller(
        self, draft: dict, key: str | None = None, fingerprint: str | None = None
    ) -> dict[str, Any]:
        """``{"seller": ..., "replayed": bool}``; once per ``key`` of a user."""
        user_id = self.identity.caller.id
        fields = parse(SellerDraft, draft)
        now = self.clock.now()
        shop = seller.Seller(new_id(), user_id, created_at=now, **fields)
        answer, replayed = self.store.keys.once(
            claimed({"user_id": user_id}, key, fingerprint, now),
            lambda session: self.open(shop, session),
        )
        return {"seller": answer, "replayed": replayed}

    def open(self, shop: seller.Seller, session: Any) -> dict[str, Any]:
        self.store.sellers.add(shop, session)
        return show(SellerView, shop)

    @rpc
    def get_seller(self, seller_id: str) -> dict[str, Any]:
        return show(SellerView, self.store.sellers.find(seller_id))

    @rpc
    def get_own_seller(self) -> dict[str, Any]:
        user_id = self.identity.caller.id
        return show(SellerView, self.store.sellers.of_user(user_id))

    @rpc
    def list_sellers(self, query: dict) -> dict[str, Any]:
        wanted = parse(PageDraft, query)
        return page(
            self.store.sellers.active(**wanted),
            wanted["limit"],
            dump=lambda found: show(SellerView, found),
            position=lambda shop: [shop.id],
        )

    @rpc
    def change_seller_status(
        self, seller_id: str, draft: dict, version: int | None = None
    ) -> dict[str, Any]:
        """Refused as stale unless the shop is at ``version``, if one is given."""
        self.identity.only("admin")
        status = parse(SellerStatusDraft, draft)["status"]
        shop = self.store.sellers.find(seller_id)
        shop.must_be_at(version)
        seen = shop.version
        shop.become(status)
        # What was decided is stored last: a crash in between leaves a shop that
        # sells nothing yet, and the admin's next try heals it.
        self.follow(shop)
        try:
            self.store.sellers.save(shop, seen)
        except Conflict:
            # Somebody else decided first; what follows from it is what counts.
            self.follow(self.store.sellers.find(seller_id))
            raise
        finally:
            self.changes.announce(None)
        return show(SellerView, shop)

    def follow(self, shop: seller.Seller) -> None:
        active = shop.status is seller.Status.ACTIVE
        self.auth.set_seller(user_id=shop.user_id, seller_id=shop.id, active=active)
        self.store.products.follow_seller(shop.id, active)

    @rpc
    def get_inventory(self, product_id: str) -> dict[str, Any]:
        return show(LevelView, self.store.inventory.level(product_id, self.seller_id))

    @rpc
    def adjust_inventory(
        self, product_id: str, draft: dict, key: str, fingerprint: str
    ) -> dict[str, Any]:
        """``{"level": ..., "replayed": bool}``; once per ``key`` of a seller."""
        seller_id = self.seller_id
        fields = parse(AdjustmentDraft, draft)
        movement = stock.Movement(
            id=new_id(),
            product_id=product_id,
            kind=stock.Kind.ADJUSTMENT,
            delta=fields["delta"],
            reserved_delta=0,
            cause=fields["reason"],
            at=self.clock.now(),
        )
        level, replayed = self.store.inventory.adjust(
            stock.Adjustment(movement, seller_id, key, fingerprint)
        )
        self.changes.announce([product_id])
        return {"level": show(AdjustedView, level), "replayed": replayed}

    @event_handler("user_service", "user.erased")
    def on_user_erased(self, event: dict) -> None:
        user_id = parse(UserErased, event["data"])["user_id"]
        seller_id = self.store.sellers.close(user_id, new_id(), self.clock.now())
        self.store.products.follow_seller(seller_id, False)
        self.store.keys.forget({"user_id": user_id})
        reviewed = self.store.reviews.forget(user_id)
        self.changes.announce([*self.store.products.ids_of(seller_id), *reviewed])
