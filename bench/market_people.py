"""Who is in the Online Marketplace: shops with ten products each, and customers."""

from datetime import UTC, datetime
from secrets import token_urlsafe
from time import monotonic
from typing import Any

from pymongo.database import Database

from bench.buying import PASSWORD, Buying
from bench.stocking import delivered
from common.ids import new_id
from common.money import Money
from ops.demo.accounts import DemoAccount, People
from ops.demo.shop import CATALOGUE, Shop
from ops.stack.plan import Plan
from product_service.domain.product import Product
from product_service.storage import movements
from product_service.storage.categories import CategoryRepository
from product_service.storage.documents import to_document
from product_service.storage.provider import connect

PRODUCTS_EACH = 10
PIECES = 1_000_000
# A token is good for ten minutes.
FRESH_SECONDS = 240.0


class Town:
    """Made once; who is in it signs in again when their tokens get old."""

    def __init__(self, plan: Plan, sellers: int, customers: int) -> None:
        self.till = Buying.__new__(Buying)
        self.till.url = plan.settings.gateway_url
        variables = plan.variables
        people = People(variables["AUTH_DB_URI"], variables["USER_DB_URI"])
        with connect(variables["PRODUCT_MONGO_URI"]) as mongo:
            database = mongo.get_default_database()
            self.sellers = [self.seller(people, database) for _ in range(sellers)]
        people.close()
        self.customers = [self.customer() for _ in range(customers)]
        self.signed_in = float("-inf")

    def seller(self, people: People, database: Database) -> dict[str, Any]:
        email, password = f"{new_id()}@example.com", token_urlsafe(12)
        account_id = people.ensure(DemoAccount(email, password, ["customer", "seller"]))
        shop = {"name": f"Shop {email[:13]}", "description": "One of the benchmark's."}
        seller_id = Shop(database).ensure_seller(account_id, shop)
        people.make_seller(account_id, seller_id)
        person = {"email": email, "password": password}
        return {
            "id": seller_id,
            "products": stocked(database, seller_id),
            "person": person,
        }

    def customer(self) -> dict[str, Any]:
        person = {"email": f"{new_id()}@example.com", "password": PASSWORD}
        self.till.post("/v1/users", person | {"full_name": "Ada Example"})
        return {"person": person}

    def asked(self) -> dict[str, Any]:
        """All of them, with tokens that are good for a while."""
        if monotonic() - self.signed_in > FRESH_SECONDS:
            for each in (*self.sellers, *self.customers):
                each["token"] = self.till.token(each["person"])
            self.signed_in = monotonic()
        return {
            "url": self.till.url,
            "sellers": self.sellers,
            "customers": self.customers,
        }


def stocked(database: Database, seller_id: str) -> list[str]:
    category = CATALOGUE["categories"][-1]["slug"]
    path = CategoryRepository(database).tree().path(category)
    now = datetime.now(UTC)
    made = []
    for n in range(PRODUCTS_EACH):
        product = Product(
            id=new_id(),
            seller_id=seller_id,
            sku=f"MARKET-{n}",
            title=f"Thing {n} of the market",
            description="One of ten.",
            category=category,
            price=Money(1_000 + 100 * n, "GBP"),
            created_at=now,
            updated_at=now,
            available=PIECES,
        )
        product.file(path)
        made.append(product)
    database.products.insert_many(map(to_document, made))
    movements.note(database, [delivered(each) for each in made], None)
    return [each.id for each in made]
