"""How orders and carts look on the wire."""

from typing import Any

from marshmallow import (
    EXCLUDE,
    ValidationError,
    fields,
    post_load,
    validate,
    validates_schema,
)

from common.pages import PageDraft
from common.schemas import (
    Count,
    Country,
    Draft,
    Flag,
    Id,
    Moment,
    MoneyField,
    Reader,
    Text,
    show,
)
from order_service.domain.cart import MOST_PIECES
from order_service.domain.order import Order
from order_service.domain.payment import PaymentStatus
from order_service.domain.pricing import merged
from order_service.domain.refund import RefundStatus
from order_service.domain.states import PartStatus, Status

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


class SavedAddress(Address):
    """An address as user_service keeps it."""

    class Meta:
        unknown = EXCLUDE


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
    expected_total = MoneyField()

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
        return [
            show(FulfilmentView, vars(part) | {"items": order.items_of(part.seller_id)})
            for part in order.fulfilments
        ]

    def dump_payment(self, order: Order) -> dict[str, Any]:
        return show(PaymentView, {"status": order.payment_status})


class SoldQueryDraft(PageDraft):
    status = fields.Enum(Status, by_value=True, load_default=None)


class OrderQueryDraft(SoldQueryDraft):
    customer_id = Id(load_default=None)


class SellerOrderView(Draft):
    """An order as one of its shops sees it: with that shop's lines and no others."""

    id = Id()
    number = fields.String()
    status = fields.Enum(Status, by_value=True)
    items = fields.List(fields.Nested(LineView))
    fulfilments = fields.List(fields.Nested(FulfilmentView))
    total = MoneyField()
    shipping_address = fields.Nested(OrderAddress)
    placed_at = Moment()
    version = fields.Integer()


class FulfilmentPatch(Draft):
    status = fields.String(
        required=True,
        validate=validate.OneOf([PartStatus.SHIPPED, PartStatus.DELIVERED]),
    )
    tracking_number = Text(100)


class OwnFulfilmentView(FulfilmentView):
    """A part of an order, and how far the order is."""

    order_id = Id()
    order_status = fields.Enum(Status, by_value=True)


class CancellationDraft(Draft):
    reason = Text(500, required=True)


class RefundDraft(Draft):
    """``returned_items`` came back and go on the shelf again."""

    amount = MoneyField(required=True)
    reason = Text(500, required=True)
    returned_items = fields.List(
        fields.Nested(WantedItem),
        load_default=list,
        validate=validate.Length(0, MOST_LINES),
    )

    @validates_schema(skip_on_field_errors=True)
    def is_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data["amount"].amount:
            raise ValidationError("Nothing to give back.", "amount")


class RefundView(Draft):
    """``returned_items`` go back on the shelf, also what was never sent."""

    id = Id()
    order_id = Id()
    amount = MoneyField()
    reason = fields.String(allow_none=True)
    status = fields.Enum(RefundStatus, by_value=True)
    returned_items = fields.List(fields.Nested(WantedItem))
    created_at = Moment()


class ActorView(Draft):
    role = fields.String()
    id = Id(allow_none=True)


class EntryView(Draft):
    """Who did what, and when; the shop itself has the role ``system``.

    A customer is told the roles of others, and not their ids.
    """

    at = Moment()
    actor = fields.Nested(ActorView)
    event = fields.String()
    details = fields.Dict()


class DashboardQueryDraft(Draft):
    days = fields.Integer(load_default=30, validate=validate.Range(1, 366))


class DayView(Draft):
    """A day of UTC."""

    date = fields.Date()
    orders = fields.Integer()
    units = fields.Integer()
    revenue = MoneyField()


class DashboardView(Draft):
    """What the shop sold in the last days, today included.

    ``open_orders`` wait to be shipped.  Revenue is what was sold and neither
    cancelled nor wholly refunded, before commission.
    """

    open_orders = fields.Integer()
    units = fields.Integer()
    revenue = MoneyField()
    by_day = fields.List(fields.Nested(DayView))


class SignedMoneyView(Draft):
    """Below zero where it is the other way round."""

    amount = fields.Integer()
    currency = fields.String()


class BalanceView(Draft):
    """``payable`` is ``sales`` less ``commission``, ``refunds`` and ``paid_out``.

    It is below zero for who was paid out what went back to customers since. The
    marketplace bears its part of refunds: that is off the ``commission``.
    """

    currency = fields.String()
    payable = fields.Nested(SignedMoneyView)
    paid_out = MoneyField()
    sales = MoneyField()
    commission = MoneyField()
    refunds = MoneyField()


class QuantityDraft(Draft):
    quantity = Count(1, MOST_PIECES, required=True)


class CartLineView(Draft):
    product_id = Id()
    title = fields.String()
    quantity = fields.Integer()
    unit_price = MoneyField()
    line_total = MoneyField()
    available = fields.Integer()
    changed = fields.String(allow_none=True)


class CartView(Draft):
    items = fields.List(fields.Nested(CartLineView))
    total = MoneyField()
    version = fields.Integer()


class UserErased(Reader):
    """``user.erased`` of user_service."""

    user_id = Id(required=True)


class Quote(Reader):
    """A product as product_service offers it."""

    id = Id(required=True)
    seller_id = Id(required=True)
    sku = fields.String(required=True)
    title = fields.String(required=True)
    price = MoneyField(required=True)
    available = fields.Integer(required=True)
    # From the root of the tree to the product's own.
    categories = fields.List(fields.String(), required=True)
