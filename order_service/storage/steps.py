"""An order that goes a step on, without being read again."""

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from order_service.domain.order import Order
from order_service.storage import rows
from order_service.storage.models import OrderBase

ORDERS = OrderBase.metadata.tables["orders"]
PARTS = OrderBase.metadata.tables["fulfilments"]
# Made once; a column's own name is that of its new value.
STEP_ON = (
    update(ORDERS)
    .where(ORDERS.c.id == bindparam("its_id"))
    .where(ORDERS.c.step == bindparam("its_step"))
    .where(ORDERS.c.version == bindparam("its_version"))
    .returning(rows.DONE)
)
CHANGE_PART = (
    update(PARTS)
    .where(PARTS.c.id == bindparam("its_id"))
    .where(PARTS.c.order_id == bindparam("its_order_id"))
)


def step_on(session: Session, before: Order, ahead: Order) -> bool:
    """False when somebody else has changed the order in between."""
    its = {
        "its_id": before.id,
        "its_step": before.step.value,
        "its_version": before.version,
    }
    if session.scalar(STEP_ON, its | rows.changes_of(before, ahead)) is None:
        return False
    for was, part in zip(before.fulfilments, ahead.fulfilments, strict=True):
        if part != was:
            its = {"its_id": part.id, "its_order_id": ahead.id}
            session.execute(CHANGE_PART, its | {"status": part.status.value})
    return True
