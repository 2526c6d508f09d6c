"""What an order looks like, and what places one."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from common.schemas import (
    Count,
    Country,
    Draft,
    Flag,
    Id,
    Moment,
    MoneyField,
    Text,
    TotalField,
    show,
)
from order_service.domain.cart import MOST_PIECES
from order_service.domain.order import Order
from order_service.domain.payment import PaymentStatus
from order_service.domain.pricing import merged
from order_service.domain.states import Status

MOST_LINES = 1000
# An order goes to one of them.
ADDRESSES = {"shipping_address", "shipping_address_id"}


class WantedItem(Draft):
    product_id = Id(required=True)
    quantity = Count(1, MOST_PIECES, required=True)


class Address(Draft):
    full_name = Text(200, required=True)
    line1 = Text(200, required=True)
    line2 = Text(200)
    city = Text(100, required=True)
    region = Text(100)
    postal_code = Text(20, required=True)
    country = Country(required=True)
    phone = Text(30)


class ShippingAddress(Address):
    """An address as its owner keeps it; `is_default` is ignored."""

    is_default = Flag()

    @post_load
    def on_the_parcel(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != "is_default"}


class OrderAddress(Address):
    """Where an order goes; the country alone once its customer is forgotten."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"partial": True})


class PaymentDraft(Draft):
    method = fields.String(required=True, validate=validate.OneOf(["card"]))
    token = Text(200, required=True)


class OrderDraft(Draft):
    """An order of ``items``, or of the cart when there are none.

    It goes to ``shipping_address``, or to the one that ``shipping_address_id`` names.
    """

    items = fields.List(
        fields.Nested(WantedItem), validate=validate.Length(1, MOST_LINES)
    )
    shipping_address = fields.Nested(ShippingAddress)
    shipping_address_id = Id()
    payment = fields.Nested(PaymentDraft, required=True)
    expected_total = TotalField()

    @validates_schema(skip_on_field_errors=True)
    def not_too_many_pieces(self, data: dict[str, Any], **_: Any) -> None:
        if max(merged(data.get("items", [])).values(), default=0) > MOST_PIECES:
            raise ValidationError(f"More than {MOST_PIECES} of one product.", "items")

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def goes_to_one_address(self, data: Any, original: Any, **_: Any) -> None:
        if not isinstance(original, dict):
            return
        given = ADDRESSES & original.keys()
        if not given:
            raise ValidationError(
                "Missing data for required field.", "shipping_address"
            )
        if given == ADDRESSES:
            raise ValidationError("One address is enough.", "shipping_address_id")


class LineView(Draft):
    product_id = Id()
    seller_id = Id()
    sku = fields.String()
    title = fields.String()
    quantity = fields.Integer()
    unit_price = MoneyField()
    line_total = MoneyField()


class FulfilmentView(Draft):
    id = Id()
    seller_id = Id()
    status = fields.String()
    items = fields.List(fields.Nested(LineView))
    tracking_number = fields.String(allow_none=True)


class PaymentView(Draft):
    status = fields.Enum(PaymentStatus, by_value=True)


class OrderView(Draft):
    id = Id()
    number = fields.String()
    status = fields.Enum(Status, by_value=True)
    items = fields.List(fields.Nested(LineView))
    fulfilments = fields.Method("dump_fulfilments")
    total = MoneyField()
    payment = fields.Method("dump_payment")
    shipping_address = fields.Nested(OrderAddress)
    placed_at = Moment()
    version = fields.Integer()

    def dump_fulfilments(self, order: Order) -> list[dict[str, Any]]:
        items = order.items_by_seller
        return [
            show(FulfilmentView, vars(part) | {"items": items[part.seller_id]})
            for part in order.fulfilments
        ]

    def dump_payment(self, order: Order) -> dict[str, Any]:
        return show(PaymentView, {"status": order.payment_status})
