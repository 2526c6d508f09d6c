"""What may be done to an order that is sold, and what was."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from common.schemas import Draft, Id, Moment, MoneyField, Text, TotalField
from order_service.domain.refund import RefundStatus
from order_service.schemas.orders import MOST_LINES, WantedItem


class CancellationDraft(Draft):
    reason = Text(500, required=True)


class RefundDraft(Draft):
    """``returned_items`` came back and go on the shelf again."""

    amount = TotalField(required=True)
    reason = Text(500, required=True)
    returned_items = fields.List(
        fields.Nested(WantedItem),
        load_default=list,
        validate=validate.Length(0, MOST_LINES),
    )

    @validates_schema(skip_on_field_errors=True)
    def is_something(self, data: dict[str, Any], **_: Any) -> None:
        if not data["amount"].amount:
            raise ValidationError("Nothing to give back.", "amount")


class RefundView(Draft):
    """``returned_items`` go back on the shelf, also what was never sent."""

    id = Id()
    order_id = Id()
    amount = MoneyField()
    reason = fields.String(allow_none=True)
    status = fields.Enum(RefundStatus, by_value=True)
    returned_items = fields.List(fields.Nested(WantedItem))
    created_at = Moment()


class ActorView(Draft):
    role = fields.String()
    id = Id(allow_none=True)


class EntryView(Draft):
    """Who did what, and when; the shop itself has the role ``system``.

    A customer is told the roles of others, and not their ids.
    """

    at = Moment()
    actor = fields.Nested(ActorView)
    event = fields.String()
    details = fields.Dict()
