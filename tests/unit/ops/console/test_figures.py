"""Figures are read and reckoned as Prometheus does it."""

from math import inf

import pytest

from ops.console.figures import Window, quantile, read

CALLS = "calls_total"


def sample(value, **labels):
    return {CALLS: {tuple(labels.items()): value}}


def window(*samples, width=60):
    made = Window(width)
    for now, readings in samples:
        made.add(now, readings)
    return made


def amounts(window, **options):
    return {g.process: (g.amount, g.rate) for g in window.growths(CALLS, **options)}


def test_only_what_is_wanted_is_read():
    told = b'# TYPE a counter\na{x="1",y="two, {three}"} 4\nb 5\na{x="2",y=""} 1e+03\n'

    found = read(told, {"a"})

    assert found == {
        "a": {(("x", "1"), ("y", "two, {three}")): 4.0, (("x", "2"), ("y", "")): 1000.0}
    }


def test_what_is_escaped_is_read_as_it_was_meant():
    found = read(rb'a{x="say \"no\"\\\n"} 1', {"a"})

    assert found == {"a": {(("x", 'say "no"\\\n'),): 1.0}}


def test_a_rate_takes_two_samples_of_a_process():
    made = window(
        (0, {"one": sample(5)}), (10, {"one": sample(25), "two": sample(1000)})
    )

    assert amounts(made) == {"one": (20.0, 2.0)}


def test_a_counter_that_begins_again_counts_on():
    made = window(*((at, {"one": sample(v)}) for at, v in ((0, 90), (5, 100), (10, 3))))

    assert amounts(made) == {"one": (13.0, 1.3)}


def test_what_is_new_in_a_process_has_begun_at_nothing():
    made = window((0, {"one": {}}), (4, {"one": sample(8)}))

    assert amounts(made) == {"one": (8.0, 2.0)}


def test_a_window_forgets_and_keeps_two():
    made = window(*((at, {"one": sample(at)}) for at in (0, 30, 60, 90)))
    late = window((0, {"one": sample(0)}), (500, {"one": sample(50)}))

    assert (made.seconds, amounts(made)["one"][0]) == (60, 60.0)
    assert amounts(made, newest=True) == {"one": (30.0, 1.0)}
    assert amounts(late) == {"one": (50.0, 0.1)}


def test_nobody_is_in_a_window_that_is_empty():
    assert not amounts(Window(60))
    assert Window(60).seconds == 0


@pytest.mark.parametrize(
    ("share", "seconds"), [(0.5, 0.1), (0.75, 0.2), (0.9, 0.3), (0.99, 0.3)]
)
def test_a_quantile_lies_between_the_bounds(share, seconds):
    buckets = {0.1: 50.0, 0.3: 100.0 - 10, inf: 100.0}

    assert quantile(buckets, share) == pytest.approx(seconds, abs=0.026)


def test_there_is_no_quantile_of_nothing():
    assert quantile({}, 0.5) is None
    assert quantile({0.1: 0.0, inf: 0.0}, 0.5) is None
