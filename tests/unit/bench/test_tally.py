import json

from bench.tally import BEGUN, ENDED, Tally, percentile


class Clock:
    now = 1.0

    def __call__(self):
        return self.now


def answers(tally, clock, count, each=0.5):
    for _ in range(count):
        asked, clock.now = clock.now, clock.now + each
        tally.add(asked)


def test_only_what_follows_the_warm_up_is_measured():
    said, clock = [], Clock()
    tally = Tally(seconds=3.0, clock=clock, tell=said.append)

    answers(tally, clock, 4)
    assert said == []
    tally.fail()
    answers(tally, clock, 1)
    assert said == [BEGUN]
    tally.fail()
    answers(tally, clock, 6)

    assert tally.is_full
    assert json.loads(said[1].removeprefix(ENDED)) == {
        "requests": 7,
        "seconds": 3.0,
        "errors": 1,
        "p50": 500.0,
        "p90": 500.0,
        "p99": 500.0,
    }


def test_late_answers_are_not_counted_twice():
    said, clock = [], Clock()
    tally = Tally(seconds=1.0, clock=clock, tell=said.append)
    answers(tally, clock, 20)
    assert len(said) == 2


def test_a_percentile_is_one_of_the_values():
    hundred = list(range(1, 101))
    assert [percentile(hundred, p) for p in (50, 90, 99)] == [50, 90, 99]
    assert percentile([7.0], 99) == 7.0
