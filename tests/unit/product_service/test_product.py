"""What a seller does to a product, and what others hear of it."""

from datetime import timedelta

import pytest

from common.errors import Conflict, Invalid
from product_service.domain.categories import Category, Tree
from product_service.domain.product import Status
from tests.builders import NOON, a_product, pounds

KITCHEN, MUGS = Category("kitchen", "Kitchen"), Category("mugs", "Mugs", "kitchen")
LATER = NOON + timedelta(minutes=1)


def test_a_change_counts_and_is_told_by_name():
    product = a_product()

    product.become({"price": pounds(500), "sku": "TEA-1"}, [KITCHEN, MUGS], LATER)

    (event,) = product.events
    assert (product.version, product.updated_at) == (2, LATER)
    assert product.category_path == ["kitchen", "mugs"]
    assert (event.type, event.changed, event.version) == (
        "product.changed",
        ["price"],
        2,
    )


def test_what_is_so_already_is_silent():
    product = a_product()

    product.become({"title": product.title}, [KITCHEN], LATER)

    assert (product.version, product.updated_at, product.events) == (1, NOON, [])


def test_an_archived_product_is_not_for_sale_and_stays_so():
    product = a_product()
    product.archive(LATER)
    product.archive(LATER)

    assert not product.for_sale
    assert product.visible_to(product.seller_id)
    assert not product.visible_to(None)
    assert [event.type for event in product.events] == ["product.archived"]
    with pytest.raises(Conflict) as refusal:
        product.become({"title": "Other"}, [KITCHEN], LATER)
    assert refusal.value.code == "product_archived"


def test_who_decides_on_an_older_version_is_refused():
    product = a_product(version=3)

    product.must_be_at(3)
    with pytest.raises(Conflict) as refusal:
        product.must_be_at(2)

    assert refusal.value.code == "stale"


def test_a_draft_is_told_as_one():
    product = a_product(status=Status.DRAFT)

    product.offer([KITCHEN])

    (event,) = product.events
    assert (event.type, event.status, event.version) == ("product.created", "draft", 1)


class TestTree:
    def test_a_path_leads_from_the_root(self):
        assert Tree([MUGS, KITCHEN]).path("mugs") == [KITCHEN, MUGS]

    def test_a_category_that_is_none_is_refused(self):
        with pytest.raises(Invalid):
            Tree([KITCHEN]).path("garden")

    def test_a_circle_has_an_end(self):
        first, second = Category("a", "A", "b"), Category("b", "B", "a")

        assert Tree([first, second]).path("a") == [second, first]

    def test_a_parent_that_is_gone_ends_the_path(self):
        assert Tree([MUGS]).path("mugs") == [MUGS]
