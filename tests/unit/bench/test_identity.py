"""What is said of the sign-in follows from what was measured."""

from itertools import pairwise

import pytest

from bench import guesses
from bench.guesses import Guesses
from bench.identity_report import Findings, judged, render
from bench.readers import PER_SECOND, READERS, moments


def findings(**changes):
    usual = {
        "idle": [1.0] * 99 + [10.0],
        "stormy": [2.0] * 98 + [15.0, 30.0],
        "errors": 0,
        "statuses": {"200": 3, "429": 12},
        "sign_ins": [100.0, 200.0, 300.0],
        "guesses": Guesses([50.0, 51.0, 52.0], [50.5, 51.5, 52.5]),
    }
    return Findings(**usual | changes)


def verdicts(found):
    return [met for _, _, met in judged(found)]


def test_a_crowd_may_cost_others_twice_the_time():
    assert verdicts(findings(stormy=[2.0]))[0] == "yes"
    assert verdicts(findings(idle=[1.0], stormy=[2.1]))[0] == "no"


def test_a_read_that_fails_is_no_quick_read():
    assert verdicts(findings(stormy=[1.0], errors=1))[0] == "no"


def test_the_report_says_how_the_crowd_was_answered():
    assert "200 3 times, 429 12 times" in render(findings(), {}, 1.0)


def test_two_samples_of_one_kind_hardly_differ():
    alike = Guesses(
        [float(n) for n in range(0, 200, 2)], [n + 1.0 for n in range(0, 200, 2)]
    )
    apart = Guesses([float(n) for n in range(100)], [n + 50.0 for n in range(100)])

    assert alike.chance > 0.5
    assert apart.chance < 0.001


def test_everybody_is_guessed_at_and_timed():
    asked = []

    found = guesses.guess(asked.append, ["a", "b"], ["c", "d", "e"])

    assert sorted(asked) == ["a", "b", "c", "d", "e"]
    assert (len(found.known), len(found.unknown)) == (2, 3)


def test_the_readers_take_turns_at_one_pace():
    due = sorted(m for number in range(READERS) for m in moments(number, 2, 10.0))

    gaps = [late - early for early, late in pairwise(due)]
    assert len(due) == 2 * PER_SECOND
    assert gaps == pytest.approx([1 / PER_SECOND] * len(gaps))


def test_all_rounds_count_together():
    def read(*latencies, errors=0):
        return {"latencies": list(latencies), "errors": errors}

    def crowd(**statuses):
        return {"latencies": [50.0], "statuses": statuses}

    found = Findings.of(
        [
            (read(3.0), read(4.0, errors=1), crowd(ok=1, busy=2)),
            (read(1.0), read(2.0), crowd(ok=3)),
        ],
        Guesses([1.0], [1.0]),
    )

    assert (found.idle, found.stormy, found.errors) == ([1.0, 3.0], [2.0, 4.0], 1)
    assert (found.statuses, found.sign_ins) == ({"ok": 4, "busy": 2}, [50.0, 50.0])
