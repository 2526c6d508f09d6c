"""How stock looks on the wire."""

from marshmallow import ValidationError, fields, validate, validates

from common.schemas import Count, Draft, Id, Text

MOST_LINES = 1000
MOST_PIECES = 10_000
LARGEST_STOCK = 10**9


class AdjustmentDraft(Draft):
    delta = Count(-LARGEST_STOCK, LARGEST_STOCK, required=True)
    reason = Text(200, required=True)

    @validates("delta")
    def moves_something(self, value: int, data_key: str) -> None:
        if not value:
            raise ValidationError("Must not be 0.")


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
