"""What the reports of the two mixes say, also when half of them is there."""

from bench.capacity import Found
from bench.capacity_chart import picture
from bench.capacity_report import render
from bench.look import Look
from bench.marketplace import FULL
from bench.marketplace import Found as Market
from bench.marketplace_chart import picture as market_picture
from bench.marketplace_report import render as render_market

KINDS = {"customer session": {"requests": 40, "p50": 90.0, "p95": 150.0, "p99": 200.0}}


def looked(rate=0.0, clients=0, p99=90.0, requests=1_000):
    return Look(
        rate=rate,
        clients=clients,
        seconds=10,
        requests=requests,
        errors=0,
        percentiles={"p50": 5.0, "p95": 60.0, "p99": p99},
        kinds={"checkout": {"requests": 20, "errors": {}, "p50": 80.0}},
        cpu={"order_service": 3.0, "gateway": 1.0},
        elsewhere=2.0,
        idle=0.1,
        products=10_000,
    )


def found():
    return Found(
        rates={1: [looked(100), looked(200, p99=900.0, requests=2_000)]},
        clients={1: [looked(clients=n, requests=1_000 * n) for n in (1, 2, 4)]},
        idle={1: {"gateway": 0.1}},
        missing=["orders: the machine fell over"],
    )


def test_it_says_how_far_the_aim_is_and_where_the_time_goes():
    said = render(found(), {}, 60.0)

    assert "bears 100 requests a second" in said
    assert "2.2% of the peak of 4,630/s" in said
    assert (
        "costs 4.00 CPU-ms there, 10.0 times the 0.4 of the aim, 3.00 of them" in said
    )
    assert "order_service 75%, gateway 25%" in said


def test_what_was_not_measured_is_said_and_the_rest_is_there():
    said = render(found(), {}, 60.0)
    picture(found())

    assert "**Not measured**: orders: the machine fell over" in said
    assert "### 1 of each service: 100/s" in said


def test_a_run_that_was_stopped_at_once_has_a_report():
    picture(Found())

    assert "No rate that was tried was borne." in render(Found(), {}, 1.0)


def test_nothing_is_fitted_to_a_shop_that_answered_nothing():
    silent = Found(clients={1: [looked(clients=n, requests=0) for n in (1, 2, 4)]})
    picture(silent)

    assert "Too little was answered" in render(silent, {}, 1.0)


def test_a_marketplace_run_tells_its_cost_by_service():
    run = {
        **{"distribution": "zipf", "processes": 2, "clients": 4, "seconds": 10},
        **{"kinds": KINDS, "cpu": {"order_service": 2.0}, "nothing to deliver": 10},
        **{"aborts": {}, "anomalies": {}},
    }
    market = Market(FULL, runs=[run])
    market_picture(market.runs)
    said = render_market(market, {}, 1.0)

    assert "zipf, 2 of each: 4 tx/s with 4 clients" in said
    assert "| zipf | 2 | 4 | 4.0 | 2.0 | 25% | 50.00 | 0 | 0 |" in said
    assert "| zipf | 2 | 4 | 50.00 | **50.00** |" in said
