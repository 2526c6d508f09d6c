"""What other services say."""

from marshmallow import EXCLUDE, fields

from common.schemas import Id, MoneyField, Reader
from order_service.schemas.orders import Address


class SavedAddress(Address):
    """An address as user_service keeps it."""

    class Meta:
        unknown = EXCLUDE


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
