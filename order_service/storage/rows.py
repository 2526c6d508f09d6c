"""Orders as rows, and rows as orders."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.dml import ReturningInsert

from common.errors import Conflict
from common.money import Money
from order_service.domain.order import (
    Fulfilment,
    Line,
    Order,
)
from order_service.domain.payment import PaymentStatus
from order_service.domain.refund import Refund
from order_service.domain.states import PartStatus, Status
from order_service.domain.steps import Step
from order_service.storage.models import FulfilmentRow, LineRow, OrderRow

# What a statement returns that did something.
DONE: ColumnElement[Any] = literal_column("1")

OfOrder = TypeVar("OfOrder", LineRow, FulfilmentRow, Refund)


def by_order(found: Iterable[OfOrder]) -> dict[str, list[OfOrder]]:
    """In one pass, as a page may have many orders of many lines."""
    groups: dict[str, list[OfOrder]] = defaultdict(list)
    for each in found:
        groups[each.order_id].append(each)
    return groups


@lru_cache
def into(table: type[Any]) -> Insert:
    """Past the mapping, with which a statement costs three times as much.

    So is what names no attribute of the mapping, such as ``DONE``.  What is put in
    is given apart, so that the statement is made once, not for each row.
    """
    return insert(table.__table__)


@lru_cache
def once(table: type[Any]) -> ReturningInsert[Any]:
    """The same, of a row that may be there already; says whether it was not."""
    return insert(table.__table__).on_conflict_do_nothing().returning(DONE)


def order_fields(order: Order) -> dict[str, Any]:
    """All but the address, which is kept sealed and does not change."""
    return {
        "id": order.id,
        "number": order.number,
        "customer_id": order.customer_id,
        "status": order.status.value,
        "step": order.step.value,
        "total_minor": order.total.amount,
        "currency": order.total.currency,
        "from_cart": order.from_cart,
        "payment_token": order.payment_token,
        "payment_status": order.payment_status.value,
        "refusal": list(order.refusal.args) if order.refusal else None,
        "placed_at": order.placed_at,
        "resume_at": order.resume_at,
        "attempts": order.attempts,
        "version": order.version,
        "refunded_minor": order.total.amount - order.left.amount,
    }


def changes_of(before: Order, ahead: Order) -> dict[str, Any]:
    """Of the same order, what is different now."""
    was = order_fields(before)
    return {
        name: value for name, value in order_fields(ahead).items() if was[name] != value
    }


def lines_of(order: Order) -> list[dict[str, Any]]:
    return [
        {
            "order_id": order.id,
            "position": position,
            "product_id": line.product_id,
            "seller_id": line.seller_id,
            "sku": line.sku,
            "title": line.title,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price.amount,
            "category": line.category,
            "commission_bp": line.commission_bp,
            "commission_minor": line.commission_minor,
        }
        for position, line in enumerate(order.items)
    ]


def fulfilments_of(order: Order) -> list[dict[str, Any]]:
    return [
        vars(part) | {"order_id": order.id, "status": part.status.value}
        for part in order.fulfilments
    ]


def to_order(
    row: OrderRow,
    shipping_address: dict,
    lines: Iterable[LineRow],
    fulfilments: Iterable[FulfilmentRow],
    refunds: Iterable[Refund],
) -> Order:
    """Of lines, fulfilments and refunds that are this order's own."""
    return Order(
        id=row.id,
        number=row.number,
        customer_id=row.customer_id,
        items=tuple(to_line(line, row.currency) for line in lines),
        fulfilments=tuple(to_part(part) for part in fulfilments),
        refunds=tuple(refunds),
        shipping_address=shipping_address,
        payment_token=row.payment_token,
        from_cart=row.from_cart,
        placed_at=row.placed_at,
        resume_at=row.resume_at,
        status=Status(row.status),
        step=Step(row.step),
        payment_status=PaymentStatus(row.payment_status),
        attempts=row.attempts,
        refusal=Conflict(*row.refusal) if row.refusal else None,
        version=row.version,
    )


def to_part(row: FulfilmentRow) -> Fulfilment:
    status = PartStatus(row.status)
    return Fulfilment(row.id, row.seller_id, status, row.tracking_number)


def to_line(row: LineRow, currency: str) -> Line:
    return Line(
        product_id=row.product_id,
        seller_id=row.seller_id,
        sku=row.sku,
        title=row.title,
        quantity=row.quantity,
        unit_price=Money(row.unit_price_minor, currency),
        category=row.category,
        commission_bp=row.commission_bp,
        commission_minor=row.commission_minor,
    )
