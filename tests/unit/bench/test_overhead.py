"""The overhead of telemetry is what a round finds by itself, in the middle."""

from bench.measurement import Measurement
from bench.overhead_report import judged, overhead, render


def a_round(off, on, errors=0):
    """CPU-milliseconds of a request."""

    def measured(ms):
        kinds = ("uncached", "cached", "order")
        cpu = {"gateway": ms}
        return {
            kind: Measurement(kind, 1000 + errors, 1.0, errors, 1, 1, 1, cpu)
            for kind in kinds
        }

    return {"off": measured(off), "on": measured(on)}


def test_a_machine_that_was_busy_in_one_round_does_not_count():
    rounds = [a_round(1.0, 1.05), a_round(2.0, 2.1), a_round(1.0, 3.0)]

    assert round(overhead(rounds, "order"), 3) == 0.05
    assert [met for *_, met in judged(rounds)] == ["yes"] * 3
    assert "+5.0% … +200.0%" in render(rounds, {}, 1.0)


def test_more_than_a_tenth_is_too_much():
    assert {met for *_, met in judged([a_round(1.0, 1.11)])} == {"no"}


def test_errors_are_no_success():
    assert {met for *_, met in judged([a_round(1.0, 1.0, errors=50)])} == {"no"}
