"""How products, sellers and stock look on the wire."""

from typing import Any

from marshmallow import (
    ValidationError,
    fields,
    post_load,
    validate,
    validates,
    validates_schema,
)

from common.pages import Cursor, PageDraft
from common.schemas import (
    LARGEST_AMOUNT,
    Count,
    Draft,
    Id,
    Moment,
    MoneyDraft,
    MoneyField,
    Reader,
    Text,
    printable,
)
from product_service.domain import product, review, seller
from product_service.domain.query import ProductQuery, Sort

MOST_LINES = 1000
MOST_PIECES = 10_000
MOST_ROWS = 500
# A price or a tier, and a moment in two parts.
KEYS_OF_A_PLACE = 3
LARGEST_STOCK = 10**9
SKU = r"[A-Za-z0-9][A-Za-z0-9._/-]*"
SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"


class ProductDraft(Draft):
    sku = fields.String(
        required=True, validate=[validate.Length(1, 64), validate.Regexp(f"^{SKU}\\Z")]
    )
    title = Text(200, required=True)
    description = Text(10_000, shortest=0, load_default="")
    category = fields.String(required=True, validate=validate.Regexp(f"^{SLUG}\\Z"))
    price = MoneyField(required=True)
    attributes = fields.Dict(
        keys=Text(50),
        values=Text(200),
        load_default=dict,
        validate=validate.Length(0, 50),
    )
    images = fields.List(
        fields.URL(schemes={"https", "http"}, validate=validate.Length(1, 2000)),
        load_default=list,
        validate=validate.Length(0, 20),
    )
    status = fields.Enum(
        product.Status,
        by_value=True,
        load_default=product.Status.ACTIVE,
        validate=validate.OneOf(product.LIVE, error="Not for you to choose."),
    )


class MoneyPatch(MoneyDraft):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"partial": True} | options)


class ProductPatch(ProductDraft):
    """A JSON merge patch: null takes away a description, images or an attribute."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"partial": True} | options)

    description = Text(10_000, shortest=0, allow_none=True)
    price = fields.Nested(MoneyPatch)  # type: ignore[assignment]
    attributes = fields.Dict(
        keys=Text(50), values=Text(200, allow_none=True), allow_none=True
    )
    images = fields.List(fields.String(), allow_none=True)


class ProductRow(ProductPatch):
    """A product as it shall be; of one that you have, only what changes is needed."""

    def __init__(self, **options: Any) -> None:
        others = self._declared_fields.keys() - {"sku"}
        parts = {"price.amount", "price.currency"}
        super().__init__(**{"partial": tuple(others | parts)} | options)


class RowField(fields.Nested):
    """A row as it came: whether it makes sense is said of each by itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ProductRow, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


class BatchDraft(Draft):
    items = fields.List(
        RowField(), required=True, validate=validate.Length(1, MOST_ROWS)
    )


class RowResult(Draft):
    """What became of a row, with the status that it would have by itself."""

    sku = fields.String(required=True, allow_none=True)
    status = fields.Integer(required=True)
    product_id = Id()
    version = fields.Integer()
    code = fields.String()
    detail = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.String())


class BatchView(Draft):
    """In the order of the rows."""

    items = fields.List(fields.Nested(RowResult))


class ProductView(Draft):
    id = Id()
    seller_id = Id()
    sku = fields.String()
    title = fields.String()
    description = fields.String()
    category = fields.String()
    price = MoneyField()
    attributes = fields.Dict(keys=fields.String(), values=fields.String())
    images = fields.List(fields.String())
    status = fields.Enum(product.Status, by_value=True)
    available = fields.Integer()
    version = fields.Integer()
    created_at = Moment()
    updated_at = Moment()


class ProductQueryDraft(PageDraft):
    q = fields.String(validate=[validate.Length(1, 200), printable])
    category = fields.String(validate=validate.Length(1, 64))
    seller_id = Id()
    min_price = fields.Integer(validate=validate.Range(0, LARGEST_AMOUNT))
    max_price = fields.Integer(validate=validate.Range(0, LARGEST_AMOUNT))
    in_stock = fields.Boolean()
    sort = fields.Enum(Sort, by_value=True)
    facets = fields.Boolean()
    cursor = Cursor(KEYS_OF_A_PLACE + 1, load_default=None)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ProductQuery:
        return ProductQuery(**data)

    @validates_schema
    def cursor_fits(self, data: dict[str, Any], **_: Any) -> None:
        query = ProductQuery(**data)
        keys = 0 if query.order is Sort.NEWEST else KEYS_OF_A_PLACE
        if query.cursor and not all(
            [
                len(query.cursor) == keys + 1,
                all(type(key) is int and key >= 0 for key in query.cursor[:-1]),
                all(moment < 2**32 for moment in query.cursor[1:-1]),
            ]
        ):
            raise ValidationError("Not a cursor of this list.", "cursor")


class CategoryView(Draft):
    slug = fields.String()
    name = fields.String()
    parent = fields.String(allow_none=True)


class QuoteView(Draft):
    """What an order or a cart needs to know of a product."""

    id = Id()
    seller_id = Id()
    sku = fields.String()
    title = fields.String()
    price = MoneyField()
    available = fields.Integer()
    categories = fields.List(fields.String(), attribute="category_path")


class SellerDraft(Draft):
    name = Text(100, required=True)
    description = Text(2000, shortest=0, load_default="")


class SellerStatusDraft(Draft):
    status = fields.Enum(
        seller.Status,
        by_value=True,
        required=True,
        validate=validate.OneOf(
            [seller.Status.ACTIVE, seller.Status.SUSPENDED], error="Not a decision."
        ),
    )


class SellerView(Draft):
    id = Id()
    name = fields.String()
    description = fields.String()
    status = fields.Enum(seller.Status, by_value=True)
    version = fields.Integer()
    created_at = Moment()


class AdjustmentDraft(Draft):
    delta = Count(-LARGEST_STOCK, LARGEST_STOCK, required=True)
    reason = Text(200, required=True)

    @validates("delta")
    def moves_something(self, value: int, data_key: str) -> None:
        if not value:
            raise ValidationError("Must not be 0.")


class ReviewDraft(Draft):
    rating = Count(review.LEAST, review.MOST, required=True)
    title = Text(200, required=True)
    text = Text(5000, required=True)


class ReviewView(Draft):
    """Who wrote it is nobody's business."""

    id = Id()
    product_id = Id()
    rating = fields.Integer()
    title = fields.String()
    text = fields.String()
    created_at = Moment()


class LevelView(Draft):
    on_hand = fields.Integer()
    reserved = fields.Integer()
    available = fields.Integer()


class AdjustedView(LevelView):
    movement_id = Id()


class WantedItem(Draft):
    product_id = Id(required=True)
    quantity = Count(1, MOST_PIECES, required=True)


class ReservationDraft(Draft):
    order_id = Id(required=True)
    items = fields.List(
        fields.Nested(WantedItem),
        required=True,
        validate=validate.Length(1, MOST_LINES),
    )


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
