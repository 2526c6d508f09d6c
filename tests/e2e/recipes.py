"""How each route is used well: with a thing of somebody's, and a body that is right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from common.ids import new_id
from tests.builders import ADDRESS, a_product_draft
from tests.cast import Cast, Person
from tests.client import PASSWORD, eventually

Maker = Callable[[Cast, Person], str]
Body = Callable[[Cast, Person], Any]


@dataclass(frozen=True)
class Recipe:
    """``thing`` makes what the path names, of somebody's who ``has`` such things.

    ``has`` is a role, and None where everybody signed in may have one.  Where
    the thing ``lies_beside``, it does not matter whose it is.  A ``match`` is
    sent for what is there, and whoever asks does not ``survive`` it as they were:
    signed out, or with something that one has once or a few times.  Support has to
    say ``of`` whom the things are that they mean.  What is ``absent`` is not there
    in this shop, whoever asks.
    """

    name: str = ""
    thing: Maker | None = None
    has: str | None = None
    body: Body | None = None
    lies_beside: bool = False
    match: bool = False
    survive: bool = True
    of: str = ""
    absent: bool = False

    def owner(self, cast: Cast, person: Person) -> Person:
        """``person``, if they can have such a thing, or somebody who can."""
        if person.role and self.has in (None, person.role):
            return person
        return cast[f"{self.has or 'customer'} A"]


def draft(cast: Cast, owner: Person) -> str:
    owner.things.append(offered(cast, owner, status="draft"))
    return owner.things[-1]


def product(cast: Cast, owner: Person) -> str:
    return offered(cast, owner)


def offered(cast: Cast, owner: Person, **changes: str) -> str:
    offer = an_offer(cast, owner) | changes
    made = owner.client.post("/v1/products", offer)
    assert made.status == 201, made.raw
    return str(made.body["id"])


def an_offer(cast: Cast, _: Person) -> dict[str, Any]:
    category = cast.stranger.get("/v1/categories").body["items"][0]["slug"]
    return a_product_draft(sku=f"TEST-{new_id()}", category=category)


def some_offers(cast: Cast, owner: Person) -> dict[str, Any]:
    return {"items": [an_offer(cast, owner) for _ in range(2)]}


def order(cast: Cast, owner: Person) -> str:
    placed = owner.client.place({for_sale(cast): 1})
    assert placed.status == 201, placed.raw
    owner.things.append(placed.body["id"])
    return owner.things[-1]


def parcel(cast: Cast, owner: Person) -> str:
    """A part of somebody's order that this seller has to send."""
    placed = cast["customer A"].client.place({for_sale(cast, owner): 1})
    assert placed.status == 201, placed.raw
    return str(placed.body["fulfilments"][0]["id"])


def shop(_: Cast, owner: Person) -> str:
    return str(owner.client.get("/v1/users/me/export").body["shop"]["id"])


def for_sale(cast: Cast, seller: Person | None = None) -> str:
    """A product of the shopkeeper, if of nobody else's, with a piece on the shelf."""
    seller = seller or cast.shopkeeper
    product_id = product(cast, seller)
    path = f"/v1/products/{product_id}/inventory/adjustments"
    made = seller.client.post(path, DELIVERY, Idempotency_Key=new_id())
    assert made.status == 201, made.raw
    return product_id


def an_order(cast: Cast, _: Person) -> dict[str, Any]:
    return {
        "items": [{"product_id": for_sale(cast), "quantity": 1}],
        "shipping_address": ADDRESS,
        "payment": {"method": "card", "token": "tok_visa"},
    }


def pending_shop(cast: Cast, _: Person) -> str:
    made = cast.another("customer").client.post("/v1/sellers", {"name": "Grace's"})
    return str(made.body["id"])


def a_user(*_: Any) -> dict[str, Any]:
    email = f"{new_id()}@example.com"
    return {"email": email, "password": PASSWORD, "full_name": "Ada Example"}


def an_email(*_: Any) -> dict[str, Any]:
    return {"email": f"{new_id()}@example.com"}


def a_grant(cast: Cast, _: Person) -> dict[str, Any]:
    email = cast["customer A"].email
    return {"grant_type": "password", "email": email, "password": PASSWORD}


def address(_: Cast, owner: Person) -> str:
    made = owner.client.post("/v1/users/me/addresses", ADDRESS)
    assert made.status == 201, made.raw
    owner.things.append(made.body["id"])
    return owner.things[-1]


def somebody(cast: Cast, _: Person) -> str:
    return cast.another("customer").id


def reset_code(cast: Cast, _: Person) -> str:
    """As somebody new finds it in their letters."""
    email = cast.another("customer").email
    asked = cast.stranger.post("/v1/auth/password-resets", {"email": email})
    assert asked.status == 202, asked.raw
    return str(cast.letter(email, r"^([\w-]{40,})$"))


def just(body: Any) -> Body:
    return lambda *_: body


