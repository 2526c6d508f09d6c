"""What a shop sees of what it sold, and how it asks."""

from marshmallow import fields, validate

from common.pages import PageDraft
from common.schemas import Draft, Id, Moment, MoneyField, Text
from order_service.domain.states import PartStatus, Status
from order_service.schemas.orders import FulfilmentView, LineView, OrderAddress


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
