"""How a cart looks on the wire."""

from marshmallow import fields

from common.schemas import Count, Draft, Id, MoneyField
from order_service.domain.cart import MOST_PIECES


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
