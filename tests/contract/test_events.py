"""What one service says, another understands."""

from dataclasses import asdict

from common.events import envelope
from common.schemas import parse
from product_service.schemas import OrderConfirmed
from tests.builders import NOON, an_order


def test_product_service_understands_a_confirmed_order():
    order = an_order()
    order.confirm()
    event = order.events[0]

    body = envelope(event.type, asdict(event), NOON, "request-1")

    assert parse(OrderConfirmed, body["data"]) == {"order_id": order.id}


def test_every_event_comes_in_the_same_envelope():
    order = an_order()
    order.confirm()

    body = envelope("order.confirmed", asdict(order.events[0]), NOON, "request-1")

    assert set(body) == {
        "id", "type", "version", "occurred_at", "correlation_id", "data",
    }  # fmt: skip
    assert body["occurred_at"] == "2026-01-01T12:00:00.000Z"
