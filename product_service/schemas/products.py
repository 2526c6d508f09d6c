"""How products look on the wire, and how one asks for them."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from common.pages import Cursor, PageDraft
from common.schemas import (
    LARGEST_AMOUNT,
    Draft,
    Id,
    Moment,
    MoneyDraft,
    MoneyField,
    Text,
    printable,
)
from product_service.domain import product
from product_service.domain.query import ProductQuery, Sort

# A price or a tier, and a moment in two parts.
KEYS_OF_A_PLACE = 3
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
