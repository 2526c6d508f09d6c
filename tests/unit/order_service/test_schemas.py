"""What a customer may ask for, and how it is refused."""

import pytest

from common.errors import Invalid
from common.ids import new_id
from common.schemas import parse, show
from order_service.schemas import OrderDraft, OrderView
from tests.builders import ADDRESS, TEA, an_order, an_order_draft


def refusal_of(**changes):
    with pytest.raises(Invalid) as refusal:
        parse(OrderDraft, an_order_draft(**changes))
    return refusal.value.details


def items(*quantities, product_id=TEA):
    return [{"product_id": product_id, "quantity": quantity} for quantity in quantities]


@pytest.mark.parametrize(
    "quantity", [0, -1, 10_001, 1.5, "2", True, None, 10**30, float("nan")]
)
def test_a_quantity_is_a_whole_number_from_1_to_10000(quantity):
    assert list(refusal_of(items=items(quantity))) == ["items.0.quantity"]


def test_the_limits_themselves_are_fine():
    lines = [{"product_id": new_id(), "quantity": 10_000} for _ in range(1000)]

    assert len(parse(OrderDraft, an_order_draft(items=lines))["items"]) == 1000


def test_more_than_1000_lines_are_refused():
    assert list(refusal_of(items=items(*[1] * 1001))) == ["items"]


def test_lines_of_one_product_count_together():
    assert list(refusal_of(items=items(10_000, 1))) == ["items"]


def test_every_wrong_field_is_named():
    wrong = refusal_of(
        items=items(0, product_id="x"), shipping_address=ADDRESS | {"country": "UK"}
    )

    assert set(wrong) == {
        "items.0.product_id",
        "items.0.quantity",
        "shipping_address.country",
    }


@pytest.mark.parametrize("field", ["status", "total", "customer_id", "__type__"])
def test_a_field_we_do_not_know_is_refused(field):
    assert list(refusal_of(**{field: "x"})) == [field]


def test_an_address_may_say_that_it_is_a_default_and_nobody_keeps_that():
    draft = an_order_draft(shipping_address=ADDRESS | {"is_default": True})

    assert parse(OrderDraft, draft)["shipping_address"] == ADDRESS


def test_the_client_cannot_set_a_price():
    line = {"product_id": TEA, "quantity": 1, "unit_price": {"amount": 1}}

    assert list(refusal_of(items=[line])) == ["items.0.unit_price"]


@pytest.mark.parametrize("body", [None, [], "x", 3])
def test_anything_but_an_object_is_refused(body):
    with pytest.raises(Invalid) as refusal:
        parse(OrderDraft, body)

    assert list(refusal.value.details) == ["body"]


def test_an_order_looks_as_the_contract_says():
    order = an_order()
    order.confirm()

    view = show(OrderView, order)

    assert set(view) == {
        "id",
        "number",
        "status",
        "items",
        "fulfilments",
        "total",
        "payment",
        "shipping_address",
        "placed_at",
        "version",
    }
    assert view["total"] == {"amount": 900, "currency": "GBP"}
    assert view["payment"] == {"status": "captured"}
    assert view["placed_at"] == "2026-01-01T12:00:00.000Z"
    assert view["fulfilments"][0]["items"] == view["items"]


class TestWhereItGoes:
    def test_to_an_address_or_to_one_that_is_kept(self):
        kept = an_order_draft(shipping_address=None, shipping_address_id=new_id())

        assert "shipping_address_id" in parse(OrderDraft, kept)

    def test_not_to_both(self):
        assert list(refusal_of(shipping_address_id=new_id())) == ["shipping_address_id"]

    def test_somewhere(self):
        wrong = refusal_of(shipping_address=None, items=items(0))

        assert wrong["shipping_address"] == "Missing data for required field."
        assert "items.0.quantity" in wrong

    @pytest.mark.parametrize("draft", [None, [], "x", 1])
    def test_what_is_no_order_goes_nowhere(self, draft):
        with pytest.raises(Invalid):
            parse(OrderDraft, draft)
