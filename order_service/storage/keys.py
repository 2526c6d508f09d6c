"""Under which Idempotency-Key of a customer an order was placed, and its answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from common.sealing import Seal
from order_service.domain import errors
from order_service.domain.order import Order
from order_service.storage import rows, sealed
from order_service.storage.claims import Claim
from order_service.storage.models import IdempotencyKeyRow, OrderBase

KEYS = OrderBase.metadata.tables["idempotency_keys"]
GONE = OrderBase.metadata.tables["erased_customers"].c
GIVEN = ("customer_id", "key", "fingerprint", "order_id", "from_cart", "created_at")
# Made once, as every order needs them.
TAKE = (
    rows.into(IdempotencyKeyRow)
    .from_select(
        GIVEN,
        select(
            *(bindparam(f"its_{name}", type_=KEYS.c[name].type) for name in GIVEN)
        ).where(~exists().where(GONE.customer_id == bindparam("its_customer_id"))),
    )
    .on_conflict_do_nothing()
    .returning(rows.DONE)
)
PIN = update(KEYS).where(KEYS.c.order_id == bindparam("its_order_id"))
FREE = delete(KEYS).where(KEYS.c.order_id == bindparam("its_order_id"))


def answered(session: Session, seal: Seal, claim: Claim) -> dict[str, Any] | None:
    known = session.get(IdempotencyKeyRow, (claim.customer_id, claim.key))
    if known is None:
        return None
    if known.fingerprint != claim.fingerprint:
        raise errors.idempotency_key_reused()
    if known.answer is None:
        raise errors.request_in_progress()
    return sealed.opened_answer(seal, known.order_id, known.answer)


def take(session: Session, claim: Claim, order: Order, now: datetime) -> bool:
    """Whether key and cart are this order's; both, until it is answered.

    They are nobody's who is not known.
    """
    row = vars(claim) | {
        "order_id": order.id,
        "from_cart": order.from_cart,
        "created_at": now,
    }
    given = {f"its_{name}": value for name, value in row.items()}
    return session.scalar(TAKE, given) is not None


def answer(
    session: Session, seal: Seal, order_id: str, answer: dict[str, Any] | None
) -> None:
    """Pin it to the order's key, or free the key for another try."""
    its = {"its_order_id": order_id}
    if answer is None:
        session.execute(FREE, its)
        return
    closed = sealed.closed_answer(seal, order_id, answer)
    session.execute(PIN, its | {"answer": closed})
