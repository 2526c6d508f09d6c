"""Every metric that somebody looks at is there, and counts what has happened."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from common.ids import new_id
from ops.http import call
from ops.http import request as ask
from ops.stack.services import SERVICES
from tests.client import eventually
from tests.queries import queries, shown, wrong_with

DOCUMENTED = Path(__file__).parents[2] / "docs/metrics.md"
BROKER = "/metrics/detailed?vhost=shopnow&family={}&family={}"
FAMILIES = ("queue_coarse_metrics", "queue_consumer_count")


def pages(stack, service):
    """What each process of ``service`` tells."""
    consul = stack.operator["CONSUL_URI"]
    entries = call("GET", f"{consul}/v1/health/service/{service}")
    ports = [each["Service"]["Meta"]["metrics_port"] for each in entries]
    assert ports
    return [page(port) for port in ports]


def page(port, path="/metrics"):
    got = ask("GET", f"http://127.0.0.1:{port}{path}")
    assert got.status == 200
    return got.data.decode()


def broker_pages(stack):
    port = stack.settings.ports["rabbitmq_prometheus"]
    return [page(port), page(port, BROKER.format(*FAMILIES))]


def total(stack, service, name, **labels):
    """Over all processes of ``service``, and all other labels."""
    return sum(
        sample.value
        for text in pages(stack, service)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


@pytest.fixture(scope="module")
def bought(stack, seller, stranger):
    """A product that somebody looked at, put into a cart and bought."""
    category = seller.get("/v1/categories").body["items"][0]["slug"]
    offer = {
        "sku": f"METRIC-{new_id()}",
        "title": "Measuring cup",
        "description": "Holds 200 ml.",
        "category": category,
        "price": {"amount": 450, "currency": "GBP"},
        "status": "active",
    }
    offered = seller.post("/v1/products", offer)
    path = offered.headers["Location"]
    delivery = {"delta": 9, "reason": "delivery"}
    adjustments = f"{path}/inventory/adjustments"
    assert seller.post(adjustments, delivery, Idempotency_Key=new_id()).status == 201
    for _ in range(3):
        assert stranger.get(path).status == 200
    customer, product_id = stranger.signed_up(), offered.body["id"]
    cart = customer.put(f"/v1/cart/items/{product_id}", {"quantity": 2})
    assert cart.status == 200
    assert customer.place(None).status == 201
    return product_id


def test_an_order_is_counted_at_every_station(bought, stack):
    def counted(service, name, **labels):
        return total(stack, service, name, **labels) > 0

    asked = {"method": "POST", "route": "/v1/orders"}
    duration = "shopnow_gateway_request_duration_seconds"
    assert counted("gateway", "shopnow_gateway_requests_total", status="201", **asked)
    assert counted("gateway", f"{duration}_bucket", le="+Inf", **asked)
    assert counted("gateway", f"{duration}_sum", **asked)
    reserved = {"method": "reserve_stock", "outcome": "ok"}
    assert counted("product_service", "shopnow_rpc_requests_total", **reserved)
    assert counted("product_service", "shopnow_rpc_queue_duration_seconds_count")
    handled = {"handler": "on_order_confirmed", "outcome": "ok"}
    name = "shopnow_events_handled_total"
    eventually(lambda: counted("product_service", name, **handled), True)
    assert counted("product_service", "shopnow_event_delay_seconds_count")


def test_what_waits_is_told_by_everybody_who_has_an_outbox(bought, stack):
    for service in ("auth_service", "user_service", "product_service", "order_service"):
        for text in pages(stack, service):
            assert "shopnow_outbox_oldest_seconds " in text
            assert "shopnow_store_readings_failed_total 0.0" in text
    assert total(stack, "order_service", "shopnow_saga_orders", step="void") == 0


def test_every_query_asks_for_what_is_there(bought, stack):
    ours = [text for each in SERVICES for text in pages(stack, each.name)]
    known = shown([*ours, *broker_pages(stack)])

    wrong = {name: wrong_with(query, known) for name, query in queries().items()}

    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_metrics_are_those_that_are_documented(bought, stack):
    # A family in the documentation may end the name before it: `…_entries`.
    written = re.findall(r"`(shopnow_\w+|…_\w+)`", DOCUMENTED.read_text())
    documented = {n.replace("…", "shopnow_gateway_cache") for n in written}
    ours = [text for each in SERVICES for text in pages(stack, each.name)]
    families = {
        line.split()[2]
        for text in ours
        for line in text.splitlines()
        if line.startswith("# TYPE shopnow_")
    }

    assert families == documented
