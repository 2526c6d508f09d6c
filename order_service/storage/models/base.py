"""What the tables of the orders database have in common."""

from sqlalchemy import DateTime, String
from sqlalchemy.orm import DeclarativeBase

from common.inbox import InboxMixin
from common.outbox import OutboxMixin

Moment = DateTime(timezone=True)
Identity = String(36)
# Cut by month: see order_service/storage/months.py.  A month's table refers to the
# orders of its month, which no model can say.
OF_ORDER = {"postgresql_partition_by": "RANGE (order_id)"}


class OrderBase(DeclarativeBase):
    """The database of order_service."""


class OutboxRow(OutboxMixin, OrderBase):
    pass


class InboxRow(InboxMixin, OrderBase):
    pass
