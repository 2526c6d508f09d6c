"""What one service says, another understands."""

from dataclasses import asdict

import pytest

from common.events import envelope
from common.json import dumps, loads
from common.schemas import parse
from order_service.schemas import UserErased as UserErasedForOrders
from product_service.schemas import OrderConfirmed
from product_service.schemas import UserErased as UserErasedForProducts
from tests.builders import CUSTOMER, NOON, a_line, an_order, pounds
from user_service.domain.events import UserErased, UserRegistered
from user_service.schemas import OrderConfirmed as ForALetter


def test_product_service_understands_a_confirmed_order():
    order = an_order()
    order.confirm()
    event = order.events[0]

    body = envelope(event.type, asdict(event), NOON, "request-1")

    assert parse(OrderConfirmed, body["data"]) == {
        "order_id": order.id,
        "customer_id": order.customer_id,
    }


def test_user_service_can_write_about_a_confirmed_order():
    order = an_order(a_line(quantity=2), a_line(title="Pot", quantity=1))
    order.confirm()

    body = envelope("order.confirmed", asdict(order.events[0]), NOON, "request-1")
    read = parse(ForALetter, loads(dumps(body))["data"])

    assert read["customer_id"] == order.customer_id
    assert (read["number"], read["total"]) == (order.number, pounds(1350))
    assert read["items"][1] == {
        "title": "Pot",
        "quantity": 1,
        "unit_price": pounds(450),
    }


@pytest.mark.parametrize("reader", [UserErasedForOrders, UserErasedForProducts])
def test_all_understand_that_somebody_is_erased(reader):
    body = envelope("user.erased", asdict(UserErased(CUSTOMER)), NOON, None)

    assert parse(reader, body["data"]) == {"user_id": CUSTOMER}


@pytest.mark.parametrize("event", [UserErased(CUSTOMER), UserRegistered(CUSTOMER)])
def test_events_of_people_say_no_more_than_who(event):
    assert asdict(event) == {"user_id": CUSTOMER}


def test_every_event_comes_in_the_same_envelope():
    order = an_order()
    order.confirm()

    body = envelope("order.confirmed", asdict(order.events[0]), NOON, "request-1")

    assert set(body) == {
        "id", "type", "version", "occurred_at", "correlation_id", "data",
    }  # fmt: skip
    assert body["occurred_at"] == "2026-01-01T12:00:00.000Z"
