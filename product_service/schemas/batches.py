"""Many products at a time."""

from typing import Any

from marshmallow import fields, validate

from common.schemas import Draft, Id
from product_service.schemas.products import ProductPatch

MOST_ROWS = 500


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
