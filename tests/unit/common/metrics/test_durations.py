"""Durations land in the bucket that they belong to."""

from prometheus_client import CollectorRegistry

from common.metrics.durations import BOUNDS, PROMISED, Durations, Histogram


def shown(durations):
    registry = CollectorRegistry()
    registry.register(durations)
    return registry.get_sample_value


def test_what_the_shop_promises_is_an_edge():
    assert PROMISED in BOUNDS
    assert sorted(BOUNDS) == list(BOUNDS)


def test_a_duration_is_below_every_edge_from_its_own_on():
    durations = Durations("trip_seconds", "A trip", ("way",))
    for seconds in (0.3, 0.301, 99.0):
        durations.add(("home",), seconds)
    read = shown(durations)

    def below(edge):
        return read("trip_seconds_bucket", {"way": "home", "le": edge})

    assert below("0.2") == 0
    assert below("0.3") == 1
    assert below("0.5") == 2
    assert below("10.0") == 2
    assert below("+Inf") == 3
    assert read("trip_seconds_count", {"way": "home"}) == 3
    assert read("trip_seconds_sum", {"way": "home"}) == 99.601


def test_what_nobody_measured_is_below_every_edge():
    histogram = Histogram()
    histogram.add(0.02)

    buckets = dict(histogram.buckets(shorter=5))

    assert buckets["0.001"] == 5
    assert buckets["+Inf"] == 6


def test_nothing_is_shown_of_what_never_happened():
    assert shown(Durations("trip_seconds", "A trip"))("trip_seconds_count") is None
