"""How reviews look on the wire."""

from marshmallow import fields

from common.schemas import Count, Draft, Id, Moment, Text
from product_service.domain import review


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
