"""Rows of a batch meet what others do to the same products."""

from types import SimpleNamespace

import pytest

from product_service.batches import TRIES, Batch
from product_service.domain.categories import Category
from product_service.storage.categories import CategoryRepository
from product_service.storage.products import ProductRepository
from tests.builders import NOON, SELLER, a_product_draft, pounds
from tests.catalogues import a_catalogue

KITCHEN = Category("kitchen", "Kitchen")


class Overtaken(ProductRepository):
    """Somebody is quicker than who has just read, so many times."""

    def __init__(self, database, times):
        super().__init__(database)
        self.times = times

    def of_skus(self, seller_id, skus):
        found = super().of_skus(seller_id, skus)
        if self.times:
            self.times -= 1
            self.overtake(seller_id, skus[0], found)
        return found

    def overtake(self, seller_id, sku, found):
        quicker = ProductRepository(self.products.database)
        quicker.products = self.products
        if sku in found:
            product = quicker.own(found[sku].id, seller_id)
            seen = product.version
            product.become({"title": f"By another {seen}"}, [KITCHEN], NOON)
            quicker.save(product, seen)
        else:
            store = SimpleNamespace(products=quicker, categories=self.categories)
            Batch(store, seller_id, NOON).save([a_product_draft(sku=sku, title="New")])


@pytest.fixture
def send(stack):
    """``send(rows, overtaken=1)``: the results of a batch."""
    with a_catalogue(stack) as database:
        categories = CategoryRepository(database)
        categories.add(KITCHEN)

        def save(rows, overtaken=0):
            products = Overtaken(database, overtaken)
            products.categories = categories
            store = SimpleNamespace(products=products, categories=categories)
            save.product = lambda sku: products.of_skus(SELLER, [sku])[sku]
            return Batch(store, SELLER, NOON).save(rows)

        yield save


def test_a_row_is_merged_into_what_another_has_made_of_it(send):
    send([a_product_draft(sku="A")])

    (result,) = send([{"sku": "A", "price": {"amount": 999}}], overtaken=1)

    assert (result["status"], result["version"]) == (200, 3)
    assert send.product("A").price == pounds(999)
    assert send.product("A").title == "By another 1"


def test_a_row_changes_what_another_has_just_made(send):
    (result,) = send([a_product_draft(sku="A", title="Mine")], overtaken=1)

    assert (result["status"], result["version"]) == (200, 2)
    assert send.product("A").title == "Mine"


def test_who_is_always_overtaken_is_told_and_the_others_are_saved(send):
    send([a_product_draft(sku="A")])

    first, second = send(
        [{"sku": "A", "price": {"amount": 999}}, a_product_draft(sku="B")],
        overtaken=TRIES,
    )

    assert (first["status"], first["code"]) == (409, "stale")
    assert second["status"] == 201
    assert send.product("A").price == pounds(450)
    assert send.product("B").version == 1


def test_rows_that_were_saved_before_a_crash_change_nothing_again(send):
    rows = [a_product_draft(sku=sku) for sku in "ABC"]
    first = send(rows[:2])

    again = send(rows)

    assert [row["status"] for row in again] == [200, 200, 201]
    assert [row["product_id"] for row in again[:2]] == [r["product_id"] for r in first]
    assert [row["version"] for row in again] == [1, 1, 1]
