"""What a seller may offer."""

import pytest

from common.errors import Invalid
from common.money import Money
from common.schemas import parse
from product_service.domain.product import Status
from product_service.schemas import AdjustmentDraft, ProductDraft
from tests.builders import a_product, a_product_draft, a_seller


def wrong_fields(**change):
    with pytest.raises(Invalid) as refusal:
        parse(ProductDraft, a_product_draft(**change))
    return set(refusal.value.details)


def test_a_good_offer_is_taken_as_it_is():
    draft = parse(ProductDraft, a_product_draft())

    assert draft["price"] == Money(450, "GBP")
    assert draft["status"] is Status.ACTIVE
    assert (draft["attributes"], draft["images"]) == ({}, [])


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"sku": ""}, "sku"),
        ({"sku": "a b"}, "sku"),
        ({"sku": "x" * 65}, "sku"),
        ({"sku": "x\n"}, "sku"),
        ({"title": "x" * 201}, "title"),
        ({"title": "\x00"}, "title"),
        ({"description": "x" * 10_001}, "description"),
        ({"category": "Not A Slug"}, "category"),
        ({"price": 4.5}, "price"),
        ({"price": {"amount": -1, "currency": "GBP"}}, "price.amount"),
        ({"price": {"amount": 1.5, "currency": "GBP"}}, "price.amount"),
        ({"price": {"amount": "1", "currency": "GBP"}}, "price.amount"),
        ({"price": {"amount": 1, "currency": "XXX"}}, "price.currency"),
        ({"price": {"amount": 1}}, "price.currency"),
        ({"images": ["javascript:alert(1)"]}, "images.0"),
        ({"status": "sold"}, "status"),
        ({"seller_id": "me"}, "seller_id"),
        ({"available": 5}, "available"),
    ],
)
def test_what_does_not_fit_is_named(change, wrong):
    assert wrong_fields(**change) == {wrong}


@pytest.mark.parametrize("delta", [1.5, "1", True, None, 10**10])
def test_an_adjustment_is_a_whole_number(delta):
    with pytest.raises(Invalid):
        parse(AdjustmentDraft, {"delta": delta, "reason": "count"})


def test_a_draft_is_seen_by_its_seller_alone():
    draft = a_product(status=Status.DRAFT)

    assert draft.visible_to(draft.seller_id)
    assert not draft.visible_to(None)
    assert not draft.visible_to("another")


def test_a_shop_that_is_not_active_cannot_sell():
    with pytest.raises(Exception, match="not active"):
        a_seller().must_be_active()
