"""A look at the shop tells all there is to see, and works in the middle of trouble."""

import pytest

from tests.watched import BEGAN, ERROR, Watched, watching


@pytest.fixture
def shop():
    return Watched()


def looks(shop, **changes):
    """Two looks ten seconds apart, between which something happens."""
    gatherer, clock = watching(shop)
    gatherer.look()
    vars(shop).update(changes)
    clock.seconds += 10
    return gatherer.look()


def texts(view):
    return [finding.text for finding in view.findings]


def test_instances_tell_how_they_are_ours_first(shop):
    view = looks(shop, cpu=1.5)
    gateway, redis = view.instances

    assert (gateway.service, gateway.state, gateway.pid) == (
        "gateway",
        "passing",
        "11815",
    )
    assert gateway.uptime == pytest.approx(view.at.timestamp() - BEGAN)
    assert (gateway.cpu, gateway.memory) == (pytest.approx(0.05), 93e6)
    assert (redis.service, redis.is_ours, redis.cpu) == ("redis", False, None)
    assert (view.level, view.findings) == ("fine", [])


def test_routes_have_rates_failures_and_times(shop):
    (products, readiness) = looks(shop, good=190, bad=10, slow=100).routes

    assert (products.name, products.rate) == ("GET /v1/products", 20.0)
    assert products.share_failed == pytest.approx(0.05)
    assert (products.p50, products.p99) == (pytest.approx(0.1), pytest.approx(0.492))
    assert readiness.is_of_machines


def test_what_machines_ask_is_none_of_the_customers(shop):
    view = looks(shop, good=190, bad=10)

    assert view.total is not None
    assert (view.total.count, view.total.failed) == (200.0, 10.0)
    assert [moment.rate for moment in view.past] == [20.0]
    assert not any("/readyz" in text for text in texts(view))


def test_a_first_look_has_no_rates_yet(shop):
    view = watching(shop)[0].look()

    assert (view.seconds, view.routes, view.total, view.past) == (0.0, [], None, [])
    assert view.level == "fine"


def test_queues_of_one_handler_are_one_and_replies_are_none(shop):
    assert [(q.name, q.consumers, q.rate) for q in looks(shop).queues] == [
        ("rpc-order_service", 1, 2.4),
        ("dead-letters", 0, 0.0),
        ("gateway.on_sessions_ended", 2, 0.0),
    ]


def test_what_waits_tells_for_how_long(shop):
    view = looks(shop, outbox=12.0, saga=90.0)

    assert [(lag.what, lag.seconds, lag.count) for lag in view.outbox + view.sagas] == [
        ("gateway", 12.0, 4.0),
        ("reserve", 90.0, 2.0),
    ]
    assert texts(view) == [
        "an order waits to reserve since 1 m 30 s",
        "events of gateway wait to be published since 12.0 s",
    ]


def test_the_newest_error_comes_first(shop):
    older = ERROR | {"time": "2026-11-22T16:14:59+00:00", "trace_id": None}
    view = looks(shop, lines=[older, *[ERROR] * 60])

    assert len(view.errors) == 50
    assert view.errors[0].trace_id == ERROR["trace_id"]
    assert looks(shop, lines=[ERROR, older]).errors[-1].trace_id == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"passing": False},
            "gateway 11815 is critical: broker is away; there is no other",
        ),
        (
            {"breaker": 2.0, "rejected": 3},
            "the circuit from gateway to product_service is open",
        ),
        ({"letters": 3}, "3 dead letters"),
        ({"letters": 1}, "1 dead letter"),
        ({"good": 95, "bad": 5}, "GET /v1/products fails: 5 % of its requests"),
        ({"good": 200, "slow": 100}, "GET /v1/products is slow: p99 492 ms"),
        ({"is_silent": True}, "gateway 11815: no answer on its internal port"),
        ({"is_broker_away": True}, "RabbitMQ: no answer in time"),
        ({"kv": {"chaos/mail": "error:9"}}, "a fault is set on purpose: mail=error:9"),
        ({"kv": {"maintenance": "all"}}, "maintenance is set: all"),
    ],
)  # fmt: skip
def test_what_needs_a_look_is_said(shop, changes, said):
    view = looks(shop, **changes)

    assert texts(view) == [said]
    assert view.level != "fine"


def test_who_stands_still_is_said_to_once(shop):
    expired = "TTL expired (last output before timeout follows): broker answers"
    view = looks(shop, passing=False, is_silent=True, output=expired)

    assert texts(view) == [
        "gateway 11815 is critical: it tells Consul nothing any more; there is no other"
    ]


def test_an_open_circuit_that_nobody_asks_needs_no_look(shop):
    view = looks(shop, breaker=2.0)

    assert [breaker.state for breaker in view.breakers] == ["open"]
    assert texts(view) == []


def test_problems_come_before_warnings(shop):
    view = looks(shop, letters=1, passing=False)

    assert [finding.level for finding in view.findings] == ["problem", "warning"]


def test_while_consul_is_away_those_are_asked_whom_it_knew(shop):
    view = looks(shop, is_consul_away=True, good=10)

    assert texts(view) == ["Consul: nobody is there"]
    assert [route.rate for route in view.routes] == [1.0]
    assert [one.service for one in view.instances] == ["gateway", "redis"]
