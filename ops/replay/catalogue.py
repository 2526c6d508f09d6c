"""What the sellers offer: the products of the file, with the stock it sells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from ops.errors import Problem
from ops.replay.invoices import Book, Product
from ops.replay.keys import stock_key
from ops.replay.refusals import Refused
from ops.replay.sellers import Seller
from ops.replay.shop import Shop

LONGEST_TITLE = 200
LARGEST_PAGE = 100
LISTINGS = 3

Listing = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Stall:
    """One seller and what it offers so far, by sku."""

    seller: Seller
    offers: Listing

    @classmethod
    def open(cls, seller: Seller) -> "Stall":
        return cls(seller, listing_of(seller, LARGEST_PAGE))

    def find_again(self, sku: str) -> dict[str, Any]:
        """Look once more for what the shop says is there.

        Public lists may be cached; another page size is another address, so it
        is not answered from the copy that did not have the product.
        """
        for again in range(1, LISTINGS + 1):
            self.offers.update(listing_of(self.seller, LARGEST_PAGE - again))
            if sku in self.offers:
                return self.offers[sku]
        raise Refused(0, "sku_taken", f"{sku} is taken, but not on sale")


@dataclass
class Catalogue:
    book: Book
    category: str
    stalls: Mapping[str, Stall]
    demand: dict[Product, dict[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.demand = self.book.demand()

    def offer(self, product: Product) -> str:
        """Put a product on sale with the stock the file needs; say its id."""
        stall = self.stalls[product.seller]
        known = stall.offers.get(product.sku)
        product_id = same(product, known) if known else self._create(product, stall)
        self._stock(product, product_id, stall.seller)
        return product_id

    def _create(self, product: Product, stall: Stall) -> str:
        answer = stall.seller.session.post("/v1/products", self._form(product))
        if answer.code == "sku_taken":
            return same(product, stall.find_again(product.sku))
        return answer.expect(201).field("id")

    def _form(self, product: Product) -> dict[str, Any]:
        title = title_of(self.book.descriptions[product]) or product.sku
        return {
            "sku": product.sku,
            "title": title,
            "description": title,
            "category": self.category,
            "price": price_of(product),
            "status": "active",
        }

    def _stock(self, product: Product, product_id: str, seller: Seller) -> None:
        takers = self.demand[product]
        path = f"/v1/products/{product_id}/inventory/adjustments"
        body = {"delta": sum(takers.values()), "reason": "replay"}
        key = stock_key(product, product_id, takers)
        seller.session.post(path, body, key).expect(201)


def first_category(shop: Shop) -> str:
    items = shop.get("/v1/categories").expect(200).document.get("items")
    if not items:
        raise Problem("the shop has no categories yet; shopnow seed")
    return str(items[0]["slug"])


def title_of(description: str) -> str:
    """As the file has it, but for control characters, which the shop refuses."""
    shown = "".join(letter if letter.isprintable() else " " for letter in description)
    return shown[:LONGEST_TITLE].strip()


def price_of(product: Product) -> dict[str, Any]:
    return {"amount": product.pence, "currency": "GBP"}


def listing_of(seller: Seller, page: int) -> Listing:
    return {str(offer["sku"]): offer for offer in offers_of(seller, page)}


def offers_of(seller: Seller, page: int) -> Iterator[dict[str, Any]]:
    query = {"seller_id": seller.id, "limit": str(page)}
    while True:
        answer = seller.session.get(f"/v1/products?{urlencode(query)}").expect(200)
        yield from answer.document.get("items", ())
        if not (cursor := answer.document.get("next")):
            return
        query["cursor"] = str(cursor)


def same(product: Product, offer: dict[str, Any]) -> str:
    """A product somebody has repriced would sell for what the file does not say."""
    if offer.get("price") != price_of(product):
        raise Refused(0, "repriced", f"{product.sku} now costs {offer.get('price')}")
    return str(offer["id"])
