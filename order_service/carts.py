"""Carts: a customer's, or that of a guest who may become one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.schemas import parse, show
from common.wire import rpc
from order_service.catalogue import quotes
from order_service.domain import errors
from order_service.domain.cart import Cart, Wish, price_cart
from order_service.schemas import CartView, QuantityDraft
from order_service.storage.carts import CartRepository
from order_service.storage.guests import Guests


@dataclass(frozen=True)
class Carts:
    """``customer_id`` is None for a guest, ``guest`` the token of a guest's cart."""

    kept: CartRepository
    guests: Guests
    store: Any
    products: Any

    def owner(self, customer_id: str | None, guest: str | None) -> str | None:
        """Under whose name the cart is; None for a guest who has none yet.

        A customer who comes with a guest's cart takes it over.
        """
        visitor = self.guests.cart_of(guest)
        if customer_id and visitor:
            self.kept.merge(visitor, customer_id)
            self.demand_known(customer_id)
        return customer_id or visitor

    def look(self, owner: str | None) -> Cart:
        return self.priced(owner, {}) if owner else price_cart([], {}, 0)

    def put(
        self, customer_id: str | None, guest: str | None, product_id: str, quantity: int
    ) -> tuple[Cart, str | None]:
        """The cart, and the token by which a guest finds it again."""
        owner = self.owner(customer_id, guest) or self.guests.new_cart()
        # All at once: what is put in has to be known before, and the rest after.
        known = self.quoted({product_id, *self.products_of(owner)})
        quote = known[product_id]
        if quote is None:
            raise errors.no_such_product(product_id)
        wish = Wish(product_id, quote["title"], quantity, quote["price"])
        self.kept.put(owner, wish)
        if customer_id:
            self.demand_known(customer_id)
            return self.priced(owner, known), None
        return self.priced(owner, known), self.guests.token(owner)

    def priced(self, owner: str, known: Mapping[str, Mapping | None]) -> Cart:
        wishes, version = self.kept.find(owner)
        # With ``known``, only what another device has just put in.
        others = {wish.product_id for wish in wishes} - known.keys()
        found = {**known, **self.quoted(others)}
        offered = {name: quote for name, quote in found.items() if quote}
        return price_cart(wishes, offered, version)

    def quoted(self, product_ids: set[str]) -> dict[str, Mapping | None]:
        """None for what is not for sale."""
        return dict.fromkeys(product_ids) | quotes(self.products, sorted(product_ids))

    def products_of(self, owner: str) -> list[str]:
        return [wish.product_id for wish in self.kept.find(owner)[0]]

    def demand_known(self, customer_id: str) -> None:
        # Asked once their cart is changed: an erasure that is not seen here has
        # yet to empty it; after one that is, nobody else would.
        with self.store.statements() as orders:
            is_gone = orders.is_gone(customer_id)
        if is_gone:
            self.kept.forget(customer_id)
            raise errors.customer_gone()


class CartEntrypoints:
    """A part of ``OrderService``."""

    store: Any
    carts: Any
    guests: Any
    products: Any
    identity: Any
    customer_id: Any

    @property
    def shopper_id(self) -> str | None:
        """Of a customer; None for a guest.  Raises for somebody else."""
        return self.customer_id if self.identity.visitor else None

    @property
    def shopping(self) -> Carts:
        return Carts(self.carts, self.guests, self.store, self.products)

    @rpc
    def get_cart(self, guest: str | None = None) -> dict[str, Any]:
        """Of the caller, or of the guest to whom we gave the token ``guest``.

        What a customer brings along as a guest goes into their own cart.
        """
        owner = self.shopping.owner(self.shopper_id, guest)
        return show(CartView, self.shopping.look(owner))

    @rpc
    def put_in_cart(
        self, product_id: str, draft: dict, guest: str | None = None
    ) -> dict[str, Any]:
        """``{"cart": ..., "guest": token}``; no token for a customer."""
        shopper_id = self.shopper_id
        quantity = parse(QuantityDraft, draft)["quantity"]
        cart, token = self.shopping.put(shopper_id, guest, product_id, quantity)
        return {"cart": show(CartView, cart), "guest": token}

    @rpc
    def remove_from_cart(self, product_id: str, guest: str | None = None) -> None:
        if owner := self.shopping.owner(self.shopper_id, guest):
            self.carts.remove(owner, product_id)

    @rpc
    def clear_cart(self, guest: str | None = None) -> None:
        if owner := self.shopping.owner(self.shopper_id, guest):
            self.carts.clear(owner)

    @rpc
    def merge_cart(self, guest: str) -> None:
        """Have a guest's cart in the caller's own; once."""
        self.shopping.owner(self.customer_id, guest)
