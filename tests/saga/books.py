"""What every store says of one order, so that it can be seen whether they agree."""

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from common.database import with_driver
from order_service.storage.models import OrderRow, PaymentRow, SandboxChargeRow

PRICE = 450
STOCK = 5
# As the order and our own books have it, and then as the provider has it:
# captured, refunded and voided of each charge.
PAID = ("captured", "captured", PRICE, 0), [(PRICE, 0, False)]
UNPAID = ("voided", "voided", 0, 0), []
LET_GO = ("voided", "voided", 0, 0), [(0, 0, True)]
GIVEN_BACK = ("refunded", "refunded", PRICE, PRICE), [(PRICE, PRICE, False)]

SOLD = {"on_hand": STOCK - 1, "reserved": 0, "available": STOCK - 1}
KEPT = {"on_hand": STOCK, "reserved": 0, "available": STOCK}


class Books:
    def __init__(self, stack):
        self.engine = create_engine(with_driver(stack.operator["ORDER_DB_URI"]))

    def of(self, order_id):
        with Session(self.engine) as session:
            order = session.get_one(OrderRow, order_id)
            paid = session.get(PaymentRow, order_id)
            found = select(SandboxChargeRow).filter_by(order_id=order_id)
            charges = session.scalars(found).all()
        ours = (paid.status, paid.captured_minor, paid.refunded_minor) if paid else None
        return (
            (order.payment_status, *(ours or ("voided", 0, 0))),
            [(one.captured_minor, one.refunded_minor, one.voided) for one in charges],
        )
