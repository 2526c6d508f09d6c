"""What the tables of the orders database have in common."""

from sqlalchemy import DateTime, String
from sqlalchemy.orm import DeclarativeBase

from common.inbox import InboxMixin
from common.outbox import OutboxMixin

Moment = DateTime(timezone=True)
Identity = String(36)


class OrderBase(DeclarativeBase):
    """The database of order_service."""


class OutboxRow(OutboxMixin, OrderBase):
    pass


class InboxRow(InboxMixin, OrderBase):
    pass
