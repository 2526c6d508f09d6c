"""What other services say."""

from marshmallow import fields

from common.schemas import Id, Reader


class UserErased(Reader):
    """``user.erased`` of user_service."""

    user_id = Id(required=True)


class OrderConfirmed(Reader):
    """``order.confirmed`` of order_service, as far as stock is concerned."""

    order_id = Id(required=True)
    customer_id = Id(required=True)


class OrderCancelled(Reader):
    """``order.cancelled`` of order_service."""

    order_id = Id(required=True)


class ReturnedItem(Reader):
    product_id = Id(required=True)
    quantity = fields.Integer(required=True)


class OrderRefunded(Reader):
    """``order.refunded`` of order_service, as far as stock is concerned."""

    order_id = Id(required=True)
    refund_id = Id(required=True)
    returned_items = fields.List(fields.Nested(ReturnedItem), load_default=list)
