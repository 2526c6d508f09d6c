"""One trace runs from a request to the last handler of the last of its events."""

import json

import pytest

from common.ids import new_id
from tests.client import eventually


@pytest.fixture
def spans(stack):
    """``spans(trace_id)``: what all processes have told of it."""

    def find(trace_id):
        files = (stack.run_dir / "traces").glob("*.jsonl*")
        told = [json.loads(line) for file in files for line in file.open()]
        return [span for span in told if span["trace"] == trace_id]

    return find


def edges(spans):
    """Who had whom do what: ``(service, service, name)``."""
    by_id = {span["span"]: span for span in spans}
    return {
        (by_id[span["parent"]]["service"], span["service"], span["name"])
        for span in spans
        if span["parent"] in by_id and span["kind"] in ("server", "consumer")
    }


def names(spans):
    return {span["name"] for span in spans}


CHECKOUT = {
    ("gateway", "order_service", "order_service/place_order"),
    ("order_service", "product_service", "product_service/quote_products"),
    ("order_service", "product_service", "product_service/reserve_stock"),
    ("order_service", "product_service", "product_service/commit_stock"),
    ("order_service", "product_service", "process order.confirmed"),
    ("order_service", "user_service", "process order.confirmed"),
    ("product_service", "gateway", "process catalogue.stale"),
}


def test_a_checkout_is_one_trace_from_the_request_to_the_last_handler(
    customer, product, spans
):
    placed = customer.place({product(stock=1): 1})
    assert placed.status == 201
    trace_id = placed.headers["traceparent"].split("-")[1]

    eventually(lambda: CHECKOUT - edges(spans(trace_id)), set())

    found = spans(trace_id)
    [root] = [span for span in found if span["parent"] is None]
    assert (root["service"], root["name"]) == ("gateway", "POST /v1/orders")
    assert root["attributes"]["http.response.status_code"] == 201
    assert root["attributes"]["shopnow.request_id"] == placed.headers["X-Request-Id"]
    systems = {span["attributes"].get("db.system.name") for span in found}
    assert {"postgresql", "mongodb"} <= systems
    assert "payment authorise" in names(found)


def test_a_caller_s_trace_goes_on_in_the_shop(customer, spans):
    trace_id = new_id().replace("-", "")
    told = f"00-{trace_id}-00f067aa0ba902b7-01"

    answer = customer.get("/v1/cart", traceparent=told)

    assert answer.headers["traceparent"].split("-")[1] == trace_id
    assert answer.headers["traceparent"] != told
    eventually(lambda: {"GET /v1/cart", "PIPELINE"} <= names(spans(trace_id)), True)
    [root] = [each for each in spans(trace_id) if each["name"] == "GET /v1/cart"]
    assert root["parent"] == "00f067aa0ba902b7"