def bought(cast: Cast, owner: Person) -> str:
    """A product that a customer has bought, and the shop knows it."""
    product_id = for_sale(cast)
    placed = owner.client.place({product_id: 1})
    assert placed.status == 201, placed.raw
    path = f"/v1/products/{product_id}/inventory"
    seller, left = cast.shopkeeper.client, DELIVERY["delta"] - 1
    sold = {"on_hand": left, "reserved": 0, "available": left}
    eventually(lambda: seller.get(path).body, sold)
    return product_id


REVIEW = {"rating": 4, "title": "Good", "text": "Does what it says."}
DELIVERY = {"delta": 5, "reason": "delivery"}
NEW_PASSWORD = "another horse, another battery"
REFUND = {"amount": {"amount": 1, "currency": "GBP"}, "reason": "A scratch"}
PREFERENCES = {"language": "en", "currency": "GBP", "marketing_consent": False}

RECIPES = {
    "GET /docs/{name}": Recipe("name", lambda *_: "docs.js"),
    "POST /v1/users": Recipe(body=a_user),
    "POST /v1/auth/tokens": Recipe(body=a_grant),
    "DELETE /v1/auth/tokens/current": Recipe(survive=False),
    "POST /v1/auth/password-resets": Recipe(body=an_email),
    "PUT /v1/auth/password-resets/{token}": Recipe(
        "token", reset_code, body=just({"password": NEW_PASSWORD})
    ),
    "PUT /v1/users/me/password": Recipe(
        body=just({"current_password": PASSWORD, "password": NEW_PASSWORD}),
        survive=False,
    ),
    "PATCH /v1/users/me": Recipe(body=just({"full_name": "Ada Example"})),
    "DELETE /v1/users/me": Recipe(survive=False),
    "PUT /v1/users/me/preferences": Recipe(body=just(PREFERENCES)),
    "POST /v1/users/me/addresses": Recipe(body=just(ADDRESS), survive=False),
    "GET /v1/users/me/addresses/{address_id}": Recipe("address_id", address),
    "PATCH /v1/users/me/addresses/{address_id}": Recipe(
        "address_id", address, body=just({"city": "York"})
    ),
    "DELETE /v1/users/me/addresses/{address_id}": Recipe("address_id", address),
    "GET /v1/users/{user_id}": Recipe("user_id", somebody),
    "PUT /v1/users/{user_id}/roles": Recipe(
        "user_id", somebody, body=just({"roles": ["customer"]})
    ),
    "POST /v1/sellers": Recipe(body=just({"name": "Grace's"}), survive=False),
    "PATCH /v1/sellers/{seller_id}": Recipe(
        "seller_id", pending_shop, body=just({"status": "active"}), match=True
    ),
    "GET /v1/sellers/{seller_id}": Recipe("seller_id", pending_shop),
    "GET /v1/products/{product_id}": Recipe("product_id", draft, "seller"),
    "POST /v1/products": Recipe(body=an_offer),
    "PATCH /v1/products/{product_id}": Recipe(
        "product_id", draft, "seller", body=an_offer, match=True
    ),
    "DELETE /v1/products/{product_id}": Recipe("product_id", draft, "seller"),
    "POST /v1/products/batch": Recipe(body=some_offers),
    "GET /v1/products/{product_id}/inventory": Recipe("product_id", product, "seller"),
    "POST /v1/products/{product_id}/inventory/adjustments": Recipe(
        "product_id", product, "seller", just(DELIVERY)
    ),
    "GET /v1/products/{product_id}/reviews": Recipe("product_id", product, "seller"),
    "POST /v1/products/{product_id}/reviews": Recipe(
        "product_id", bought, "customer", just(REVIEW), survive=False
    ),
    "PUT /v1/cart/items/{product_id}": Recipe(
        "product_id", product, "seller", just({"quantity": 1}), lies_beside=True
    ),
    "DELETE /v1/cart/items/{product_id}": Recipe(
        "product_id", product, "seller", lies_beside=True
    ),
    "POST /v1/payment-events": Recipe(absent=True),
    "POST /v1/orders": Recipe(body=an_order),
    "GET /v1/orders": Recipe(of="customer_id"),
    "GET /v1/orders/{order_id}": Recipe("order_id", order, "customer"),
    "GET /v1/orders/{order_id}/history": Recipe("order_id", order, "customer"),
    "POST /v1/orders/{order_id}/cancellation": Recipe(
        "order_id", order, "customer", just({"reason": "Changed my mind"})
    ),
    "POST /v1/orders/{order_id}/refunds": Recipe(
        "order_id", order, "customer", just(REFUND)
    ),
    "PATCH /v1/fulfilments/{fulfilment_id}": Recipe(
        "fulfilment_id", parcel, "seller", just({"status": "shipped"})
    ),
    "GET /v1/sellers/{seller_id}/orders": Recipe("seller_id", shop, "seller"),
    "GET /v1/sellers/{seller_id}/dashboard": Recipe("seller_id", shop, "seller"),
    "GET /v1/sellers/{seller_id}/balance": Recipe("seller_id", shop, "seller"),
}
PLAIN = Recipe()


def recipe_of(route: str) -> Recipe:
    """A route that names nothing and takes nothing needs no recipe of its own."""
    return RECIPES.get(route, PLAIN)
