"""The parts of an order go their ways, and the order with the last of them."""

from dataclasses import replace

from order_service.domain import errors
from order_service.domain.events import OrderDelivered, OrderShipped
from order_service.domain.history import Actor
from order_service.domain.order import Fulfilment, Order
from order_service.domain.states import ORDER, PART, PartStatus, Status, moved

SENT = {PartStatus.SHIPPED, PartStatus.DELIVERED}
VERBS = {PartStatus.SHIPPED: "ship", PartStatus.DELIVERED: "deliver"}


def send(
    order: Order, part_id: str, to: PartStatus, tracking_number: str | None, by: Actor
) -> Fulfilment:
    """One part of a sold order is shipped, or delivered."""
    part, verb = part_of(order, part_id), VERBS[to]
    status = moved(PART, verb, part.status)
    if part.status is PartStatus.PENDING:
        moved(ORDER, verb, order.status)
    number = tracking_number or part.tracking_number
    changed = replace(part, status=status, tracking_number=number)
    if changed != part:
        put_back(order, changed)
        told = {"fulfilment_id": part.id, "tracking_number": number}
        order.note(f"fulfilment.{status}", by, **told)
        follow_parts(order, by)
    return changed


def part_of(order: Order, part_id: str) -> Fulfilment:
    for part in order.fulfilments:
        if part.id == part_id:
            return part
    raise errors.no_such_fulfilment(part_id)


def put_back(order: Order, changed: Fulfilment) -> None:
    order.version += 1
    order.fulfilments = tuple(
        changed if part.id == changed.id else part for part in order.fulfilments
    )


def follow_parts(order: Order, by: Actor) -> None:
    live = {part.status for part in order.fulfilments} - {PartStatus.CANCELLED}
    facts = (order.id, order.customer_id, order.number)
    if order.status is Status.CONFIRMED and live <= SENT:
        order.move("ship")
        order.events.append(OrderShipped(*facts))
        order.note("order.shipped", by)
    if order.status is Status.SHIPPED and live == {PartStatus.DELIVERED}:
        order.move("deliver")
        order.events.append(OrderDelivered(*facts))
        order.note("order.delivered", by)
