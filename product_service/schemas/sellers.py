"""How shops look on the wire."""

from marshmallow import fields, validate

from common.schemas import Draft, Id, Moment, Text
from product_service.domain import seller


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
